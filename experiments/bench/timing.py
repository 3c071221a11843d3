"""How long things take, and how much memory: what all parts of the bench measure with."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch

Work = Callable[[], object]
T = TypeVar("T")


def seconds(work: Work, device: torch.device) -> float:
    """Seconds `work` takes, a GPU's part in it included."""
    _wait(device)
    began = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - began


def in_turn(works: dict[str, Work], device: torch.device, *, rounds: int, lasting: float = 0.0) -> dict[str, float]:
    """Median seconds of one call of each of `works`, called in turn (A B A B ..), so that whatever else the machine
    does falls on all alike.

    Each is called once or twice before, to warm up. lasting: in a round a work is called as often, without waiting for
    a GPU in between, as would take so many seconds, at least once.
    """
    calls = {}
    for name, work in works.items():
        once = seconds(work, device)
        if once < lasting:
            once = seconds(work, device)  # the first call may have been slower than all others
        calls[name] = max(1, round(lasting / max(once, 1e-6)))
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            number = calls[name]
            taken[name].append(seconds(partial(_repeat, work, number), device) / number)
    return {name: statistics.median(values) for name, values in taken.items()}


def _repeat(work: Work, times: int) -> None:
    for _ in range(times):
        work()


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def in_own_process(function: Callable[..., T], *arguments: object) -> T:
    """The result of a function of a module, called in a new process: memory that was given back here, but not to the
    system, would hide what the function takes."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def resident(pid: int | None = None) -> int:
    """Bytes of memory that a process holds now, by default this one."""
    pid = pid or os.getpid()
    with contextlib.suppress(FileNotFoundError):  # no Linux
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(shown.stdout) * 1024


class Peak:
    """The most memory this process has held since the start of the block, above what it held then: `extra`, bytes."""

    extra = 0


@contextlib.contextmanager
def watching_memory(every: float = 0.005) -> Iterator[Peak]:
    """Look at this process's memory every so many seconds while the block runs."""
    peak, before, ended = Peak(), resident(), threading.Event()

    def look() -> None:
        while not ended.wait(every):
            peak.extra = max(peak.extra, resident() - before)

    watcher = threading.Thread(target=look, name="memory")
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()
