"""The index in a folder: what lies on the disk, damaged or left over by killed processes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from index_items import DIMENSION, header, items, unit_vectors

from encoded_text import InputError
from single_net.retrieval.neighbors_numpy import nearest_numpy
from single_net.search.indexes import DamagedIndex
from single_net.search.indexes import folder as module
from single_net.search.indexes.folder import CATALOG, FolderIndex


@pytest.fixture
def index(tmp_path) -> FolderIndex:
    made = FolderIndex.create(tmp_path / "index", header())
    made.add("images", items(40), unit_vectors(40))
    return made


def size_of(index: FolderIndex) -> int:
    return sum(path.stat().st_size for path in index._folder.glob("images-*.f32"))


def test_vectors_are_plain_float32_in_one_file(index):
    found = np.fromfile(index._folder / "images-1.f32", "<f4").reshape(-1, DIMENSION)
    assert np.array_equal(found, unit_vectors(40))


def test_a_shortened_file_is_refused_before_it_is_mapped(index):
    os.truncate(index._folder / "images-1.f32", 4 * DIMENSION * 39)
    for use in (lambda: index.nearest("images", unit_vectors(1), 3), lambda: FolderIndex(index._folder)):
        with pytest.raises(DamagedIndex, match="shorter than its index says"):
            use()


def damage(index: FolderIndex, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(index._folder / CATALOG)) as db, db:
        db.execute(statement, values)


@pytest.mark.parametrize(
    "name", ["../letter.txt", "{outside}", "images-1.f32/../../letter.txt", "images-x.f32", "\0", ""]
)
@pytest.mark.parametrize("use", ["add", "remove", "mark", "compact", "nearest", "open"])
def test_an_index_from_elsewhere_overwrites_no_file_but_its_own(index, tmp_path, monkeypatch, name, use):
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"dear" * 4000)
    damage(index, "UPDATE files SET file = ?", name.format(outside=letter))
    damage(index, "INSERT INTO dead VALUES ('images', 0)")
    uses = {
        "add": lambda: index._add("images", items(1, start=50), unit_vectors(1)),
        "remove": lambda: index.remove("images", items(1)),
        "mark": lambda: index._mark_dead(),
        "compact": lambda: index._compact("images"),
        "nearest": lambda: index.nearest("images", unit_vectors(1), 3),
        "open": lambda: FolderIndex(index._folder),
    }
    if use == "add":
        monkeypatch.setattr(FolderIndex, "_mark_dead", lambda self: None)
    with pytest.raises(DamagedIndex, match="damaged"):
        uses[use]()
    assert letter.read_bytes() == b"dear" * 4000


def test_a_link_in_an_index_from_elsewhere_is_not_followed(index, tmp_path, monkeypatch):
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"dear" * 4000)
    (index._folder / "images-2.f32").symlink_to(letter)
    monkeypatch.setattr(module, "_FEW", 5)
    index.remove("images", items(25))  # writes images-2.f32
    assert index.count("images") == len(index.nearest("images", unit_vectors(1), 40)[0]) == 15
    (index._folder / "images-2.f32").unlink()
    (index._folder / "images-2.f32").symlink_to(letter)
    with pytest.raises(DamagedIndex, match=r"no file images-2\.f32"):
        index.add("images", items(1), unit_vectors(1))
    assert letter.read_bytes() == b"dear" * 4000


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM files",
        "UPDATE files SET rows = 'many'",
        "UPDATE files SET rows = -1",
        "UPDATE images SET row = 40 WHERE row = 7",
        "UPDATE images SET row = -1 WHERE row = 7",
    ],
)
def test_rows_that_are_not_in_the_file(index, statement):
    damage(index, statement)
    for use in (lambda: FolderIndex(index._folder), lambda: index.vectors("images", items(40))):
        with pytest.raises(DamagedIndex, match="damaged"):
            use()


def test_a_file_of_vectors_that_is_gone(index):
    (index._folder / "captions-1.f32").unlink()
    with pytest.raises(DamagedIndex, match=r"no file captions-1\.f32"):
        FolderIndex(index._folder)


def test_what_a_killed_process_appended_is_overwritten(index):
    with open(index._folder / "images-1.f32", "ab") as file:
        file.write(b"\xff" * 4 * DIMENSION * 10)  # more than what comes
    assert len(index.nearest("images", unit_vectors(1), 40)[0]) == 40
    index.add("images", items(3, start=40), unit_vectors(3, seed=1))
    assert size_of(index) == 43 * 4 * DIMENSION
    assert np.array_equal(index.vectors("images", items(3, start=40)), unit_vectors(3, seed=1))


@pytest.mark.parametrize("by", ["add", "remove"])
def test_a_removal_that_was_killed_halfway_is_finished(index, monkeypatch, by):
    vectors = unit_vectors(40)
    with monkeypatch.context() as patch:
        patch.setattr(FolderIndex, "_mark_dead", lambda self: None)
        index.remove("images", items(10))
    for hits in index.nearest("images", vectors, 30):
        assert {hit.item for hit in hits} == set(items(30, start=10))
    if by == "add":
        index.add("images", items(1, start=40), unit_vectors(1, seed=1))
    else:
        index.remove("images", [])
    found = np.fromfile(index._folder / "images-1.f32", "<f4").reshape(-1, DIMENSION)
    assert (found[:10, 0] == module._FAR).all() and np.array_equal(found[10:40], vectors[10:])
    for hits in index.nearest("images", vectors, 30):
        assert {hit.item for hit in hits} <= set(items(31, start=10))


def test_the_file_is_written_anew_when_most_rows_are_removed(index, monkeypatch):
    monkeypatch.setattr(module, "_FEW", 5)
    index.remove("images", items(18))
    assert size_of(index) == 40 * 4 * DIMENSION
    index.remove("images", items(4, start=30))
    assert size_of(index) == 18 * 4 * DIMENSION and [p.name for p in index._folder.glob("images-*")] == ["images-2.f32"]
    left = [item for item in items(40)[18:] if item not in items(4, start=30)]
    assert set(index.items("images")) == set(left)
    numbers = [int(item.content, 16) for item in left]
    assert np.array_equal(index.vectors("images", left), unit_vectors(40)[numbers])
    index.add("images", items(2), unit_vectors(40)[:2])
    for item, [hit] in zip(items(2), index.nearest("images", unit_vectors(40)[:2], 1), strict=True):
        assert hit.item == item


@pytest.mark.parametrize("damage", [b"", b"no database" * 999])
def test_a_damaged_database(index, damage):
    (index._folder / CATALOG).write_bytes(damage)
    with pytest.raises(DamagedIndex, match="damaged"):
        FolderIndex(index._folder)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", '{"format": "single-net index 0"}', '{"format": "single-net index 1", "source": 3}'),
        header().to_json().replace(f'"dimension": {DIMENSION}', '"dimension": 0'),
        header().to_json().replace(f'"dimension": {DIMENSION}', '"dimension": true'),
        header().to_json().replace('"expected": 0', '"expected": false'),
        header().to_json().replace('"root": "/photos"', '"root": 3'),
    ],
)
def test_another_header(index, text):
    damage(index, "UPDATE header SET json = ?", text)
    with pytest.raises(DamagedIndex, match="no index of this version"):
        FolderIndex(index._folder)


def test_a_full_disk_leaves_the_index_as_it_was(index, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as raised:
        index.add("images", items(3, start=50), unit_vectors(3))
    assert raised.value.filename == str(index._folder)
    monkeypatch.undo()
    assert index.count("images") == 40 and len(index.nearest("images", unit_vectors(1), 99)[0]) == 40


def test_folders_that_cannot_become_an_index(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="holds other files"):
        FolderIndex.create(tmp_path / "mine", header())
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    with pytest.raises(InputError, match="no index"):
        FolderIndex(tmp_path / "mine")


def test_a_folder_whose_name_is_not_utf_8(tmp_path):
    place = tmp_path / os.fsdecode(b"caf\xe9 %20?#.index")
    index = FolderIndex.create(place, header())
    index.add("captions", items(2), unit_vectors(2))
    assert set(FolderIndex(place).items("captions")) == set(items(2))


def test_a_full_disk_does_not_keep_removed_items(index, monkeypatch):
    monkeypatch.setattr(module, "_FEW", 10)

    def full(path, mode="r"):
        if "w" in mode:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        return open(path, mode)

    with monkeypatch.context() as patch:
        patch.setattr(module, "open", full, raising=False)
        index.remove("images", items(30))
    assert index.count("images") == 10 and not (index._folder / "images-2.f32").exists()
    index.remove("images", [])
    assert size_of(index) == 10 * 4 * DIMENSION and (index._folder / "images-2.f32").exists()
    assert np.array_equal(index.vectors("images", items(10, start=30)), unit_vectors(40)[30:])


def test_searches_of_several_threads_compare_one_at_a_time(index, monkeypatch):
    """BLAS threads of searches at the same time wait for each other: a server of 50 clients nearly stood still."""
    inside, most = [], []

    def slow(*arguments):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return nearest_numpy(*arguments)

    monkeypatch.setattr(module, "nearest_numpy", slow)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: index.nearest("images", unit_vectors(1), 1), range(8)))
    assert max(most) == 1 and all(of[0][0].item == items(1)[0] for of in found)
