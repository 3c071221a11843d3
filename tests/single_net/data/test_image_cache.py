"""The cache of prepared pictures: found by contents, resumed after a kill, shared by processes."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from encoded_text.common import progress
from encoded_text.common.errors import InputError, run_command
from single_net.data import checksums, image_cache
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset


def dataset(images, name="mine"):
    ids = [f"{i}.png" for i in range(len(images))]
    return CaptionDataset(name, "test", ids, images, [[f"caption of {id}"] for id in ids])


def write_pictures(folder, count):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i}.png" for i in range(count)]
    for i, path in enumerate(paths):
        Image.new("RGB", (20, 10), (i % 256, i // 256, 255 - i % 256)).save(path)
    return paths


def arrays(cache):
    return sorted(cache.glob("*.npy"))


def unfinished(cache):
    """Files of arrays half made, and of notes half written."""
    return [path.name for path in cache.iterdir() if ".part" in path.name]


@pytest.fixture
def reads(monkeypatch):
    """The sources that were decoded."""
    seen = []

    def counting(source, size):
        seen.append(source)
        return read_image(source, size)

    monkeypatch.setattr(image_cache, "read_image", counting)
    return seen


@pytest.fixture
def hashed(monkeypatch):
    """The files that were read for their checksum; those of the test count as old enough to be remembered."""
    seen = []
    original = checksums._hash_file

    def counting(name):
        seen.append(name)
        return original(name)

    monkeypatch.setattr(checksums, "_hash_file", counting)
    monkeypatch.setattr(checksums, "_RACY", -(10**10))
    return seen


def test_rows_of_the_array_are_the_pictures_in_order(tmp_path):
    paths = write_pictures(tmp_path, 600)
    data, pictures = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert data.images == paths and pictures.shape == (600, 8, 8, 3) and pictures.dtype == np.uint8
    assert isinstance(pictures, np.memmap) and not pictures.flags.writeable
    assert all(np.array_equal(pictures[i], read_image(path, 8)) for i, path in enumerate(paths))
    assert unfinished(tmp_path / "cache") == []


def test_pillows_warnings_do_not_disturb_the_progress_bar(tmp_path, recwarn):
    Image.new("1", (9500, 9500)).save(tmp_path / "large.png")
    Image.new("RGB", (80, 60)).save(tmp_path / "exif.png", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    prepare_images(dataset([tmp_path / "large.png", tmp_path / "exif.png"]), 8, cache=tmp_path / "cache")
    assert not recwarn


def test_the_cache_is_used_until_something_changes(tmp_path, reads):
    paths = write_pictures(tmp_path, 3)
    data = dataset(paths)
    _, before = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 3
    _, again = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 3 and np.array_equal(before, again)
    prepare_images(data, 16, cache=tmp_path / "cache")
    assert len(reads) == 6, "another size"
    prepare_images(data.select([2, 0, 1]), 8, cache=tmp_path / "cache")
    assert len(reads) == 9, "another order"
    Image.new("RGB", (5, 5), "white").save(paths[1])
    _, after = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 12 and (after[1] == 255).all() and not np.array_equal(before, after)


def test_the_same_pictures_elsewhere_and_under_other_names_are_not_decoded_again(tmp_path, reads):
    paths = write_pictures(tmp_path / "here", 3)
    _, before = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    moved = [path.rename(path.with_name(f"moved {path.name}")) for path in sorted((tmp_path / "there").iterdir())]
    _, after = prepare_images(dataset(moved), 8, cache=tmp_path / "cache")
    assert len(reads) == 3 and np.array_equal(before, after)


def test_files_are_read_for_their_checksum_once(tmp_path, reads, hashed):
    paths = write_pictures(tmp_path, 5)
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
    paths = write_pictures(tmp_path, 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    time.sleep(0.05)  # longer than the tick of a file system's clock
    change_in_place(paths[1])
    if forgotten:
        next((tmp_path / "cache").glob("*.sums.json")).unlink()
    _, after = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert (after[1] == (200, 100, 50)).all() and len(hashed) == (6 if forgotten else 4)


def test_the_checksum_of_a_file_written_just_now_is_not_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(checksums, "_RACY", 60 * 10**9)  # on a machine however slow
    paths = write_pictures(tmp_path, 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    change_in_place(paths[1])  # perhaps within the same tick of the clock
    _, after = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert (after[1] == (200, 100, 50)).all() and not list((tmp_path / "cache").glob("*.sums.json"))


@pytest.mark.parametrize("damage", ["", "{", "[]", "[1, 2, 3]", "[[1, 2, 3], null, []]", '{"a": 1}', "\xff"])
def test_damaged_checksums_are_made_again(tmp_path, reads, hashed, damage):
    paths = write_pictures(tmp_path, 3)
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    (sums,) = (tmp_path / "cache").glob("*.sums.json")
    good = sums.read_text()
    sums.write_text(damage, encoding="latin-1")
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sums.read_text() == good and len(hashed) == 6 and len(reads) == 3


def test_interrupted_checksums_go_on(tmp_path, monkeypatch, hashed):
    paths = write_pictures(tmp_path, 6)
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


def test_pictures_that_change_while_they_are_prepared(tmp_path, monkeypatch):
    paths = write_pictures(tmp_path, 3)

    def changing(source, size):
        if source == paths[2]:
            Image.new("RGB", (7, 7)).save(paths[0])
        return read_image(source, size)

    monkeypatch.setattr(image_cache, "read_image", changing)
    with pytest.raises(InputError, match="mine test: pictures changed while they were prepared: start again"):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert not arrays(tmp_path / "cache") and not unfinished(tmp_path / "cache")


def test_the_folder_of_the_cache(tmp_path, monkeypatch):
    data = dataset(write_pictures(tmp_path, 1))
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "named"))
    prepare_images(data, 8)
    assert len(arrays(tmp_path / "named")) == 1
    monkeypatch.delenv("SINGLE_NET_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    prepare_images(data, 8)
    assert len(arrays(tmp_path / "home" / ".cache" / "single-net")) == 1


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
def test_a_broken_cache_file_is_made_again(tmp_path, reads, damage):
    data = dataset(write_pictures(tmp_path, 3))
    _, before = prepare_images(data, 8, cache=tmp_path / "cache")
    (path,) = arrays(tmp_path / "cache")
    good = path.read_bytes()
    path.unlink()
    path.write_bytes(damage(good))
    assert path.read_bytes() != good
    _, after = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 6 and path.read_bytes() == good and np.array_equal(before, after)


def test_bad_pictures_stop_with_the_first_and_their_number(tmp_path, reads):
    paths = write_pictures(tmp_path, 5)
    paths[1].write_bytes(b"no picture")
    paths[3].unlink()
    for decoded in (5 + 2, 2):  # the second time only the bad ones, for what is wrong with them
        reads.clear()
        with pytest.raises(InputError, match=r"mine test: .*1.png: not a readable .*unreadable picture: 2.*--skip-bad"):
            prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
        assert len(reads) == decoded
    assert len(prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 3


def test_a_picture_that_failed_only_once_is_read_again(tmp_path, monkeypatch):
    paths = write_pictures(tmp_path, 3)

    def failing(source, size):
        if source == paths[1]:
            raise InputError("not enough memory")
        return read_image(source, size)

    monkeypatch.setattr(image_cache, "read_image", failing)
    assert len(prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 2
    monkeypatch.undo()
    data, pictures = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert len(data) == len(pictures) == 3


def test_bad_pictures_are_skipped_counted_and_remembered(tmp_path, reads):
    paths = write_pictures(tmp_path, 5)
    paths[1].write_bytes(b"no picture")
    data = dataset(paths)
    for _ in range(2):
        kept, pictures = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
        assert kept.ids == ["0.png", "2.png", "3.png", "4.png"] and kept.skipped == {"unreadable picture": 1}
        assert kept.captions[1] == ["caption of 2.png"]
        assert pictures.shape == (4, 8, 8, 3)
        assert all(np.array_equal(pictures[i], read_image(paths[j], 8)) for i, j in enumerate([0, 2, 3, 4]))
    assert len(reads) == 5, "the second time came from the cache"
    Image.new("RGB", (5, 5)).save(paths[1])
    kept, pictures = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
    assert kept is data and len(pictures) == 5


@pytest.mark.parametrize("wrong", ["[0, 1]", "[7]", "[-1]", "[1, 1]", "[true]", "{", '"all"', "[]"])
def test_a_list_of_unreadable_pictures_that_does_not_fit_the_array_is_made_again(tmp_path, wrong):
    paths = write_pictures(tmp_path, 3)
    paths[2].write_bytes(b"no picture")
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    (unreadable,) = (tmp_path / "cache").glob("*.unreadable.json")
    assert unreadable.read_text() == "[2]"
    unreadable.write_text(wrong)
    kept, pictures = prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    assert kept.ids == ["0.png", "1.png"] and len(pictures) == 2 and unreadable.read_text() == "[2]"


def test_nothing_left_to_prepare(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="none of the 1 pictures can be read"):
        prepare_images(dataset([tmp_path / "a.png"]), 8, cache=tmp_path / "cache", skip_bad=True)
    assert not arrays(tmp_path / "cache") and not unfinished(tmp_path / "cache")
    with pytest.raises(InputError, match="there are no pictures"):
        prepare_images(dataset([]), 8, cache=tmp_path / "cache")


class Drawn(Sequence):
    """Pictures drawn when they are looked at, counting how often."""

    def __init__(self, version=None):
        self.drawn = 0
        if version is not None:
            self.version = version

    def __len__(self):
        return 3

    def __getitem__(self, i):
        if not 0 <= i < 3:
            raise IndexError(i)
        self.drawn += 1
        return np.full((6, 6, 3), 80 * i, np.uint8)


def test_drawn_pictures_are_known_by_their_version_and_arrays_by_their_pixels(tmp_path):
    drawn = Drawn("1")
    for _ in range(2):
        _, pictures = prepare_images(dataset(drawn), 8, cache=tmp_path)
        assert pictures[:, 0, 0, 0].tolist() == [0, 80, 160]
    assert drawn.drawn == 3
    _, pictures = prepare_images(dataset(drawn).select([2, 0, 1]), 8, cache=tmp_path)
    assert pictures[:, 0, 0, 0].tolist() == [160, 0, 80]
    prepare_images(dataset(newer := Drawn("2")), 8, cache=tmp_path)
    assert newer.drawn == 3
    pixels = list(Drawn())
    assert (prepare_images(dataset(pixels), 8, cache=tmp_path)[1][1] == 80).all()
    pixels[1] = pixels[1] + 1
    assert (prepare_images(dataset(pixels), 8, cache=tmp_path)[1][1] == 81).all()


# Interrupted


@pytest.fixture
def stopped(tmp_path, monkeypatch, reads):
    """(data, cache, part, note): stopped by Ctrl-C at the 18th of 30 pictures, noted every 5; two cannot be read."""
    paths = write_pictures(tmp_path / "pictures", 30)
    for i in (1, 11):
        paths[i].write_bytes(b"no picture")
    counting = image_cache.read_image

    def interrupted(source, size):
        if source == paths[17]:
            raise KeyboardInterrupt
        return counting(source, size)

    monkeypatch.setattr(image_cache, "_NOTED_EVERY", 5)
    monkeypatch.setattr(image_cache, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    monkeypatch.setattr(image_cache, "read_image", counting)
    assert not arrays(tmp_path / "cache")
    (part,) = (tmp_path / "cache").glob("*.part")
    note = part.with_suffix(".part.json")
    assert json.loads(note.read_text())["done"] == 15
    reads.clear()
    return dataset(paths), tmp_path / "cache", part, note


def finish(data, cache, tmp_path):
    """Prepare, and compare with what an uninterrupted preparation gives."""
    kept, pictures = prepare_images(data, 8, cache=cache, skip_bad=True)
    wanted = [i for i in range(30) if i not in (1, 11)]
    assert kept.ids == [data.ids[i] for i in wanted] and unfinished(cache) == []
    assert np.array_equal(pictures, np.stack([read_image(data.images[i], 8) for i in wanted]))
    prepare_images(data, 8, cache=tmp_path / "other", skip_bad=True)
    assert [p.name for p in arrays(cache)] == [p.name for p in arrays(tmp_path / "other")]
    assert arrays(cache)[0].read_bytes() == arrays(tmp_path / "other")[0].read_bytes()


def test_an_interrupted_preparation_goes_on(tmp_path, monkeypatch, reads, stopped):
    data, cache, *_ = stopped
    bars = []
    original = progress.progress
    monkeypatch.setattr(image_cache, "progress", lambda *a, **k: bars.append(k.get("done", 0)) or original(*a, **k))
    kept, _ = prepare_images(data, 8, cache=cache, skip_bad=True)
    assert sorted(reads) == sorted(data.images[15:]) and max(bars) == 15
    assert kept.skipped == {"unreadable picture": 2}
    finish(data, cache, tmp_path)


def rows_behind_the_noted_are_rubbish(part, note):
    part.write_bytes(part.read_bytes()[: 128 + 13 * 192] + b"\0" * 100_000)


def header_is_torn(part, note):
    part.write_bytes(b"\0" * 128 + part.read_bytes()[128:])


@pytest.mark.parametrize("damage", [rows_behind_the_noted_are_rubbish, header_is_torn])
def test_what_is_noted_is_kept_whatever_else_a_lost_machine_left(tmp_path, reads, stopped, damage):
    data, cache, part, note = stopped
    damage(part, note)
    prepare_images(data, 8, cache=cache, skip_bad=True)
    assert len(reads) == 15
    finish(data, cache, tmp_path)


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


def the_note_names_other_pictures(part, note):
    note.write_text(json.dumps(json.loads(note.read_text()) | {"unreadable": [1, 40]}))


@pytest.mark.parametrize(
    "damage",
    [
        a_noted_row_is_zero,
        the_part_is_shorter_than_noted,
        the_part_is_empty,
        the_part_is_missing,
        the_note_is_missing,
        the_note_is_torn,
        the_note_is_no_note,
        the_note_lacks_a_number,
        the_note_promises_too_much,
        the_note_names_other_pictures,
    ],
)
def test_an_array_that_is_not_as_noted_is_begun_anew(tmp_path, reads, stopped, damage):
    data, cache, part, note = stopped
    damage(part, note)
    prepare_images(data, 8, cache=cache, skip_bad=True)
    assert len(reads) == 30
    finish(data, cache, tmp_path)


class FullDisk(io.BufferedRandom):
    """A file for which the disk has room for 20 pictures of 8 pixels a side."""

    def write(self, data):
        if self.tell() + memoryview(data).nbytes > 128 + 20 * 192:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def test_a_full_disk_is_one_line_and_the_next_start_goes_on(tmp_path, monkeypatch, capsys, reads):
    paths = write_pictures(tmp_path / "pictures", 30)

    def full(path, mode):
        return FullDisk(io.FileIO(path, "r+")) if str(path).endswith(".part") else open(path, mode)

    monkeypatch.setattr(image_cache, "_NOTED_EVERY", 5)
    monkeypatch.setattr(image_cache, "open", full, raising=False)
    with pytest.raises(SystemExit) as caught:
        run_command(lambda: prepare_images(dataset(paths), 8, cache=tmp_path / "cache"))
    monkeypatch.delattr(image_cache, "open")
    (part,) = (tmp_path / "cache").glob("*.part")
    message = capsys.readouterr().err
    assert caught.value.code == 2 and message.count("\n") == 1 and f"the disk is full: {part}" in message
    reads.clear()
    _, pictures = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sorted(reads) == sorted(paths[20:])
    assert np.array_equal(pictures, np.stack([read_image(path, 8) for path in paths]))


# Real processes

PROCESS = """
import os, sys, time
from pathlib import Path
from single_net.data import image_cache
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image

