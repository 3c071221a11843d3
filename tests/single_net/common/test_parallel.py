"""Results of a pool in order, with bounded memory."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from single_net.common.parallel import map_in_order, usable_cores


def test_results_come_in_the_order_of_the_items():
    def slow_first(i: int) -> int:
        time.sleep(0.05 if i == 0 else 0)
        return i * i

    with ThreadPoolExecutor(4) as pool:
        assert list(map_in_order(pool, slow_first, range(100))) == [i * i for i in range(100)]
        assert list(map_in_order(pool, slow_first, [])) == []


def test_items_are_read_no_faster_than_results_are_taken():
    read = []

    def items():
        for i in range(10_000):
            read.append(i)
            yield i

    with ThreadPoolExecutor(2) as pool:
        results = map_in_order(pool, int, items())
        assert next(results) == 0 and len(read) == 8 * usable_cores() + 1
        assert next(results) == 1 and len(read) == 8 * usable_cores() + 2

        read.clear()
        assert next(map_in_order(pool, int, items(), waiting=100)) == 0 and len(read) == 101


def test_errors_are_raised_at_their_item():
    def work(i: int) -> int:
        if i == 2:
            raise OSError("disk")
        return i

    with ThreadPoolExecutor(2) as pool:
        results = map_in_order(pool, work, range(5))
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(OSError, match="disk"):
            next(results)


def test_only_the_cores_that_this_process_may_use_count(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 5}, raising=False)
    assert usable_cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_cores() == 64
