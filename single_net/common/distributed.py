"""Several processes that train one network, started by torchrun; without torchrun everything here is for one.

What the processes tell each other is small (stop? save? the loss), and goes through gloo on the processors, so that no
GPU is waited for; gradients and embeddings take the device's own way (nccl on GPUs, gloo elsewhere).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist

from encoded_text.common.errors import InputError

T = TypeVar("T")
PATIENCE = timedelta(hours=2)  # the first process may be preparing pictures or learning word vectors
_control: Any = None  # the gloo group


@contextlib.contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Within the block this process is one of those torchrun started (all of them use `device.type`).

    A process that is lost ends the others with InputError.
    """
    global _control
    if not dist.is_torchelastic_launched():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    _control = dist.new_group(backend="gloo", timeout=PATIENCE)
    try:
        yield
    except RuntimeError as error:
        if _is_lost_connection(error):
            raise InputError(
                f"process {rank()} of {count()} lost another one: start them all again (a training with --resume)"
            ) from error
        raise
    # Not after an error: the others may be waiting for this process, which would wait for them here.
    _control = None
    dist.destroy_process_group()


def _is_lost_connection(error: RuntimeError) -> bool:
    said = str(error).lower()
    return isinstance(error, dist.DistError) or any(word in said for word in ("gloo", "connection", "socket"))


def rank() -> int:
    """Number of this process, 0 .. count() - 1."""
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    """How many processes work together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def local_rank() -> int:
    """Number of this process on its machine: the GPU it uses."""
    return int(os.environ.get("LOCAL_RANK", 0))


def own_rows(total: int) -> slice:
    """The rows of `total` that are this process's share: every count()-th."""
    return slice(rank(), total, count())


def from_first(work: Callable[[], T]) -> T:
    """The first process does the work, all get its result, or its InputError."""
    if count() == 1:
        return work()
    answer: list = [None, None]
    if rank() == 0:
        try:
            answer[0] = work()
        except InputError as error:
            answer[1] = str(error)
    dist.broadcast_object_list(answer, src=0, group=_control)
    if answer[1] is not None:
        raise InputError(answer[1])
    return answer[0]


def largest(numbers: list[int]) -> list[int]:
    """The largest value any process has, place by place. All processes must call."""
    return _reduced(torch.tensor(numbers, dtype=torch.int64), dist.ReduceOp.MAX)


def require_same(numbers: list[int], what: str) -> None:
    """Raises InputError in every process where one of them has other numbers."""
    if largest(numbers) != [-value for value in largest([-value for value in numbers])]:
        raise InputError(f"the processes see different {what}: give all of them the same folders")


def mean(numbers: list[float]) -> list[float]:
    """The mean over the processes, place by place. All processes must call."""
    return [value / count() for value in _reduced(torch.tensor(numbers, dtype=torch.float64), dist.ReduceOp.SUM)]


def _reduced(values: torch.Tensor, operation: dist.ReduceOp) -> list:
    if count() > 1:
        dist.all_reduce(values, operation, group=_control)
    return values.tolist()


def gather_rows(own: torch.Tensor, total: int) -> torch.Tensor:
    """`own_rows(total)` of every process, (rows, dim), put together again -> (total, dim), in order, on each of them.

    The gradient reaches each process's own rows as they are, without being summed over the processes.
    """
    return own if count() == 1 else _Gather.apply(own, total)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: torch.Tensor, total: int) -> torch.Tensor:
        ctx.total = total
        most = -(-total // count())
        padded = own.new_zeros((most, *own.shape[1:]))
        padded[: len(own)] = own
        shares = [torch.empty_like(padded) for _ in range(count())]
        dist.all_gather(shares, padded)
        # Row j of process r is row j * count + r of the whole.
        return torch.stack(shares, dim=1).flatten(0, 1)[:total]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradient[own_rows(ctx.total)], None