folder, cache, count, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

def slow(source, size):
    with open(folder / "decoded.txt", "a") as log:
        log.write(source.name + "\\n")
    while int(source.stem) >= last and not (folder / "go").exists():
        time.sleep(0.01)
    return read_image(source, size)

image_cache.read_image, image_cache._NOTED_EVERY = slow, 10
ids = [f"{i}.png" for i in range(count)]
data = CaptionDataset("mine", "test", ids, [folder / id for id in ids], [[id] for id in ids])
print(int(image_cache.prepare_images(data, 8, cache=cache)[1].sum()))
"""


def start(tmp_path, count, last):
    """A process that prepares the pictures of the folder, and from picture `last` on waits for the file "go"."""
    arguments = [sys.executable, "-c", PROCESS, tmp_path / "pictures", tmp_path / "cache", str(count), str(last)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(happened, process):
    ends = time.monotonic() + 60
    while not happened():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < ends, "nothing happened for a minute"
        time.sleep(0.01)


def test_a_killed_process_is_continued_by_the_next(tmp_path, reads):
    paths = write_pictures(tmp_path / "pictures", 60)
    process = start(tmp_path, 60, last=37)
    note = tmp_path / "cache" / "none yet"

    def thirty_are_noted():
        nonlocal note
        note = next((tmp_path / "cache").glob("[!.]*.part.json"), note)
        return note.exists() and json.loads(note.read_text())["done"] == 30

    wait_for(thirty_are_noted, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    dead = tmp_path / "cache" / f".{note.name}.abc123.part.json"  # as one killed while it wrote a note leaves it
    dead.write_text("{")
    _, pictures = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sorted(reads) == sorted(paths[30:]) and unfinished(tmp_path / "cache") == []
    prepare_images(dataset(paths), 8, cache=tmp_path / "uninterrupted")
    (array,), (uninterrupted,) = arrays(tmp_path / "cache"), arrays(tmp_path / "uninterrupted")
    assert array.read_bytes() == uninterrupted.read_bytes()
    assert np.array_equal(pictures, np.stack([read_image(path, 8) for path in paths]))


def test_of_two_processes_one_works_and_the_other_waits(tmp_path):
    paths = write_pictures(tmp_path / "pictures", 30)
    log = tmp_path / "pictures" / "decoded.txt"
    first = start(tmp_path, 30, last=0)
    wait_for(log.exists, first)
    second = start(tmp_path, 30, last=0)
    assert second.stderr.readline() == "waiting for another process that prepares the pictures of mine-test\n"
    (tmp_path / "pictures" / "go").touch()
    answers = [process.communicate(timeout=60) for process in (first, second)]
    wanted = sum(int(read_image(path, 8).sum()) for path in paths)
    assert answers == [(f"{wanted}\n", "")] * 2
    assert sorted(log.read_text().split()) == sorted(path.name for path in paths), "each decoded once"
    assert len(arrays(tmp_path / "cache")) == 1 and unfinished(tmp_path / "cache") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_line(tmp_path):
    (tmp_path / "cache").mkdir(mode=0o500)
    with pytest.raises(InputError, match="no permission to write there: set SINGLE_NET_CACHE"):
        prepare_images(dataset(write_pictures(tmp_path, 1)), 8, cache=tmp_path / "cache")


def test_the_real_flickr8k_can_be_read(tmp_path):
    root = os.environ.get("FLICKR8K_ROOT") or pytest.skip("set FLICKR8K_ROOT to the folder of Flickr8k to run this")
    data = load_dataset("flickr8k", root, "test")
    kept, pictures = prepare_images(data, 32, cache=tmp_path)
    assert kept is data and pictures.shape == (1000, 32, 32, 3)
    assert pictures.std(axis=(1, 2, 3)).min() > 1, "no picture is blank"
