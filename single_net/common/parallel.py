"""Work spread over a pool of threads, results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor


def _in_order(pool: Executor, work: Callable[[int], object], items: Iterable[int]) -> Iterator:
    """work(item) for every item, computed by the pool; never more than a few results for each core in memory."""
    ahead = 8 * (os.cpu_count() or 1)
    waiting: deque = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
