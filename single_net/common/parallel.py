"""Work spread over a pool of threads or processes, with the results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_order(pool: Executor, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`Executor.map` with bounded memory: at most eight results per core wait to be taken.

    Args:
        pool: computes the results.
        work: called with each item.
        items: read only as fast as the results are taken.

    Yields:
        The results, in the order of the items. What `work` raises is raised here.
    """
    limit = 8 * (os.cpu_count() or 1)
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > limit:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
