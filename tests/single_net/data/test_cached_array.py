"""The array of decoded images: complete or built anew, and resumed after an interruption or on a full disk."""

from __future__ import annotations

import errno
import io
import json
import os

import numpy as np
import pytest
from image_folders import arrays, dataset, unfinished, write_images

from encoded_text.common import progress
from encoded_text.common.errors import run_command
from single_net.data import cached_array
from single_net.data.image import read_image
from single_net.data.image_cache import prepare_images


def shortened(data):
    return data[:-1]


def lengthened(data):
    return data + b"\0"


def no_numpy(data):
    return b"\x80\x04" + data[2:]


def empty(data):
    return b""


def other_shape(data):
    return data.replace(b"(3, 8, 8, 3)", b"(3, 8, 3, 8)")


@pytest.mark.parametrize("damage", [shortened, lengthened, no_numpy, empty, other_shape])
def test_a_broken_cache_file_is_built_anew(tmp_path, reads, damage):
    data = dataset(write_images(tmp_path, 3))
    _, before = prepare_images(data, 8, cache=tmp_path / "cache")
    (path,) = arrays(tmp_path / "cache")
    good = path.read_bytes()
    path.unlink()
    path.write_bytes(damage(good))
    assert path.read_bytes() != good
    _, after = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 6 and path.read_bytes() == good and np.array_equal(before, after)


@pytest.mark.parametrize("wrong", ["[0, 1]", "[7]", "[-1]", "[1, 1]", "[true]", "{", '"all"', "[]"])
def test_a_list_of_unreadable_images_that_does_not_fit_the_array_is_built_anew(tmp_path, wrong):
    paths = write_images(tmp_path, 3)
    paths[2].write_bytes(b"no image")
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    (unreadable,) = (tmp_path / "cache").glob("*.unreadable.json")
    assert unreadable.read_text() == "[2]"
    unreadable.write_text(wrong)
    kept, images = prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    assert kept.ids == ["0.png", "1.png"] and len(images) == 2 and unreadable.read_text() == "[2]"


