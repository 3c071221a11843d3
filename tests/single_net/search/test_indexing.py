"""An index of a folder or data set, kept up to date as images come, go, move and change."""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from color_model import COLORS, ColorModel
from PIL import Image

from encoded_text import InputError
from single_net.search import indexing
from single_net.search.embedding_model import encode_images
from single_net.search.indexes import Source, open_index
from single_net.search.indexing import Report, update_index
from single_net.search.query import search
from single_net.search.source import SourceImages, folder_source, path_inside


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "photos"
    for number in range(12):
        paint(folder / f"{number:02}.png", number)
    return folder


def paint(path: Path, number: int) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    pixels = np.random.default_rng(number).integers(0, 255, (20, 30, 3), np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def model() -> ColorModel:
    return ColorModel()


@pytest.fixture
def update(tmp_path, photos, model):
    """Brings the index up to date and says how: (embedded, moved, removed, images)."""

    def run(**options) -> tuple[int, int, int, int]:
        run.report = report = update_index(tmp_path / "index", model, folder_source(photos), **options)
        check(tmp_path / "index", photos, report)
        return report.embedded, report.moved, report.removed, report.images

    return run


def check(place: Path, photos: Path, report: Report) -> None:
    """The index holds each image under its name, with the vector of its pixels."""
    with open_index(place) as index:
        items = list(index.items("images"))
        assert len({item.name for item in items}) == len(items) == report.images
        readable = {item.name for item in items} - set(report.kept)
        vectors = index.vectors("images", items)
    images = SourceImages(folder_source(photos))
    for item, vector in zip(items, vectors, strict=True):
        if item.name in readable:
            with Image.open(images[item.name]) as image:
                expected = np.array([*np.asarray(image.convert("RGB")).reshape(-1, 3).mean(axis=0), 30])
            np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-5)


def test_new_changed_moved_copied_and_deleted_images(update, photos, model):
    assert update() == (12, 0, 0, 12)
    assert update() == (0, 0, 0, 12) and model.images == 12
    paint(photos / "deep" / "er" / "new.png", 50)
    assert update() == (1, 0, 0, 13)
    paint(photos / "03.png", 51)
    assert update() == (1, 0, 1, 13)
    (photos / "04.png").rename(photos / "deep" / "a.png")  # its new name sorts after the old one, and before
    (photos / "11.png").rename(photos / "000.png")
    assert update() == (0, 2, 2, 13)
    shutil.copy(photos / "05.png", photos / "copy.png")
    assert update() == (0, 1, 0, 14)
    (photos / "05.png").unlink()
    (photos / "06.png").unlink()
    assert update() == (0, 0, 2, 12) and model.images == 14


def test_two_images_that_swap_their_names_with_equal_size_and_time(update, photos):
    for name in ("one", "two"):
        Image.new("RGB", (20, 30), (255 * (name == "two"), 0, 0)).save(photos / f"{name}.bmp")
        os.utime(photos / f"{name}.bmp", ns=(10**18, 10**18))
    update()
    (photos / "one.bmp").rename(photos / "other")
    (photos / "two.bmp").rename(photos / "one.bmp")
    (photos / "other").rename(photos / "two.bmp")
    assert update() == (0, 2, 2, 14)


def test_a_deleted_name_that_another_image_gets(update, photos, model):
    update()
    (photos / "01.png").unlink()
    update()
    paint(photos / "01.png", 77)
    assert update() == (1, 0, 0, 12)


def test_images_of_the_same_contents_are_embedded_once(update, photos, model):
    for number in range(5):
        paint(photos / f"same{number}.png", 99)
    assert update() == (13, 0, 0, 17) and model.images == 13


def test_each_of_several_equal_broken_images_is_named(update, photos):
    for number in range(3):
        (photos / f"same{number}.png").write_bytes(b"no image")
    assert update() == (12, 0, 0, 12)
    assert len(update.report.left_out) == 3
    for number in range(3):
        assert any(f"same{number}.png: " in line for line in update.report.left_out)


