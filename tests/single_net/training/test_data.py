"""The data of a run: validation and test images are never trained on, and extra captions teach words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image
from shapes import write_shapes

from encoded_text import InputError
from single_net.config import RunConfig
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset
from single_net.evaluation.protocol import evaluate_split
from single_net.inference.model import Model
from single_net.training import loop


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
    model = loop.train(RunConfig.from_dict(values), tmp_path / "skipped")
    assert model.meta["training_data"]["images"] == len(model.fingerprints.images) == 5
    assert model.meta["training_data"]["skipped"] == {"also in the validation or test split": 1}


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
    with pytest.raises(InputError, match="learnt words from captions of the 3 test images"):
        evaluate_split(loaded, changed)
