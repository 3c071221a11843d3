"""The index that a search of a folder keeps in the cache."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time

import numpy as np
import pytest
from color_model import ColorModel
from image_folders import write_images
from PIL import Image

from encoded_text import InputError
from single_net.data.cache import UNUSED
from single_net.search.cached_index import cached_index
from single_net.search.indexes import folder
from single_net.search.source import folder_source


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_folder_that_changes_leaves_no_pixels_and_is_not_embedded_again(tmp_path, cache):
    photos, model = tmp_path / "photos", ColorModel()
    write_images(photos, 40)
    sizes = []
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 255, (300, 300, 3), np.uint8)
        Image.fromarray(pixels).save(photos / f"new{number}.png")
        index, images = cached_index(model, folder_source(photos))
        assert index.count("images") == model.images == 41 + number
        assert images["new0.png"] == photos / "new0.png"
        sizes.append(sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()))
    assert sizes[-1] < 100_000 and sizes[-1] - sizes[0] < 10_000 and not list(cache.rglob("*.npy"))


def test_broken_images_stop_unless_they_are_to_be_left_out(tmp_path, cache):
    photos = tmp_path / "photos"
    write_images(photos, 3)
    (photos / "1.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"1.png: not a readable image .*unreadable image: 1.*--skip-bad"):
        cached_index(ColorModel(), folder_source(photos))
    with pytest.warns(UserWarning, match=r"left out \(unreadable image: 1\)"):
        index, _ = cached_index(ColorModel(), folder_source(photos), skip_bad=True)
    assert index.count("images") == 2


@pytest.mark.parametrize("damage", ["shortened", "gone", "database", "older", "table"])
def test_a_damaged_index_is_made_again(tmp_path, cache, damage):
    """Nobody may have to find and delete what is only kept to be quick."""
    photos, model = tmp_path / "photos", ColorModel()
    write_images(photos, 3)
    cached_index(model, folder_source(photos))
    [catalog] = cache.glob("indexes/*/catalog.sqlite")
    if damage == "shortened":
        os.truncate(catalog.parent / "images-1.f32", 9)
    elif damage == "gone":
        (catalog.parent / "images-1.f32").unlink()
    elif damage == "database":
        catalog.write_bytes(b"no database" * 999)
    else:
        change = (
            "DROP TABLE images" if damage == "table" else "UPDATE header SET json = replace(json, 'index 1', 'index 0')"
        )
        with contextlib.closing(sqlite3.connect(catalog)) as db, db:
            db.execute(change)
    for _ in range(2):
        index, _ = cached_index(model, folder_source(photos))
        assert index.count("images") == len(index.nearest("images", np.eye(1, 4), 9)[0]) == 3
    assert model.images == 6 and len(list(cache.glob("indexes/*"))) == 1


def test_an_index_that_nobody_has_used_for_a_month_is_deleted(tmp_path, cache):
    for name in ("one", "two"):
        write_images(tmp_path / name, 2)
        cached_index(ColorModel(), folder_source(tmp_path / name))
    catalogs = list(cache.glob("indexes/*/catalog.sqlite"))
    assert len(catalogs) == 2
    for catalog in catalogs:
        for path in (*catalog.parent.iterdir(), catalog.parent):
            os.utime(path, (time.time() - UNUSED - 60,) * 2)
    cached_index(ColorModel(), folder_source(tmp_path / "two"))  # is used, and with the next one only the other goes
    write_images(tmp_path / "three", 2)
    cached_index(ColorModel(), folder_source(tmp_path / "three"))
    assert len(list(cache.glob("indexes/*"))) == 2


def test_a_disk_that_cannot_be_read_at_present_costs_no_index(tmp_path, cache, monkeypatch):
    photos, model = tmp_path / "photos", ColorModel()
    write_images(photos, 3)
    cached_index(model, folder_source(photos))

    def failing(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_READ"
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(folder.sqlite3, "connect", failing)
        with pytest.raises(InputError, match="cannot be read or written at present"):
            cached_index(model, folder_source(photos))
    embedded = model.images
    index, _ = cached_index(model, folder_source(photos))
    assert index.count("images") == 3 and model.images == embedded
