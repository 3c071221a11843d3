"""load_dataset: names, splits, roots."""

from __future__ import annotations

import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import DATASETS, load_dataset


def small_table(folder, caption="A dog runs ."):
    (folder / "1.jpg").write_bytes(b"")
    rows = "".join(f"1.jpg,{caption},val\n" for _ in range(5))
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
    assert load_dataset("table", split="val").ids == ["1.jpg"]


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
    assert load_dataset("table", small_table(tmp_path, caption="A"), "val").captions == [["A"] * 5]


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