def test_a_folder_is_named_by_its_path(photos, tmp_path, model, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for source in ("photos", Path("photos"), folder_source("photos")):
        assert update_index(tmp_path / "index", model, source).images == 12
    with open_index(tmp_path / "index") as index:
        assert index.header.source == folder_source(photos)
    for source in (None, 3, ["photos"]):
        with pytest.raises(InputError, match="folder's path or a Source"):
            update_index(tmp_path / "index", model, source)
    with pytest.raises(InputError, match="no such folder"):
        update_index(tmp_path / "index", model, "nothing")


@pytest.mark.parametrize("places", [[0], [6], [11], [0, 5, 6, 11]])
def test_broken_images_are_named_and_shift_nothing(update, photos, places, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 3)
    for place in places:
        (photos / f"{place:02}.png").write_bytes(b"no image" * (place + 1))
    for _ in range(2):
        assert update()[3] == 12 - len(places)
        assert len(update.report.left_out) == len(places)
        for place in places:
            assert any(f"{place:02}.png: not a readable image" in line for line in update.report.left_out)
    for place in places:
        paint(photos / f"{place:02}.png", place)
    assert update() == (len(places), 0, 0, 12) and not update.report.left_out


def test_an_image_that_breaks_is_taken_out(update, photos):
    update()
    (photos / "02.png").write_bytes((photos / "02.png").read_bytes()[:-200])
    assert update() == (0, 0, 1, 11)


def test_an_image_that_changes_while_it_is_indexed_is_left_to_the_next_call(update, photos, model, monkeypatch):
    reading = indexing.read_image_for

    def changing(model, source):
        image = reading(model, source)
        if source.name == "07.png":
            paint(source, 70)
        return image

    monkeypatch.setattr(indexing, "read_image_for", changing)
    assert update() == (11, 0, 0, 11) and "07.png: it changed while it was indexed" in update.report.left_out[0]
    monkeypatch.undo()
    assert update() == (1, 0, 0, 12)


def test_the_next_batch_is_decoded_while_one_is_embedded(update, photos, model, monkeypatch):
    for number in range(12, 36):
        paint(photos / f"{number:02}.png", number)
    monkeypatch.setattr(indexing, "BATCH", 12)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    both_decoded, read, encode, count = (
        threading.Event(),
        indexing.read_image_for,
        model.encode_image,
        itertools.count(1),
    )

    def counting(*args):
        image = read(*args)
        if next(count) == 24:
            both_decoded.set()
        return image

    def waiting(images):
        assert both_decoded.wait(30)
        return encode(images)

    monkeypatch.setattr(indexing, "read_image_for", counting)
    model.encode_image = waiting
    assert update() == (36, 0, 0, 36)


def test_an_interrupted_call_is_resumed(update, photos, model, monkeypatch, tmp_path):
    place = tmp_path / "index"
    monkeypatch.setattr(indexing, "BATCH", 3)
    encode = model.encode_image

    def stopping(images):
        if model.images == 6:
            raise KeyboardInterrupt
        return encode(images)

    model.encode_image = stopping
    with pytest.raises(KeyboardInterrupt):
        update()
    with open_index(place) as index:
        assert (index.count("images"), index.header.expected) == (6, 12)
    model.encode_image = encode
    assert update() == (6, 0, 0, 12) and model.images == 12


def test_a_folder_that_lost_most_images_is_not_believed(update, photos, tmp_path):
    update()
    away = tmp_path / "away"
    away.mkdir()
    for path in sorted(photos.iterdir())[:7]:
        path.rename(away / path.name)
    with pytest.raises(InputError, match=r"7 of the 12 images .* are no longer in .*photos: .*--force"):
        update()
    photos.rename(tmp_path / "unmounted")
    with pytest.raises(InputError, match="no such folder"):
        update()
    photos.mkdir()
    with pytest.raises(InputError, match="no images in it"):
        update()
    with open_index(tmp_path / "index") as index:
        assert index.count("images") == 12
    photos.rmdir()
    (tmp_path / "unmounted").rename(photos)
    assert update(force=True) == (0, 0, 7, 5)


def test_files_that_all_changed_are_not_lost(update, photos):
    update()
    for number in range(12):
        paint(photos / f"{number:02}.png", 100 + number)
    assert update() == (12, 0, 12, 12)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_is_unknown_and_not_deleted(update, photos):
    paint(photos / "private" / "a.png", 60)
    update()
    (photos / "private").chmod(0)
    try:
        assert update() == (0, 0, 0, 13) and update.report.kept == ["private/a.png"]
    finally:
        (photos / "private").chmod(0o700)


def test_what_cannot_be_read_now_is_unknown_and_not_deleted(update, photos, monkeypatch):
    """As above, also where tests run as root."""
    paint(photos / "private" / "a.png", 60)
    update()
    os.rename(photos / "private", photos / ".hidden")
    monkeypatch.setattr(indexing, "may_still_exist", lambda root, name: name == "private/a.png")
    assert update() == (0, 0, 0, 13) and update.report.kept == ["private/a.png"]
    monkeypatch.undo()
    assert update() == (0, 0, 1, 12)


def test_what_is_in_a_folder_that_cannot_be_listed_is_unknown(photos, monkeypatch):
    paint(photos / "private" / "a.png", 60)
    assert not indexing.may_still_exist(photos, "private/a.png") and not indexing.may_still_exist(photos, "gone.png")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != photos / "private")  # root may do everything
    assert indexing.may_still_exist(photos, "private/a.png") and not indexing.may_still_exist(photos, "00.png")


