"""Distributed training: several processes started by torchrun train one network.

Without torchrun there is one process, and every function here does the same for it. Small messages (stop? save? the
loss) go through a gloo group on the CPUs, so that no process waits for its GPU. Gradients and embeddings go through
NCCL on GPUs and gloo elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist

from encoded_text.common.errors import InputError

T = TypeVar("T")

TIMEOUT = timedelta(hours=2)  # rank zero may be decoding images or training word vectors while the others wait
_control: Any = None  # the gloo group of small messages


@contextlib.contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Join the processes that torchrun started; without torchrun nothing happens.

    Args:
        device: of this process. All processes use the same type of device.

    Raises:
        InputError: another process was lost.
    """
    global _control
    if not dist.is_torchelastic_launched():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=TIMEOUT)
    _control = dist.new_group(backend="gloo", timeout=TIMEOUT)
    try:
        yield
    except RuntimeError as error:
        if _is_lost_connection(error):
            raise InputError(
                f"process {rank()} of {world_size()} lost another one: start them all again (a training with --resume)"
            ) from error
        raise
    # Not after an error: the others may be waiting for this process, which would wait for them here.
    _control = None
    dist.destroy_process_group()


def _is_lost_connection(error: RuntimeError) -> bool:
    message = str(error).lower()
    return isinstance(error, dist.DistError) or any(word in message for word in ("gloo", "connection", "socket"))


def rank() -> int:
    """The number of this process: 0 to world_size() - 1."""
    return dist.get_rank() if dist.is_initialized() else 0


def world_size() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def local_rank() -> int:
    """The number of this process on its machine, which is also that of its GPU."""
    return int(os.environ.get("LOCAL_RANK", 0))


def shard(total: int) -> slice:
    """The rows of `total` that this process works on: every world_size()-th, beginning with its rank."""
    return slice(rank(), total, world_size())


def tell(line: str) -> None:
    """Print a line on stderr; of several processes rank zero does."""
    if rank() == 0:
        print(line, file=sys.stderr)


def on_rank_zero(work: Callable[[], T]) -> T:
    """Do `work` in the process of rank zero only. All processes must call.

    Args:
        work: called without arguments. Its result must be picklable if there are several processes.

    Returns:
        The result of `work`, in every process.

    Raises:
        InputError: `work` raised it; in every process.
    """
    if world_size() == 1:
        return work()
    answer: list[Any] = [None, None]  # the result, the message of an InputError
    if rank() == 0:
        try:
            answer[0] = work()
        except InputError as error:
            answer[1] = str(error)
    dist.broadcast_object_list(answer, src=0, group=_control)
    if answer[1] is not None:
        raise InputError(answer[1])
    return cast(T, answer[0])


def all_reduce_max(values: list[int]) -> list[int]:
    """The largest of each value over all processes. All processes must call, with equally many values."""
    return [int(value) for value in _all_reduce(torch.tensor(values, dtype=torch.int64), dist.ReduceOp.MAX)]


def all_reduce_mean(values: list[float]) -> list[float]:
    """The mean of each value over all processes, in float64. All processes must call, with equally many values."""
    sums = _all_reduce(torch.tensor(values, dtype=torch.float64), dist.ReduceOp.SUM)
    return [float(value) / world_size() for value in sums]


def require_same(values: list[int], what: str) -> None:
    """Check that all processes have the same values. All processes must call.

    Args:
        values: equally many in every process.
        what: names what the values stand for, in the plural.

    Raises:
        InputError: the values differ; in every process.
    """
    if all_reduce_max(values) != [-value for value in all_reduce_max([-value for value in values])]:
        raise InputError(f"the processes see different {what}: give all of them the same folders")


def _all_reduce(values: torch.Tensor, operation: Any) -> torch.Tensor:
    if world_size() > 1:
        dist.all_reduce(values, operation, group=_control)
    return values


def gather_rows(own: torch.Tensor, total: int) -> torch.Tensor:
    """Gather the rows of all processes. All processes must call.

    The gradient of a process's own rows is passed on as it is, without being summed over the processes.

    Args:
        own: (rows, ...), the rows `shard(total)`.
        total: number of rows over all processes.

    Returns:
        (total, ...), all rows in order, in every process.
    """
    return own if world_size() == 1 else cast(torch.Tensor, _Gather.apply(own, total))


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: torch.Tensor, total: int) -> torch.Tensor:
        ctx.total = total
        most = -(-total // world_size())
        padded = own.new_zeros((most, *own.shape[1:]))
        padded[: len(own)] = own
        shares = [torch.empty_like(padded) for _ in range(world_size())]
        dist.all_gather(shares, padded)
        # Row j of process r is row j * world_size + r of the whole.
        return torch.stack(shares, dim=1).flatten(0, 1)[:total]

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradient[shard(ctx.total)], None
