"""Checksums of image files: each file is read once, and again when it has changed."""

from __future__ import annotations

import os
import time

import pytest
from image_folders import dataset, write_images
from PIL import Image

from single_net.data import checksums
from single_net.data.image_cache import prepare_images


def test_files_are_read_for_their_checksum_once(tmp_path, reads, hashed):
    paths = write_images(tmp_path, 5)
    for _ in range(3):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
        assert len(hashed) == 5
    os.utime(paths[2], (1, 1))
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert hashed[5:] == [str(paths[2])] and len(reads) == 5, "a new time, but the same contents"


def change_in_place(path):
    """Other pixels; the same length and time of modification."""
    before = path.stat()
    other = Image.new("RGB", (20, 10), (200, 100, 50))
    other.save(path)
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("forgotten", [True, False])
def test_other_contents_of_the_same_size_and_time_are_noticed(tmp_path, hashed, forgotten):
    paths = write_images(tmp_path, 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    time.sleep(0.05)  # longer than the tick of a file system's clock
    change_in_place(paths[1])
    if forgotten:
        next((tmp_path / "cache").glob("*.sums.json")).unlink()
    _, after = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert (after[1] == (200, 100, 50)).all() and len(hashed) == (6 if forgotten else 4)


def test_the_checksum_of_a_file_written_just_now_is_not_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(checksums, "_CLOCK_TICK", 60 * 10**9)  # on a machine however slow
    paths = write_images(tmp_path, 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    change_in_place(paths[1])  # perhaps within the same tick of the clock
    _, after = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert (after[1] == (200, 100, 50)).all() and not list((tmp_path / "cache").glob("*.sums.json"))


@pytest.mark.parametrize("damage", ["", "{", "[]", "[1, 2, 3]", "[[1, 2, 3], null, []]", '{"a": 1}', "\xff"])
def test_damaged_checksums_are_computed_again(tmp_path, reads, hashed, damage):
    paths = write_images(tmp_path, 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    (sums,) = (tmp_path / "cache").glob("*.sums.json")
    good = sums.read_text()
    sums.write_text(damage, encoding="latin-1")
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sums.read_text() == good and len(hashed) == 6 and len(reads) == 3


def test_interrupted_checksums_go_on(tmp_path, monkeypatch, hashed):
    paths = write_images(tmp_path, 6)
    counting = checksums._hash_file

    def interrupted(name):
        if name == str(paths[4]):
            raise KeyboardInterrupt
        return counting(name)

    monkeypatch.setattr(checksums, "_hash_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    hashed.clear()
    monkeypatch.setattr(checksums, "_hash_file", counting)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sorted(hashed) == [str(path) for path in paths[4:]]


def test_a_folder_in_which_images_come_and_go_is_read_only_for_what_is_new(tmp_path, hashed):
    paths = write_images(tmp_path / "images", 6)
    for names, expected in ((paths[:4], 4), (paths[1:], 6), (paths, 7)):
        checksums.image_checksums(dataset(names), tmp_path / "cache")
        assert len(hashed) == expected  # at last the first again, which was not listed meanwhile
    assert len(list((tmp_path / "cache").glob("*.sums.json"))) == 1


def test_a_cache_that_cannot_be_written_is_told_once_and_the_work_goes_on(tmp_path, hashed, monkeypatch):
    monkeypatch.setattr(checksums, "_SAVE_EVERY", 1)
    paths = write_images(tmp_path / "images", 3)
    cache = tmp_path / "cache"
    cache.touch()  # no folder
    with pytest.warns(UserWarning) as told:
        found = checksums.image_checksums(dataset(paths), cache)
    assert [len(digest) for digest in found] == [64] * 3 and len(told) == 1
    assert "is not kept" in str(told[0].message)


def test_checksums_in_use_are_not_deleted_with_what_nobody_has_used_for_a_month(tmp_path, hashed):
    paths = write_images(tmp_path / "images", 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    (sums,) = (tmp_path / "cache").glob("*.sums.json")
    os.utime(sums, (1e9, 1e9))
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")  # which finds its array
    prepare_images(dataset(paths, "other"), 16, cache=tmp_path / "cache")
    assert sums.exists()


def test_two_files_of_the_same_size_and_time_that_swap_their_names(tmp_path, hashed):
    paths = write_images(tmp_path / "images", 2)
    for path in paths:
        os.utime(path, ns=(10**18, 10**18))
    assert paths[0].stat().st_size == paths[1].stat().st_size
    before = checksums.image_checksums(dataset(paths), tmp_path / "cache")
    for old, new in ((paths[0], tmp_path / "other"), (paths[1], paths[0]), (tmp_path / "other", paths[1])):
        old.rename(new)
    assert checksums.image_checksums(dataset(paths), tmp_path / "cache") == before[::-1]
