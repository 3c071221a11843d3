from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from encoded_text.common.errors import InputError
from encoded_text.common.files import make_folder, replacing


def test_replacing_is_all_or_nothing(tmp_path):
    path = tmp_path / "new" / "x.txt"
    with replacing(path) as temporary:
        temporary.write_text("first")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["x.txt"]


def test_replacing_names_the_file_when_the_disk_is_full(tmp_path):
    with pytest.raises(OSError) as error, replacing(tmp_path / "x.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(tmp_path / "x.txt")


@pytest.mark.parametrize("name", ["folder", "device"])
def test_folders_and_devices_are_not_replaced(tmp_path, name):
    path = tmp_path if name == "folder" else Path(os.devnull)
    with pytest.raises(InputError, match="ordinary file"), replacing(path):
        pass
    assert path.exists() and not path.is_file()


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"), replacing(tmp_path / "file" / "deep" / "x.txt"):
        pass


def test_links_are_followed(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with replacing(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "real.txt").read_text() == "new" and (tmp_path / "link.txt").is_symlink()


def test_making_a_folder_twice_changes_nothing(tmp_path):
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "x.txt").write_text("x")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "x.txt").read_text() == "x"
