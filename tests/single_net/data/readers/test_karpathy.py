"""Karpathy's json, for "karpathy" and "coco"."""

from __future__ import annotations

import json
import os

import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import load_dataset

pytestmark = pytest.mark.filterwarnings("ignore:.*left out")


def image(name, split, captions=5, **more):
    sentences = [{"raw": f"caption {i} of {name}", "tokens": ["caption"]} for i in range(captions)]
    return {"filename": name, "split": split, "sentences": sentences, **more}


def write(path, images):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "dataset": "some"}))


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def write_coco(root):
    names = {"train": "COCO_train2014_000000000001.jpg"}
    names |= {s: f"COCO_val2014_{n:012d}.jpg" for n, s in enumerate(["restval", "test", "val"], 2)}
    folders = {"train": "train2014"}
    images = [image(names[s], s, 5 + (s == "test"), filepath=folders.get(s, "val2014")) for s in reversed(names)]
    write(root / "annotations" / "dataset_coco.json", images)
    return names


def test_restval_is_training_and_the_order_is_that_of_the_list(tmp_path):
    names = write_coco(tmp_path)
    touch(*(tmp_path / ("train2014" if s == "train" else "val2014") / n for s, n in names.items()))
    train = load_dataset("coco", tmp_path, "train")
    assert train.ids == [names["restval"], names["train"]]
    assert train.images == [tmp_path / "val2014" / names["restval"], tmp_path / "train2014" / names["train"]]
    test = load_dataset("coco", tmp_path)
    assert test.ids == [names["test"]] and len(test.captions[0]) == 6
    assert len(test.first(1000).captions[0]) == 5


def test_numbers_of_coco_where_every_image_and_caption_has_one(tmp_path):
    one, two = (image(f"{name}.jpg", "test", 2, cocoid=7) for name in "ab")
    for i, sentence in enumerate(one["sentences"]):
        sentence["sentid"] = 70 + i
    touch(tmp_path / "a.jpg", tmp_path / "b.jpg")
    write(tmp_path / "dataset_coco.json", [one])
    assert load_dataset("coco", tmp_path).numbers == [(7, [70, 71])]
    write(tmp_path / "dataset_coco.json", [one, two])
    assert load_dataset("coco", tmp_path).numbers is None


def test_the_folders_of_2017_serve_as_well(tmp_path):
    names = write_coco(tmp_path)
    touch(tmp_path / "images" / "train2017" / "000000000003.jpg")
    data = load_dataset("coco", tmp_path)
    assert data.ids == [names["test"]]
    assert data.images == [tmp_path / "images" / "train2017" / "000000000003.jpg"]


def test_karpathy_takes_the_file_or_its_folder(tmp_path):
    write(tmp_path / "dataset_mine.json", [image("a.jpg", "val", filepath="deep/er")])
    touch(tmp_path / "deep" / "er" / "a.jpg")
    for root in (tmp_path, tmp_path / "dataset_mine.json"):
        data = load_dataset("karpathy", root, "val")
        assert data.name == "mine" and data.images == [tmp_path / "deep" / "er" / "a.jpg"]
    write(tmp_path / "dataset_other.json", [])
    with pytest.raises(InputError, match=r"one dataset_\*.json is expected, 2 found"):
        load_dataset("karpathy", tmp_path)


def test_paths_that_leave_the_root_are_missing(tmp_path):
    touch(tmp_path / "secret" / "a.jpg")
    write(tmp_path / "root" / "dataset_x.json", [image("a.jpg", "test", filepath="../secret")])
    with pytest.raises(InputError, match="is missing"):
        load_dataset("karpathy", tmp_path / "root")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("no object", r"images\[1\]: an object is expected"),
        ({"split": "test"}, r"images\[1\]: no \"filename\""),
        ({"filename": " ", "split": "test", "sentences": []}, r"images\[1\]: no \"filename\""),
        ({"filename": "b.jpg", "filepath": 5, "split": "test"}, r"images\[1\]: \"filepath\" is 5, not a folder"),
        ({"filename": "b.jpg", "split": "dev", "sentences": []}, r"images\[1\]: \"split\" is 'dev'"),
        ({"filename": "b.jpg", "split": ["test"], "sentences": []}, r"images\[1\]: \"split\" is \['test'\]"),
        ({"filename": "b.jpg", "split": "test"}, r"images\[1\]: \"sentences\" is not a list"),
        ({"filename": "b.jpg", "split": "test", "sentences": [{"raw": 5}]}, r"\"sentences\" is not a list"),
    ],
)
def test_entries_of_the_wrong_form(tmp_path, wrong, message):
    touch(tmp_path / "a.jpg")
    write(tmp_path / "dataset_x.json", [image("a.jpg", "test"), wrong])
    with pytest.raises(InputError, match=message):
        load_dataset("karpathy", tmp_path)
    data = load_dataset("karpathy", tmp_path, skip_bad=True)
    assert data.ids == ["a.jpg"] and data.skipped == {"entry of the wrong form": 1}


