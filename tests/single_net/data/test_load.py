"""load_dataset: names, splits, roots."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import DATASETS, label, load_dataset, root_variable
from single_net.data.readers.problems import MissingSplit


def small_table(folder, captions="ABCDE"):
    (folder / "1.jpg").write_bytes(b"")
    rows = "".join(f"1.jpg,{caption},val\n" for caption in captions)
    (folder / "captions.csv").write_text("image,caption,split\n" + rows)
    return folder


def test_the_names_are_those_of_the_design():
    assert DATASETS == ("scenes", "flickr8k", "flickr30k", "coco", "karpathy", "table")


def test_unknown_names_and_splits_are_answered_with_the_choice(tmp_path):
    with pytest.raises(InputError, match=r"'flickr9k'.*scenes, flickr8k"):
        load_dataset("flickr9k", tmp_path)
    with pytest.raises(InputError, match=r"'testing'.*train, val, test"):
        load_dataset("flickr8k", tmp_path, "testing")


def test_the_root_comes_from_the_environment_where_none_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(small_table(tmp_path)))
    assert root_variable("table") == "TABLE_ROOT"
    assert load_dataset("table", split="val").ids == ["1.jpg"]


def test_a_data_set_without_a_label_is_printed_under_its_name():
    assert label("flickr8k") == "Flickr8k" and label("table") == "table"


@pytest.mark.parametrize("name", ["flickr8k", "flickr30k", "coco", "karpathy", "table"])
def test_without_a_root_the_message_names_the_variable(name, monkeypatch):
    variable = f"{name.upper()}_ROOT"
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(InputError, match=variable):
        load_dataset(name)
    monkeypatch.setenv(variable, "/no/such/folder")
    with pytest.raises(InputError, match=f"/no/such/folder .from {variable}"):
        load_dataset(name)


def test_a_file_is_no_root_for_the_published_sets(tmp_path):
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(InputError, match="not a file"):
        load_dataset("coco", tmp_path / "file.txt")


def test_scenes_take_no_root(tmp_path):
    with pytest.raises(InputError, match="take no folder"):
        load_dataset("scenes", tmp_path)


def test_dev_means_val(tmp_path):
    assert load_dataset("table", small_table(tmp_path), "dev").split == "val"


def test_one_word_captions_survive(tmp_path):
    assert load_dataset("table", small_table(tmp_path), "val").captions == [["A", "B", "C", "D", "E"]]


def test_a_folder_of_images_has_no_captions_and_no_choice_of_split(tmp_path):
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "a.png").write_bytes(b"")
    data = load_dataset("folder", tmp_path)
    assert (data.name, data.split, list(data.ids)) == ("folder", "own", ["a.png", "b.png"])
    assert data.captions == [[], []] and load_dataset("folder", str(tmp_path), "train").split == "own"
    with pytest.raises(InputError, match="path as root"):
        load_dataset("folder")
    with pytest.raises(InputError, match="no such folder of images"):
        load_dataset("folder", tmp_path / "none")


@pytest.mark.parametrize("name", ["flickr8k", "flickr30k", "coco", "karpathy", "table"])
@pytest.mark.parametrize("split", ["val", "test"])
def test_only_a_split_that_is_not_there_is_called_missing(tmp_path, name, split):
    (tmp_path / "1.jpg").write_bytes(b"")
    files = {
        "flickr8k": {"Flickr8k.token.txt": "1.jpg#0\tA kite", "Flickr_8k.trainImages.txt": "1.jpg"},
        "flickr30k": {"results.token": "1.jpg#0\tA kite", "train.txt": "1"},
        "coco": {"captions_train2017.json" if split == "test" else "captions_val2017.json": "{}"},
        "karpathy": {"dataset_x.json": '{"images": []}'},
        "table": {"captions.csv": "image,caption,split\n1.jpg,A kite,train"},
    }
    for file, text in files[name].items():
        (tmp_path / file).write_text(text)
    with pytest.raises(MissingSplit, match=split):
        load_dataset(name, tmp_path, split)


def test_a_split_of_nothing_but_bad_rows_is_not_missing(tmp_path):
    (tmp_path / "captions.csv").write_text("image,caption,split\n1.jpg,A kite,val")
    for skip_bad in (False, True):
        with pytest.raises(InputError, match=r"1.jpg is missing|no image is left in .* \(missing image: 1\)") as caught:
            load_dataset("table", tmp_path, "val", skip_bad=skip_bad)
        assert not isinstance(caught.value, MissingSplit)


def test_what_is_left_out_is_told_by_reason_with_the_first_case(tmp_path):
    small_table(tmp_path, captions=["A", "B", "C", "D", "E", " ", ""])
    with pytest.warns(UserWarning, match=r"table val: left out \(empty caption: 2\), the first: .*captions.csv line 7"):
        load_dataset("table", tmp_path, "val", skip_bad=True)


def test_of_several_processes_only_rank_zero_tells(tmp_path, monkeypatch, recwarn):
    monkeypatch.setenv("RANK", "1")
    load_dataset("table", small_table(tmp_path, captions=["A", " "]), "val", skip_bad=True)
    assert not recwarn


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("coco", {"columns": {"image": "x"}}, "only a table has columns, coco has none"),
        ("scenes", {"image_folder": "x"}, "scenes takes no folder of images"),
        ("folder", {"image_folder": "x"}, "folder takes no folder of images"),
    ],
)
def test_options_of_another_data_set(tmp_path, name, options, message):
    with pytest.raises(InputError, match=message):
        load_dataset(name, tmp_path, **options)


@pytest.mark.parametrize("name", ["table", "karpathy"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / "captions.csv")
    with pytest.raises(InputError, match=r"captions.csv: no ordinary file"):
        load_dataset(name, tmp_path / "captions.csv")


def test_a_root_whose_name_is_not_utf8(tmp_path):
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    root.mkdir()
    data = load_dataset("table", small_table(root), "val")
    assert data.images == [root / "1.jpg"] and data.checksums()
    (root / os.fsdecode(b"dataset_\xe9.json")).write_text(
        '{"images": [{"filename": "1.jpg", "split": "val", "sentences": [{"raw": "A"}]}]}'
    )
    assert load_dataset("karpathy", root, "val").name == "_xe9"


def test_images_of_the_scenes_can_be_sliced():
    images = load_dataset("scenes", split="val").images
    two = images[1:3]
    assert len(two) == 2 and np.array_equal(two[0], images[1]) and images.version == two.version