def test_an_exact_index_is_not_made_approximate(update, photos, tmp_path, model):
    update()
    place = next(path for path in tmp_path.rglob("catalog.sqlite")).parent
    with pytest.raises(InputError, match="exact index: leave --approximate out"):
        update_index(place, model, folder_source(photos), approximate=True)


def test_hidden_files_are_no_images(update, photos):
    shutil.copy(photos / "00.png", photos / "._00.png")
    assert update() == (12, 0, 0, 12)


def test_a_name_that_is_not_utf_8(update, photos, tmp_path, model):
    with open(os.fsencode(photos) + b"/caf\xe9.png", "wb") as file:
        Image.new("RGB", (9, 9), COLORS["blue"]).save(file, "PNG")
    assert update() == (13, 0, 0, 13)
    with open_index(tmp_path / "index") as index:
        [hit] = search(index, model, "blue", k=1).hits
    assert hit.item.name == r"caf\xe9.png"
    assert SourceImages(folder_source(photos))[hit.item.name].is_file()


def test_an_escaped_name_does_not_lead_out_of_the_folder(photos):
    assert path_inside(photos, r"\x2e\x2e/secret.png") == photos / r"\x2e\x2e/secret.png"


def test_both_unicode_forms_of_a_name_are_one_move(update, photos, model):
    paint(photos / "caf\u00e9.png", 44)
    update()
    (photos / "caf\u00e9.png").rename(photos / "cafe\u0301.png")
    assert update() == (0, 1, 1, 13) and model.images == 13


def test_another_model_is_refused_and_nothing_changes(update, photos, tmp_path, model):
    update()
    other = ColorModel("another")
    with pytest.raises(InputError, match="made by another model"):
        update_index(tmp_path / "index", other, folder_source(photos))
    with open_index(tmp_path / "index") as index:
        with pytest.raises(InputError, match="made by another model"):
            search(index, other, "red")
        assert index.count("images") == 12
    model.identity = ""
    with pytest.raises(InputError, match="identity"):
        update_index(tmp_path / "index", model, folder_source(photos))


def test_another_folder_is_refused_unless_the_images_have_moved_there(update, photos, tmp_path, model):
    update()
    moved = photos.rename(tmp_path / "moved")
    with pytest.raises(InputError, match=r"index of .*photos, not of .*moved"):
        update_index(tmp_path / "index", model, folder_source(moved))
    report = update_index(tmp_path / "index", model, folder_source(moved), force=True)
    assert (report.embedded, report.removed, report.images) == (0, 0, 12)
    with open_index(tmp_path / "index") as index:
        assert index.header.source == folder_source(moved)


