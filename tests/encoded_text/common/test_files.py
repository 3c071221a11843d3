from __future__ import annotations

import errno
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from encoded_text.common.errors import InputError
from encoded_text.common.files import check_output, make_folder, replacing, write_atomic


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


def test_what_a_killed_process_left_is_cleared_when_it_is_an_hour_old(tmp_path):
    old, new, other = (tmp_path / name for name in (".x.png.a1.part.png", ".x.png.b2.part.png", ".y.png.a1.part.png"))
    for path in (old, new, other):
        path.write_text("half")
    for path in (old, other):
        os.utime(path, (1, 1))
    with replacing(tmp_path / "x.png") as temporary:
        temporary.write_text("whole")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "x.png", new, other])


def test_names_as_long_as_the_system_allows_can_be_written(tmp_path):
    path = tmp_path / ("x" * 251 + ".png")
    with replacing(path) as temporary:
        temporary.write_text("x")
    assert path.read_text() == "x"
    with pytest.raises(OSError) as error, replacing(tmp_path / ("x" * 300)):
        pass
    assert error.value.filename == str(tmp_path / ("x" * 300))


@pytest.mark.parametrize("kind", ["itself", "another spelling", "symbolic link", "hard link"])
def test_an_output_may_not_be_an_input(tmp_path, kind):
    read, written = tmp_path / "read.txt", tmp_path / "written.txt"
    read.write_text("x")
    if kind == "itself":
        written = read
    elif kind == "another spelling":
        written = tmp_path / "." / ".." / tmp_path.name / "read.txt"
    elif kind == "symbolic link":
        written.symlink_to(read)
    else:
        written.hardlink_to(read)
    with pytest.raises(InputError, match="this command reads it"):
        check_output(written, [tmp_path / "missing", read])
    check_output(written)
    check_output(tmp_path / "new" / "deep" / "file.txt", [read])
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_to_is_known_before_the_work(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, why in ((tmp_path, "ordinary"), ("/dev/null", "ordinary"), (tmp_path / "file" / "x", "is a file")):
        with pytest.raises(InputError, match=why):
            check_output(path)
    if os.geteuid():
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(InputError, match="closed: cannot be written to"):
            check_output(tmp_path / "closed" / "x")
    if Path("/proc/self").exists():  # root has every right there, and cannot write all the same
        with pytest.raises(InputError, match="/proc: cannot be written to"):
            check_output("/proc/x")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "closed") == ["file"]  # nothing is left


def test_a_private_file_stays_private(tmp_path):
    _written(tmp_path / "mine")
    (tmp_path / "mine").chmod(0o600)
    _written(tmp_path / "mine")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


def test_contents_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    done, replace = [], os.replace

    def fsync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", lambda *paths: done.append("replace") or replace(*paths))
    _written(tmp_path / "file")
    assert done == ["file", "replace", "folder"]


def test_threads_that_write_at_once_give_files_their_usual_mode(tmp_path):
    (tmp_path / "usual").touch()
    usual = stat.S_IMODE((tmp_path / "usual").stat().st_mode)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: _written(tmp_path / f"{i}.txt"), range(400)))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {usual}


def _written(path):
    with replacing(path) as temporary:
        temporary.write_text("x")


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    write_atomic(tmp_path / "a.bin", b"\r\n\xff")
    assert (tmp_path / "a.bin").read_bytes() == b"\r\n\xff"
    write_atomic(tmp_path / "a.json", '"caf\xe9 \udce9.jpg"\n')  # a name that is not UTF-8
    assert (tmp_path / "a.json").read_bytes() == b'"caf\xc3\xa9 \\udce9.jpg"\n'
    assert json.loads((tmp_path / "a.json").read_bytes()) == "caf\xe9 \udce9.jpg"
    assert [*tmp_path.iterdir()] and not [*tmp_path.glob(".*")]
