"""The data of a run: validation and test images are never trained on, and extra captions teach words."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image
from shapes import write_shapes

from encoded_text import InputError
from single_net.config import DataConfig, RunConfig
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset
from single_net.evaluation.protocol import evaluate_split
from single_net.inference.model import Model
from single_net.training import data as data_module
from single_net.training import loop
from single_net.training.components import build_components
from single_net.training.data import TrainingData, load_training_data

pytestmark = pytest.mark.usefixtures("shallow_backbone")


def config(root: Path, **encoder) -> RunConfig:
    return RunConfig.from_dict(
        {
            "data": {"name": "table", "root": str(root)},
            "encoder": encoder,
            "network": {"image_size": 75},
            "batch": {"size": 12},
            "training": {"epochs": 0.4},
        }
    )


@pytest.mark.parametrize("split", ["val", "test"])
@pytest.mark.slow
def test_training_does_not_begin_where_a_tested_image_is_among_its_own(tmp_path, split):
    root = write_shapes(tmp_path / "shapes", {"train": 6, "val": 3, "test": 3})
    Image.open(root / "train3.png").resize((120, 100)).save(root / f"{split}1.png")
    with pytest.raises(InputError, match=rf"1 of the 3 {split} images of table, e\.g\. {split}1\.png.*--skip-bad"):
        loop.train(config(root), tmp_path / "run")
    values = config(root).to_dict()
    values["data"]["skip_bad"] = True
    parts = build_components(RunConfig.from_dict(values), tmp_path, torch.device("cpu"), None)
    described = parts.described_data["training_data"]
    assert described["images"] == len(parts.fingerprints.images) == 5
    assert described["skipped"] == {"also in the validation or test split": 1}


@pytest.mark.slow
def test_extra_captions_teach_words_and_those_of_tested_images_do_not(tmp_path, monkeypatch):
    root = write_shapes(tmp_path / "shapes", {"train": 6, "val": 3, "test": 3})
    flickr = tmp_path / "flickr30k"
    flickr.mkdir()
    names = [f"10002682{i:02}" for i in range(3)]
    captions = ["a zebra by a pond", "a giraffe", "an okapi"]
    (flickr / "results_20130124.token").write_text(
        "".join(f"{name}.jpg#0\t{caption}\n" for name, caption in zip(names, captions, strict=True))
    )
    (flickr / "train.txt").write_text("\n".join(names))
    (flickr / "val.txt").write_text("99900098\n")
    (flickr / "test.txt").write_text("99900099\n")
    with open(root / "captions.csv", "a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(("test0.png", "A giraffe.", "test"))
    monkeypatch.setenv("FLICKR30K_ROOT", str(flickr))
    model = loop.train(config(root, extra_captions="flickr30k"), tmp_path / "run")
    assert {"zebra", "pond", "okapi"} <= set(model.encoder.words) and "giraffe" not in model.encoder.words
    assert model.meta["extra_captions"]["images"] == 2
    loaded = Model.load(tmp_path / "run")
    assert len(loaded.fingerprints.images) == 6 and len(loaded.fingerprints.captions) == 2
    test = load_dataset("table", root, "test")
    changed = CaptionDataset(test.name, "test", test.ids, test.images, [*test.captions[:2], ["an Okapi"]])
    with pytest.raises(InputError, match="was trained on captions of the 3 test images"):
        evaluate_split(loaded, changed)


def test_extra_captions_without_a_root_are_told_before_the_images_are_decoded(shapes, monkeypatch):
    monkeypatch.delenv("FLICKR30K_ROOT", raising=False)
    monkeypatch.setattr(data_module, "prepare_images", lambda *_, **__: pytest.fail("images were decoded"))
    with pytest.raises(InputError, match=r"where is flickr30k\?.*set FLICKR30K_ROOT.*--set encoder\.extra_captions="):
        load_training_data(DataConfig(name="table", root=str(shapes)), 75, "flickr30k")


def test_captions_of_an_image_that_is_left_out_as_tested_are_no_extra_captions(tmp_path, monkeypatch):
    root = write_shapes(tmp_path / "shapes", {"train": 6, "val": 3, "test": 3})
    Image.open(root / "train3.png").resize((120, 100)).save(root / "test1.png")
    monkeypatch.setenv("TABLE_ROOT", str(root))
    data = load_training_data(DataConfig(name="table", root=str(root), skip_bad=True), 75, "table")
    assert "train3.png" not in data.train.ids and len(data.train) == 5
    assert data.extra is not None and len(data.extra) == 0


def load(root: Path, **settings) -> TrainingData:
    return load_training_data(DataConfig(name="table", root=str(root), **settings), image_size=16)


def without_rows(root: Path, split: str) -> None:
    lines = (root / "captions.csv").read_text().splitlines()
    (root / "captions.csv").write_text("\n".join(line for line in lines if not line.endswith(f",{split}")))


@pytest.mark.filterwarnings("ignore:.*fewer than five")
@pytest.mark.parametrize("split", ["val", "test"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.unlink(), "1.png is missing"),
        (lambda file: file.write_bytes(b"no image"), "1.png: not a readable image"),
        (lambda file: empty_caption(file), "the caption of .*1.png is empty"),
    ],
    ids=["missing", "unreadable", "empty caption"],
)
def test_a_bad_image_or_caption_of_a_tested_split_stops_or_is_left_out(tmp_path, split, damage, message):
    root = write_shapes(tmp_path / "shapes", {"train": 3, "val": 2, "test": 2})
    damage(root / f"{split}1.png")
    with pytest.raises(InputError, match=rf"table {split}: .*{message}.*--skip-bad"):
        load(root)
    with pytest.warns(UserWarning, match=rf"table {split}: left out \(.*: 1.*\), the first: "):
        assert load(root, skip_bad=True).val is not None


def empty_caption(image: Path) -> None:
    with open(image.parent / "captions.csv", "a", encoding="utf-8") as file:
        file.write(f"{image.name}, ,{image.name.rstrip('1.png')}\n")


@pytest.mark.parametrize("split", ["val", "test"])
def test_only_a_data_set_without_the_split_goes_on_and_says_what_it_goes_without(tmp_path, capsys, split):
    root = write_shapes(tmp_path / "shapes", {"train": 3, "val": 2, "test": 2})
    without_rows(root, split)
    data = load(root)
    assert (data.val is None) == (split == "val")
    what = "no scores on a validation set" if split == "val" else "not be compared with those of a test split"
    assert f"{what}: table {split}: {root} has no images of this split" in capsys.readouterr().err


def test_the_description_of_training_data_changes_with_the_pixels(tmp_path):
    root = write_shapes(tmp_path / "shapes", {"train": 3, "val": 2, "test": 2})
    before = load(root).train.describe()
    assert len(before["images_sha256"]) == 64 and load(root).train.describe() == before
    assert load(root, train_images=2).train.describe()["images_sha256"] != before["images_sha256"]
    Image.new("RGB", (90, 90), "white").save(root / "train1.png")
    after = load(root).train.describe()
    assert after["images_sha256"] != before["images_sha256"] and after["sha256"] == before["sha256"]
    shutil.copytree(root, tmp_path / "moved")
    assert load(tmp_path / "moved").train.describe() == after


def test_training_images_that_are_left_out_are_told(tmp_path):
    root = write_shapes(tmp_path / "shapes", {"train": 3, "val": 2, "test": 2})
    before = load(root).train.images_sha256
    Image.open(root / "train1.png").resize((120, 100)).save(root / "test1.png")
    told = r"table train: left out \(also in the validation or test split: 1\), the first: train1.png"
    with pytest.warns(UserWarning, match=told):
        data = load(root, skip_bad=True)
    assert list(data.train.ids) == ["train0.png", "train2.png"] and data.train.images_sha256 not in (None, before)
