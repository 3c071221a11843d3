"""Work spread over a pool of threads or processes, with the results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """The cores that this process may use, which a job scheduler or taskset can limit; all of them where unknown."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def map_in_order(
    pool: Executor, work: Callable[[Item], Result], items: Iterable[Item], *, waiting: int | None = None
) -> Iterator[Result]:
    """`Executor.map` with bounded memory: only so many results wait to be taken.

    Args:
        pool: computes the results.
        work: called with each item.
        items: read only as fast as the results are taken.
        waiting: how many results; default: eight per usable core. Who takes many at once and then works for a while
            needs as many, so that the pool works meanwhile.

    Yields:
        The results, in the order of the items. What `work` raises is raised here.
    """
    limit = 8 * usable_cores() if waiting is None else waiting
    submitted: deque[Future[Result]] = deque()
    for item in items:
        submitted.append(pool.submit(work, item))
        if len(submitted) > limit:
            yield submitted.popleft().result()
    while submitted:
        yield submitted.popleft().result()