def test_duplicates_empty_captions_and_none(tmp_path):
    touch(*(tmp_path / name for name in ("a.jpg", "b.jpg")))
    blank = image("a.jpg", "test", 6)
    blank["sentences"][2]["raw"] = "\n"
    write(tmp_path / "dataset_x.json", [blank, image("b.jpg", "test", 0), image("a.jpg", "test")])
    with pytest.raises(InputError, match=r"images\[2\]: a.jpg is named twice .*empty caption: 1, .* captions: 1"):
        load_dataset("karpathy", tmp_path)
    data = load_dataset("karpathy", tmp_path, skip_bad=True)
    assert data.skipped == {"image named twice": 1, "empty caption": 1, "image without captions": 1}
    assert data.captions == [[f"caption {i} of a.jpg" for i in (0, 1, 3, 4, 5)]]


def test_fewer_than_five_captions_are_kept_with_a_warning(tmp_path):
    touch(tmp_path / "a.jpg", tmp_path / "b.jpg")
    write(tmp_path / "dataset_x.json", [image("a.jpg", "test", 3), image("b.jpg", "test", 5)])
    with pytest.warns(UserWarning, match=r"1 of 2 images have fewer than five captions.*a.jpg"):
        assert len(load_dataset("karpathy", tmp_path).captions[0]) == 3


def test_fewer_than_five_captions_of_every_image_are_no_fault(tmp_path, recwarn):
    touch(tmp_path / "a.jpg", tmp_path / "b.jpg")
    write(tmp_path / "dataset_x.json", [image("a.jpg", "test", 2), image("b.jpg", "test", 2)])
    assert [len(of) for of in load_dataset("karpathy", tmp_path).captions] == [2, 2]
    assert not recwarn.list


