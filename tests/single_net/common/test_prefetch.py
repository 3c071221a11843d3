"""Prefetching in a thread."""

from __future__ import annotations

import threading
import time

import pytest

from single_net.common.prefetch import prefetch


def threads() -> int:
    return sum(thread.name == "prefetch" for thread in threading.enumerate())


def test_order_is_kept_and_the_thread_ends():
    assert list(prefetch(range(100))) == list(range(100))
    assert list(prefetch([])) == []
    assert threads() == 0


def test_it_prefetches_no_more_than_asked():
    made = []

    def items():
        for i in range(50):
            made.append(i)
            yield i

    ready = prefetch(items(), count=3)
    assert next(ready) == 0
    deadline = time.monotonic() + 10
    while len(made) < 5 and time.monotonic() < deadline:  # one taken, three in the queue, one in hand
        time.sleep(0.01)
    time.sleep(0.2)
    assert len(made) == 5
    ready.close()
    assert threads() == 0 and len(made) <= 6


def test_what_the_thread_raises_is_raised_here_after_the_items_before():
    def items():
        yield 1
        raise OSError("disk")

    ready = prefetch(items())
    assert next(ready) == 1
    with pytest.raises(OSError, match="disk"):
        next(ready)
    assert threads() == 0
