"""Images of a folder, without captions."""

from __future__ import annotations

import os
import sys

import pytest

from encoded_text import InputError
from single_net.data import heif
from single_net.data.readers.folder import load_folder


@pytest.fixture(params=[True, False], ids=["with pillow-heif", "without pillow-heif"])
def has_heif(request, monkeypatch):
    monkeypatch.setattr(heif, "reads_heif", lambda: request.param)
    return request.param


def test_images_by_their_endings_at_any_depth_and_the_others_counted(tmp_path, has_heif):
    for name in ("b.JPG", "a.png", "deep/er/c.webp", "d.jfif", "e.avif", "f.HEIC", "notes.txt", "more.txt", "README"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    for name in (".hidden.png", ".trash/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    heic = "" if has_heif else r".*\.heic \(read after pip install 'single-net\[heic\]'\): 1"
    with pytest.warns(UserWarning, match=rf"passed over: hidden: 2, .txt: 2{heic}") as told:
        data = load_folder(tmp_path)
    assert "no ending: 1" in str(told[0].message) and "no ordinary file: 1" in str(told[0].message)
    expected = ["a.png", "b.JPG", "d.jfif", "deep/er/c.webp", "e.avif", "f.HEIC"]
    assert list(data.ids) == (expected if has_heif else expected[:-1])
    assert list(data.images) == [tmp_path / name for name in data.ids]
    assert data.flat_captions == [] and len(data.image_of_caption) == 0


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems know only UTF-8")
def test_a_name_that_is_not_utf8_is_kept_with_its_bytes_written_out(tmp_path):
    file = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    with open(file, "wb"):
        pass
    data = load_folder(tmp_path)
    assert data.ids == ["caf\\xe9.png"] and [os.fspath(path) for path in data.images] == [file]
    assert data.checksums() and data.describe()


def test_files_and_links_into_folders_without_permission_are_passed_over(tmp_path, monkeypatch):
    for name in ("a.png", "link.png"):
        (tmp_path / name).touch()

    def stat(path, *args, **options):
        if os.fspath(path).endswith("link.png"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **options)

    real = os.stat
    monkeypatch.setattr(os, "stat", stat)
    with pytest.warns(UserWarning, match="passed over: without permission to read: 1"):
        assert load_folder(tmp_path).ids == ["a.png"]


def test_no_folder_and_no_images_are_one_line(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load_folder(tmp_path / "missing")
    with pytest.raises(InputError, match=r"no images in it \(files that end in .jpg, .*\)$"):
        load_folder(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(InputError, match=r"no images in it .*; passed over: .mp4: 1$"):
        load_folder(tmp_path)