def test_an_image_in_two_splits_always_stops(tmp_path):
    touch(tmp_path / "a.jpg")
    write(tmp_path / "dataset_x.json", [image("a.jpg", "restval"), image("a.jpg", "test")])
    with pytest.raises(InputError, match=r"images\[1\]: a.jpg is in two splits, train and test"):
        load_dataset("karpathy", tmp_path, skip_bad=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"images":\n [', r"dataset_x.json line 2: not JSON"),
        (b"", r"dataset_x.json: the file is empty"),
        (b"[]", r"dataset_x.json: a JSON object is expected, not a list"),
        (b"{}", r"dataset_x.json: no list \"images\""),
        (b'{"images": ' + b"1" * 5000 + b"}", r"dataset_x.json: not a file of captions"),
        (b"[" * 200_000, r"dataset_x.json: (nested too deeply|not)"),
        ('{"images": []}'.encode("utf-16"), r"dataset_x.json line 1: UTF-16"),
        ('{"images": []}'.encode("utf-16-le"), r"dataset_x.json line 1: UTF-16"),
        (b'{"images":\n\n "caf\xe9"}', r"dataset_x.json line 3: not UTF-8"),
    ],
)
def test_files_that_are_not_karpathys(tmp_path, content, message):
    (tmp_path / "dataset_x.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_dataset("karpathy", tmp_path, skip_bad=True)


@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_missing_file_is_not_replaced_by_one_of_the_same_name_in_another_folder(tmp_path, skip_bad):
    here, there = (image("a.jpg", split, filepath=folder) for split, folder in (("test", "here"), ("train", "there")))
    touch(tmp_path / "there" / "a.jpg", tmp_path / "images" / "a.jpg", tmp_path / "a.jpg")
    write(tmp_path / "dataset_x.json", [here, there])
    with pytest.raises(InputError, match=r"here/a.jpg is missing|no image is left"):
        load_dataset("karpathy", tmp_path, skip_bad=skip_bad)
    assert load_dataset("karpathy", tmp_path, "train").images == [tmp_path / "there" / "a.jpg"]


def test_images_of_one_name_in_two_folders_are_two_images(tmp_path):
    images = [image("a.jpg", "test", filepath=folder) for folder in ("one", "two")]
    write(
        tmp_path / "dataset_x.json",
        [*images, image("b.jpg", "test", filepath="two"), image("a.jpg", "train", filepath="3")],
    )
    touch(*(tmp_path / name for name in ("one/a.jpg", "two/a.jpg", "two/b.jpg", "3/a.jpg")))
    data = load_dataset("karpathy", tmp_path)
    assert data.ids == ["one/a.jpg", "two/a.jpg", "b.jpg"] and data.images == [
        tmp_path / "one/a.jpg",
        tmp_path / "two/a.jpg",
        tmp_path / "two/b.jpg",
    ]
    assert load_dataset("karpathy", tmp_path, "train").ids == ["3/a.jpg"]


def test_two_spellings_of_a_path_are_one_image(tmp_path):
    touch(tmp_path / "in" / "a.jpg")
    images = [image("a.jpg", "test", filepath="in"), image("in/a.jpg", "test")]
    write(tmp_path / "dataset_x.json", images)
    with pytest.raises(InputError, match=r"dataset_x.json images\[1\]: in/a.jpg is named twice"):
        load_dataset("karpathy", tmp_path)
    write(tmp_path / "dataset_x.json", [images[0], image("./in/a.jpg", "val")])
    with pytest.raises(InputError, match=r"dataset_x.json images\[1\]: in/a.jpg is in two splits"):
        load_dataset("karpathy", tmp_path)


def test_another_name_is_found_by_its_form_and_names_the_data_set(tmp_path):
    touch(tmp_path / "a.jpg")
    write(tmp_path / "birds.json", [image("a.jpg", "test")])
    (tmp_path / "settings.json").write_text('{"images": 5}')
    (tmp_path / "empty.json").write_text("")
    assert load_dataset("karpathy", tmp_path).name == "birds"
    write(tmp_path / "cats.json", [image("a.jpg", "test")])
    with pytest.raises(InputError, match=r"2 found \(birds.json, cats.json\)"):
        load_dataset("karpathy", tmp_path)


def test_images_apart_from_the_file(tmp_path):
    touch(tmp_path / "far" / "off" / "a.jpg")
    write(tmp_path / "here" / "dataset_x.json", [image("a.jpg", "test", filepath="off")])
    with pytest.raises(InputError, match=r"here/off/a.jpg is missing, named in .*here/dataset_x.json images\[0\]"):
        load_dataset("karpathy", tmp_path / "here")
    assert load_dataset("karpathy", tmp_path / "here", image_folder=tmp_path / "far").ids == ["a.jpg"]
    with pytest.raises(InputError, match="nowhere: no such folder of images"):
        load_dataset("karpathy", tmp_path / "here", image_folder=tmp_path / "nowhere")


@pytest.mark.parametrize("stem, name", [("caf\\xe9\x07", "caf_xe9_"), ("n" * 200, "n" * 60), ("a b", "a b")])
def test_the_name_of_the_file_becomes_a_name_for_the_cache(tmp_path, stem, name):
    path = tmp_path / f"dataset_{stem}.json"
    write(path, [image("a.jpg", "train")])
    assert load_dataset("karpathy", path, "train", captions_only=True).name == name


def test_a_folder_that_cannot_be_read_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "lost+found").mkdir()
    write(tmp_path / "annotations" / "dataset_coco.json", [image("a.jpg", "train")])

    def stat(path, *args, **options):
        if "lost+found/" in os.fspath(path):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **options)

    real = os.stat
    monkeypatch.setattr(os, "stat", stat)
    assert len(load_dataset("coco", tmp_path, "train", captions_only=True)) == 1


@pytest.mark.parametrize("captions_only", [False, True])
def test_a_nul_in_a_folders_name_is_an_entry_of_the_wrong_form(tmp_path, captions_only):
    write(tmp_path / "dataset.json", [image("a.jpg", "test", filepath="a\0b")])
    with pytest.raises(InputError, match="filepath"):
        load_dataset("karpathy", tmp_path / "dataset.json", "test", captions_only=captions_only)
