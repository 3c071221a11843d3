"""Whoever trained on a test picture is found out, whatever the picture is called."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shapes import COLOURS, draw, write_shapes

from encoded_text import InputError
from single_net.config import RunConfig
from single_net.data import contamination, shared_captions
from single_net.data.contamination import Seen, compare, fingerprints
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset
from single_net.data.shared_captions import caption_numbers
from single_net.evaluation import record
from single_net.inference.model import Model
from single_net.training import loop


def photographs(n: int, size: int = 96, seed: int = 0) -> np.ndarray:
    """Made-up photographs: smooth random colours."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (n, 6, 6, 3), np.uint8)
    return np.stack([np.asarray(Image.fromarray(s).resize((size, size), Image.BICUBIC)) for s in small])


def saved_again(picture: np.ndarray, size: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).resize((120, 90), Image.LANCZOS).save(file, "JPEG", quality=30)
    return np.asarray(Image.open(file).convert("RGB").resize((size, size), Image.BICUBIC))


def data(n: int, captions: list[str] | None = None, split: str = "test", name: str = "p{}") -> CaptionDataset:
    captions = captions or [f"caption {i} of {split}" for i in range(n)]
    return CaptionDataset("made-up", split, [name.format(i) for i in range(n)], [None] * n, [[c] for c in captions])


def test_a_photograph_is_known_again_at_another_size_and_compression_and_others_are_not():
    known = photographs(40)
    again = np.stack([saved_again(picture, 80) for picture in known])
    same, nearest = compare(fingerprints(again), fingerprints(known))
    assert same.all() and nearest > contamination.SAME
    same, nearest = compare(fingerprints(photographs(40, seed=1)), fingerprints(known))
    assert not same.any() and nearest < 0.95


def test_the_same_thing_in_another_colour_is_another_picture():
    colours = [COLOURS[name] for name in ("red", "green", "yellow")]  # the blue is as bright as the background
    shirts = np.stack([draw(colour, "cross", np.random.default_rng(0)) for colour in colours])
    assert compare(fingerprints(shirts), fingerprints(shirts))[0].all()
    for i in range(len(shirts)):
        assert not compare(fingerprints(shirts[[i]]), fingerprints(np.delete(shirts, i, 0)))[0].any()


def test_pictures_of_one_colour_are_never_taken_for_another():
    plain = np.full((2, 96, 96, 3), 128, np.uint8)
    assert not compare(fingerprints(plain), fingerprints(plain))[0].any()


def test_a_test_on_a_training_photograph_is_refused_and_names_it():
    seen = Seen(fingerprints(photographs(6)), np.empty(0, np.int64))
    others = photographs(4, seed=1)
    kept = seen.require_unseen(data(4), others, "runs/mine")
    assert kept["photographs"] == kept["captions"] == 0 and 0 < kept["nearest"] < 0.95
    others[2] = photographs(6)[5]
    with pytest.raises(InputError, match=r"runs/mine was trained on 1 of the 4 test pictures of made-up, e\.g\. p2"):
        seen.require_unseen(data(4), others, "runs/mine")


def test_words_learnt_from_a_test_caption_are_refused():
    seen = Seen(fingerprints(photographs(6)), np.unique(caption_numbers(["A dog runs.", "a cat"])))
    assert seen.require_unseen(data(2, ["two dogs run", "dog"]), photographs(2, seed=1), "it")["captions"] == 0
    with pytest.raises(InputError, match=r"learnt words from captions of the 2 test pictures .*1, e\.g\. p1"):
        seen.require_unseen(data(2, ["two dogs", "a DOG runs"]), photographs(2, seed=1), "it")


def test_captions_count_as_equal_by_their_words():
    a, b, c = (caption_numbers([text]) for text in ("A dog, running !", "a dog running", "running a dog"))
    assert a == b and a != c
    assert len(caption_numbers(["!", "", "dog"])) == 1


def test_what_may_be_tested_on_is_left_out_of_further_captions():
    more = data(4, ["a dog runs", "a bird", "a cow", "a horse"], "train", "10002682{:02}.jpg")
    tested = data(2, ["A bird.", "two fish"], "val", "10002682{:02}_693b08cb0e.jpg").select([1])
    assert list(shared_captions.without(more, [tested]).ids) == [
        "1000268200.jpg",  # the first of `tested`'s names was not selected ...
        "1000268202.jpg",
        "1000268203.jpg",
    ]
    by_caption = data(1, ["A bird ."], "test", "other{}")
    assert list(shared_captions.without(more, [tested, by_caption]).ids) == [
        "1000268200.jpg",
        "1000268202.jpg",
        "1000268203.jpg",
    ]


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
def test_training_does_not_begin_where_a_tested_picture_is_among_its_own(tmp_path, split):
    root = write_shapes(tmp_path / "shapes", {"train": 6, "val": 3, "test": 3})
    Image.open(root / "train3.png").resize((120, 100)).save(root / f"{split}1.png")
    with pytest.raises(InputError, match=rf"1 of the 3 {split} pictures of table, e\.g\. {split}1\.png.*--skip-bad"):
        loop.train(config(root), tmp_path / "run")
    values = config(root).to_dict()
    values["data"]["skip_bad"] = True
    model = loop.train(RunConfig.from_dict(values), tmp_path / "skipped")
    assert model.meta["training_data"]["pictures"] == len(model.seen.photographs) == 5
    assert model.meta["training_data"]["skipped"] == {"also in the development or test split": 1}


def test_rows_of_an_array_are_those_asked_for():
    array = np.arange(10)
    rows = contamination.Rows(array, np.array([1, 2, 5, 7]))
    assert len(rows) == 4 and rows[1:3].tolist() == [2, 5] and rows[np.array([3, 0])].tolist() == [7, 1]


def test_further_captions_teach_words_and_those_of_tested_pictures_do_not(tmp_path, monkeypatch):
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
    model = loop.train(config(root, more_captions="flickr30k"), tmp_path / "run")
    assert {"zebra", "pond", "okapi"} <= set(model.encoder.words) and "giraffe" not in model.encoder.words
    assert model.meta["more_captions"]["pictures"] == 2
    loaded = Model.load(tmp_path / "run")
    assert len(loaded.seen.photographs) == 6 and len(loaded.seen.captions) == 2
    test = load_dataset("table", root, "test")
    changed = CaptionDataset(test.name, "test", test.ids, test.images, [*test.captions[:2], ["an Okapi"]])
    with pytest.raises(InputError, match="learnt words from captions of the 3 test pictures"):
        record.evaluate_split(loaded, changed)
