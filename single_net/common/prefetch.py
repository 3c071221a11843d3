"""Prefetching: batches are prepared in a thread, and in memory from which a GPU copies asynchronously."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import torch

T = TypeVar("T")


def prefetch(items: Iterable[T], count: int = 2) -> Iterator[T]:
    """Iterate over `items` in a thread of its own, a few items ahead of the caller.

    The thread ends when this iterator does, also when it is closed before the last item.

    Args:
        items: iterated over in the thread.
        count: how many items may wait in the queue.

    Yields:
        The items, in order. What the thread raises is raised here, after the items before it.
    """
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(count)
    stopped = threading.Event()

    def put(item: T | None, error: BaseException | None = None) -> bool:
        while not stopped.is_set():
            try:
                ready.put((item, error), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(None, StopIteration())
        except BaseException as error:
            put(None, error)

    thread = threading.Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()


def pinned(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """An array as a tensor on the CPU, in pinned memory if it will be copied to a GPU.

    Args:
        values: of any shape and dtype torch knows.
        device: the device it will be copied to, with `.to(device, non_blocking=True)`.

    Returns:
        A tensor of the same shape and dtype, on the CPU.
    """
    tensor = torch.from_numpy(np.ascontiguousarray(values))
    return tensor.pin_memory() if device.type == "cuda" else tensor
