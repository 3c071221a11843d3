"""COCO from the official caption files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import load_dataset


def write(root, part, images, captions=5, year=2017):
    """Captions of `part`, ids counting down, and empty image files; captions interleaved as in the real files."""
    ids = list(range(images, 0, -1))
    folder = root / f"{part}{year}"
    folder.mkdir(parents=True)
    for id in ids:
        (folder / f"{id:012d}.jpg").write_bytes(b"")
    document = {
        "images": [{"id": id, "file_name": f"{id:012d}.jpg"} for id in ids],
        "annotations": [
            {"id": 10_000 * id + i, "image_id": id, "caption": f"{part} {id} caption {i}\n"}
            for i in range(captions)
            for id in sorted(ids)
        ],
    }
    save(root, part, document, year)
    return document


def save(root, part, document, year=2017):
    (root / "annotations").mkdir(exist_ok=True)
    (root / "annotations" / f"captions_{part}{year}.json").write_text(json.dumps(document))


def test_test_is_the_val_file_in_its_order_with_all_captions(tmp_path):
    write(tmp_path, "val", 4, captions=7)
    data = load_dataset("coco", tmp_path)
    assert data.ids == [f"{id:012d}.jpg" for id in (4, 3, 2, 1)]
    assert data.images[0] == tmp_path / "val2017" / "000000000004.jpg"
    assert data.captions[0] == [f"val 4 caption {i}" for i in range(7)]
    assert data.first(2).captions == [[f"val {id} caption {i}" for i in range(5)] for id in (4, 3)]
    assert data.first(2).numbers == [(id, [10_000 * id + i for i in range(5)]) for id in (4, 3)]


def test_val_is_the_last_thousand_of_the_train_file(tmp_path):
    write(tmp_path, "train", 1003)
    write(tmp_path, "val", 2)
    assert load_dataset("coco", tmp_path, "train").ids == [f"{id:012d}.jpg" for id in (1003, 1002, 1001)]
    val = load_dataset("coco", tmp_path, "val")
    assert val.ids == [f"{id:012d}.jpg" for id in range(1000, 0, -1)]


def test_a_train_file_too_small_for_both(tmp_path):
    write(tmp_path, "train", 3)
    with pytest.raises(InputError, match=r"captions_train2017.json: 3 images; its last 1000 are the val split"):
        load_dataset("coco", tmp_path, "train")


@pytest.mark.parametrize("split", ["train", "val"])
def test_with_the_val_file_alone_training_says_what_is_missing(tmp_path, split):
    write(tmp_path, "val", 2)
    with pytest.raises(
        InputError, match=rf"the {split} split of COCO needs dataset_coco.json .* captions_train2017.json"
    ):
        load_dataset("coco", tmp_path, split)


def test_both_parts_come_from_one_year(tmp_path):
    write(tmp_path, "val", 2, year=2017)
    write(tmp_path, "val", 3, year=2014)
    write(tmp_path, "train", 1001, year=2014)
    assert len(load_dataset("coco", tmp_path)) == 3, "train2017 would hold these images of val2014"
    assert len(load_dataset("coco", tmp_path, "train")) == 1
    write(tmp_path, "train", 1002, year=2017)
    assert len(load_dataset("coco", tmp_path)) == 2


def test_problems_are_named_by_entry_and_counted(tmp_path):
    document = write(tmp_path, "val", 3)
    good = document["annotations"][0]
    document["annotations"] += [
        {"id": 1, "image_id": 77, "caption": "of nothing"},
        good,
        {"id": 2, "image_id": 1, "caption": " "},
        {"id": 3, "image_id": 1},
        "no object",
    ]
    document["images"] += [document["images"][0], {"id": 9}, {"id": 8, "file_name": "000000000008.jpg"}]
    save(tmp_path, "val", document)
    (tmp_path / "val2017" / "000000000002.jpg").unlink()
    (tmp_path / "val2017" / "000000000008.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"captions_val2017.json images\[3\]: the id 3 is used twice"):
        load_dataset("coco", tmp_path)
    data = load_dataset("coco", tmp_path, skip_bad=True)
    assert data.ids == ["000000000003.jpg", "000000000001.jpg"]
    assert [len(captions) for captions in data.captions] == [5, 5]
    assert data.skipped == {
        "image named twice": 1,
        "entry of the wrong form": 3,
        "caption without image": 1,
        "caption given twice": 1,
        "missing image": 1,
        "empty caption": 1,
        "image without captions": 1,
    }


def test_a_caption_without_image_is_named(tmp_path):
    document = write(tmp_path, "val", 1)
    document["annotations"].append({"id": 1, "image_id": 77, "caption": "of nothing"})
    save(tmp_path, "val", document)
    with pytest.raises(InputError, match=r"captions_val2017.json annotations\[5\]: no image has the id 77"):
        load_dataset("coco", tmp_path)


def test_the_real_val2017():
    root = os.environ.get("COCO_ROOT") or pytest.skip("set COCO_ROOT to the folder of COCO to run this")
    if list(Path(root).glob("**/dataset_coco.json")) or not (Path(root) / "annotations/captions_val2017.json").exists():
        pytest.skip("COCO_ROOT holds other captions than annotations/captions_val2017.json")
    data = load_dataset("coco", root, captions_only=True)
    assert (len(data), len(data.flat_captions)) == (5000, 25_014)
    assert sum(len(captions) > 5 for captions in data.captions) == 13
    assert len(data.first(1000).flat_captions) == 5000
