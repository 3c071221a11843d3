"""The cache of decoded images with real processes: killed, waiting for each other, without permission or locks."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from image_folders import arrays, dataset, unfinished, write_images

from encoded_text.common.errors import InputError
from single_net.data.image import read_image
from single_net.data.image_cache import prepare_images

PROCESS = """
import os, sys, time
from pathlib import Path
from single_net.data import cached_array
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.image_cache import prepare_images

folder, cache, count, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

def slow(source, size):
    with open(folder / "decoded.txt", "a") as log:
        log.write(source.name + "\\n")
    while int(source.stem) >= last and not (folder / "go").exists():
        time.sleep(0.01)
    return read_image(source, size)

cached_array.read_image, cached_array._SYNC_EVERY = slow, 10
ids = [f"{i}.png" for i in range(count)]
data = CaptionDataset("mine", "test", ids, [folder / id for id in ids], [[id] for id in ids])
print(int(prepare_images(data, 8, cache=cache)[1].sum()))
"""


def start(tmp_path, count, last):
    """A process that prepares the images of the folder, and from image `last` on waits for the file "go"."""
    arguments = [sys.executable, "-c", PROCESS, tmp_path / "images", tmp_path / "cache", str(count), str(last)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(happened, process):
    ends = time.monotonic() + 60
    while not happened():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < ends, "nothing happened for a minute"
        time.sleep(0.01)


def test_a_killed_process_is_continued_by_the_next(tmp_path, reads):
    paths = write_images(tmp_path / "images", 60)
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
    dead = tmp_path / "cache" / f".{note.name[:40]}.abc123.part.json"  # as one killed while it wrote a note leaves it
    dead.write_text("{")
    os.utime(dead, (1e9, 1e9))
    _, images = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert sorted(reads) == sorted(paths[30:]) and unfinished(tmp_path / "cache") == []
    prepare_images(dataset(paths), 8, cache=tmp_path / "uninterrupted")
    (array,), (uninterrupted,) = arrays(tmp_path / "cache"), arrays(tmp_path / "uninterrupted")
    assert array.read_bytes() == uninterrupted.read_bytes()
    assert np.array_equal(images, np.stack([read_image(path, 8) for path in paths]))


def test_of_two_processes_one_works_and_the_other_waits(tmp_path):
    paths = write_images(tmp_path / "images", 30)
    log = tmp_path / "images" / "decoded.txt"
    first = start(tmp_path, 30, last=0)
    wait_for(log.exists, first)
    second = start(tmp_path, 30, last=0)
    assert second.stderr.readline() == "waiting for another process that prepares the images of mine-test\n"
    (tmp_path / "images" / "go").touch()
    answers = [process.communicate(timeout=60) for process in (first, second)]
    wanted = sum(int(read_image(path, 8).sum()) for path in paths)
    assert answers == [(f"{wanted}\n", "")] * 2
    assert sorted(log.read_text().split()) == sorted(path.name for path in paths), "each decoded once"
    assert len(arrays(tmp_path / "cache")) == 1 and unfinished(tmp_path / "cache") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_line(tmp_path):
    (tmp_path / "cache").mkdir(mode=0o500)
    with pytest.raises(InputError, match="no permission to write there: set SINGLE_NET_CACHE"):
        prepare_images(dataset(write_images(tmp_path, 1)), 8, cache=tmp_path / "cache")


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_folder_without_file_locks_is_one_line(tmp_path, monkeypatch, error):
    def without_locks(file, operation):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with pytest.raises(InputError, match="cache: no file locks there: set SINGLE_NET_CACHE to another folder"):
        prepare_images(dataset(write_images(tmp_path, 1)), 8, cache=tmp_path / "cache")
    assert not arrays(tmp_path / "cache")
