"""Work done ahead of time in a thread."""

from __future__ import annotations

import threading
import time

import pytest

from single_net.common.prefetch import ahead


def threads() -> int:
    return sum(thread.name == "ahead" for thread in threading.enumerate())


def test_order_is_kept_and_the_thread_ends():
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []
    assert threads() == 0


def test_it_works_ahead_but_not_further_than_asked():
    made = []

    def items():
        for i in range(50):
            made.append(i)
            yield i

    ready = ahead(items(), count=3)
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

    ready = ahead(items())
    assert next(ready) == 1
    with pytest.raises(OSError, match="disk"):
        next(ready)
    assert threads() == 0