@pytest.fixture
def stopped(tmp_path, monkeypatch, reads):
    """(data, cache, part, note): stopped by Ctrl-C at the 18th of 30 images, noted every 5; two cannot be read."""
    paths = write_images(tmp_path / "images", 30)
    for i in (1, 11):
        paths[i].write_bytes(b"no image")
    counting = cached_array.read_image

    def interrupted(source, size):
        if source == paths[17]:
            raise KeyboardInterrupt
        return counting(source, size)

    monkeypatch.setattr(cached_array, "_SYNC_EVERY", 5)
    monkeypatch.setattr(cached_array, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    monkeypatch.setattr(cached_array, "read_image", counting)
    assert not arrays(tmp_path / "cache")
    (part,) = (tmp_path / "cache").glob("*.part")
    note = part.with_suffix(".part.json")
    assert json.loads(note.read_text())["done"] == 15
    reads.clear()
    return dataset(paths), tmp_path / "cache", part, note


def finish(data, cache, tmp_path):
    """Prepare, and compare with what an uninterrupted preparation gives."""
    kept, images = prepare_images(data, 8, cache=cache, skip_bad=True)
    wanted = [i for i in range(30) if i not in (1, 11)]
    assert kept.ids == [data.ids[i] for i in wanted] and unfinished(cache) == []
    assert np.array_equal(images, np.stack([read_image(data.images[i], 8) for i in wanted]))
    prepare_images(data, 8, cache=tmp_path / "other", skip_bad=True)
    assert [p.name for p in arrays(cache)] == [p.name for p in arrays(tmp_path / "other")]
    assert arrays(cache)[0].read_bytes() == arrays(tmp_path / "other")[0].read_bytes()


def test_an_interrupted_preparation_goes_on(tmp_path, monkeypatch, reads, stopped):
    data, cache, *_ = stopped
    bars = []
    original = progress.progress
    monkeypatch.setattr(cached_array, "progress", lambda *a, **k: bars.append(k.get("done", 0)) or original(*a, **k))
    kept, _ = prepare_images(data, 8, cache=cache, skip_bad=True)
    assert sorted(reads) == sorted(data.images[15:]) and max(bars) == 15
    assert kept.skipped == {"unreadable image": 2}
    finish(data, cache, tmp_path)


def rows_behind_the_noted_are_garbage(part, note):
    part.write_bytes(part.read_bytes()[: 128 + 13 * 192] + b"\0" * 100_000)


def header_is_torn(part, note):
    part.write_bytes(b"\0" * 128 + part.read_bytes()[128:])


def a_noted_row_is_zero(part, note):
    whole = bytearray(part.read_bytes())
    whole[128 + 5 * 192 : 128 + 6 * 192] = bytes(192)
    part.write_bytes(whole)


def the_part_is_shorter_than_noted(part, note):
    part.write_bytes(part.read_bytes()[: 128 + 13 * 192 - 1])


def the_part_is_empty(part, note):
    part.write_bytes(b"")


def the_part_is_missing(part, note):
    part.unlink()


def the_note_is_missing(part, note):
    note.unlink()


def the_note_is_torn(part, note):
    note.write_text(note.read_text()[:20])


def the_note_is_no_note(part, note):
    note.write_text("[15]")


def the_note_lacks_a_number(part, note):
    note.write_text('{"done": null, "unreadable": [], "crc32": 0}')


def the_note_promises_too_much(part, note):
    note.write_text(json.dumps(json.loads(note.read_text()) | {"done": 31}))


def the_note_names_other_images(part, note):
    note.write_text(json.dumps(json.loads(note.read_text()) | {"unreadable": [1, 40]}))


NOT_AS_NOTED = (
    a_noted_row_is_zero,
    the_part_is_shorter_than_noted,
    the_part_is_empty,
    the_part_is_missing,
    the_note_is_missing,
    the_note_is_torn,
    the_note_is_no_note,
    the_note_lacks_a_number,
    the_note_promises_too_much,
    the_note_names_other_images,
)


@pytest.mark.parametrize(
    ("damage", "count"),
    [(rows_behind_the_noted_are_garbage, 15), (header_is_torn, 15), *((damage, 30) for damage in NOT_AS_NOTED)],
)
def test_noted_rows_are_kept_and_an_array_that_is_not_as_noted_is_built_anew(tmp_path, reads, stopped, damage, count):
    data, cache, part, note = stopped
    damage(part, note)
    prepare_images(data, 8, cache=cache, skip_bad=True)
    assert len(reads) == count
    finish(data, cache, tmp_path)


class FullDisk(io.BufferedRandom):
    """A file for which the disk has room for 20 images of 8 pixels a side."""

    def write(self, data):
        if self.tell() + memoryview(data).nbytes > 128 + 20 * 192:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def test_a_full_disk_is_one_line_and_the_next_start_goes_on(tmp_path, monkeypatch, capsys, reads):
    paths = write_images(tmp_path / "images", 30)

    def full(path, mode):
        return FullDisk(io.FileIO(path, "r+")) if str(path).endswith(".part") else open(path, mode)

    monkeypatch.setattr(cached_array, "_SYNC_EVERY", 5)
    monkeypatch.setattr(cached_array, "open", full, raising=False)
    with pytest.raises(SystemExit) as caught:
        run_command(lambda: prepare_images(dataset(paths), 8, cache=tmp_path / "cache"))
    monkeypatch.delattr(cached_array, "open")
    (part,) = (tmp_path / "cache").glob("*.part")
    message = capsys.readouterr().err
    assert caught.value.code == 2 and message.count("\n") == 1 and f"the disk is full: {part}" in message
    reads.clear()
    _, images = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sorted(reads) == sorted(paths[20:])
    assert np.array_equal(images, np.stack([read_image(path, 8) for path in paths]))
