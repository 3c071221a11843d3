"""Items drawn once: found again, resumed after an interruption, drawn anew where anything changed."""

from __future__ import annotations

import contextlib
import hashlib
import threading

import numpy as np
import pytest

from encoded_text import InputError
from single_net.data import cache, third_cache
from single_net.data.third_cache import third_array

SIZE, COUNT = 8, 10


class Drawing:
    """Counts what it draws: item i as gray i, item 3 not at all, item 4 cut off."""

    def __init__(self, stop_at: int | None = None):
        self.drawn: list[int] = []
        self.opened = 0
        self._stop_at, self._lock = stop_at, threading.Lock()

    @contextlib.contextmanager
    def __call__(self):
        self.opened += 1
        yield self._draw

    def _draw(self, i: int):
        with self._lock:
            self.drawn.append(i)
        if i == self._stop_at:
            raise InputError("cannot go on")
        return None if i == 3 else (np.full((SIZE, SIZE), i, np.uint8), i != 4)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(third_cache, "BLOCK", 3)
    return tmp_path / "cache"


def test_drawn_once_in_order_with_what_is_missing_and_cut():
    drawing = Drawing()
    found = third_array("dots", ["a"], SIZE, COUNT, drawing)
    expected = np.arange(COUNT, dtype=np.uint8)[:, None, None] * np.ones((SIZE, SIZE), np.uint8)
    expected[3] = 0
    assert np.array_equal(found.images, expected) and found.missing == [3] and found.cut == [4]
    assert found.sha256 == hashlib.sha256(expected.tobytes()).hexdigest()
    assert sorted(drawing.drawn) == list(range(COUNT))
    again = third_array("dots", ["a"], SIZE, COUNT, drawing)
    assert np.array_equal(again.images, expected) and again[1:] == found[1:] and drawing.opened == 1
    assert not again.images.flags.writeable


def test_an_interrupted_call_goes_on_where_it_was(folder):
    with pytest.raises(InputError, match="cannot go on"):
        third_array("dots", ["a"], SIZE, COUNT, Drawing(stop_at=9))
    done = {int(block.stem) for block in folder.glob("dots-*.blocks/*.npz")}
    assert done  # at least what was complete when the last block failed
    rest = Drawing()
    found = third_array("dots", ["a"], SIZE, COUNT, rest)
    assert not {i for start in done for i in range(start, start + 3)} & set(rest.drawn)
    assert found.images[9, 0, 0] == 9 and not list(folder.glob("*.blocks"))


def test_a_damaged_block_is_drawn_again(folder):
    with pytest.raises(InputError):
        third_array("dots", ["a"], SIZE, COUNT, Drawing(stop_at=9))
    block = sorted(folder.glob("dots-*.blocks/*.npz"))[0]
    block.write_bytes(block.read_bytes()[:50])
    assert third_array("dots", ["a"], SIZE, COUNT, Drawing()).images[1, 0, 0] == 1


def test_a_damaged_array_and_another_key_are_drawn_anew(folder, monkeypatch):
    third_array("dots", ["a"], SIZE, COUNT, Drawing())
    [path] = folder.glob("dots-*.npy")
    path.write_bytes(path.read_bytes()[:-1])
    for key in (["a"], ["b"]):
        drawing = Drawing()
        third_array("dots", key, SIZE, COUNT, drawing)
        assert len(drawing.drawn) == COUNT
    assert len(list(folder.glob("dots-*.npy"))) == 2
    monkeypatch.setattr(cache, "IDLE", -1)
    third_array("dots", ["c"], SIZE, COUNT, Drawing())
    assert len(list(folder.glob("dots-*.npy"))) == len(list(folder.glob("dots-*.items.json"))) == 2  # pruned