@pytest.mark.parametrize("bad", [np.nan, 0.0, np.inf])
def test_a_model_that_gives_no_vectors(update, model, bad):
    model.encode_image = lambda images: np.full((len(images), 4), bad)
    with pytest.raises(InputError, match="encode_image"):
        update()
    model.encode_image = lambda images: np.ones((len(images) + 1, 4))
    with pytest.raises(InputError, match="encode_image"):
        update()
    model.encode_image = lambda images: np.ones((len(images), 5))
    with pytest.raises(InputError, match="dimensions"):
        update()


def write_table(folder: Path, rows: list[tuple[str, str]]) -> Source:
    with open(folder / "captions.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "caption", "split"), *((*row, "test") for row in rows)])
    return Source("table", str(folder), "test")


def test_captions_are_indexed_once_for_the_same_words(photos, tmp_path, model):
    rows = [("00.png", "A red bar"), ("01.png", "a red bar."), ("01.png", "a blue bar"), ("02.png", "yellow; sun")]
    source = write_table(photos, rows)
    report = update_index(tmp_path / "index", model, source)
    assert (report.images, report.captions, report.captions_added, report.captions_removed) == (3, 3, 3, 0)
    with open_index(tmp_path / "index") as index:
        answer = search(index, model, "red", "captions", k=3)
        distance, item = answer.hits[0]
        assert (item.text, item.name, item.count) == ("A red bar", "00.png", 2) and distance < 1e-3
    embedded = len(model.captions)
    report = update_index(tmp_path / "index", model, source)
    assert (report.captions_added, report.captions_removed) == (0, 0)
    rows += [("03.png", "A RED bar"), ("03.png", "green")]
    report = update_index(tmp_path / "index", model, write_table(photos, rows))
    assert (report.captions_added, report.captions_removed) == (1, 0)  # the other one is there, and counts three images
    assert model.captions[embedded:].count("A red bar") == 0 and "green" in model.captions[embedded:]
    with open_index(tmp_path / "index") as index:
        counts = {item.text: item.count for item in index.items("captions")}
    assert counts == {"A red bar": 3, "a blue bar": 1, "yellow; sun": 1, "green": 1}
    update_index(tmp_path / "index", model, write_table(photos, rows[1:3] + rows[4:]), force=True)
    with open_index(tmp_path / "index") as index:
        assert {item.text: item.count for item in index.items("captions")} == {
            "a red bar.": 2,
            "a blue bar": 1,
            "green": 1,
        }
        assert {item.name: item.text for item in index.items("images")} == {
            "01.png": "a red bar.",
            "03.png": "A RED bar",
        }


def test_captions_of_broken_images_are_left_out(photos, tmp_path, model):
    (photos / "01.png").write_bytes(b"")
    source = write_table(photos, [("00.png", "red"), ("01.png", "blue"), ("01.png", "red")])
    report = update_index(tmp_path / "index", model, source)
    assert (report.images, report.captions, len(report.left_out)) == (1, 1, 1)
    with open_index(tmp_path / "index") as index:
        assert [(item.text, item.count) for item in index.items("captions")] == [("red", 1)]


def test_drawn_images(tmp_path):
    class Few(ColorModel):
        image_size = 16

    from single_net.data.load import load_dataset

    data = load_dataset("scenes").first(5)
    model = Few()
    source = Source("scenes", split="test")
    for embedded in (5, 0):
        report = update_index(tmp_path / "index", model, source, data=data)
        assert (report.embedded, report.images) == (embedded, 5) and report.captions > 20
    with open_index(tmp_path / "index") as index:
        [[hit]] = index.nearest("images", encode_images(model, [data.images[3]]), 1)
        item = hit.item
    assert item.name == data.ids[3] and np.array_equal(SourceImages(source)[item.name], data.images[3])
