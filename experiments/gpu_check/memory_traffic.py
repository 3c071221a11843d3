"""How many bytes a step of training moves, counted without computing (operations: bench.training_step.flops)."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from single_net.models.single_net import SingleNet

FLOAT32, HALF = 4, 2  # bytes
ADAM = 7 * FLOAT32  # a parameter: weight, gradient and two moments read, all but the gradient written
CASTS = 2 * (FLOAT32 + HALF)  # a parameter: its weight to 16 bits, its gradient back
_FREE = {torch.ops.aten.empty, torch.ops.aten.empty_like, torch.ops.aten.empty_strided, torch.ops.aten.detach}


def bytes_moved(size: int, samples: int, *, backward: bool) -> float:
    """Bytes that one call of the network in 16-bit arithmetic moves through the memory of a device.

    Each operation reads its inputs and writes its outputs once; nothing is fused and nothing stays in a cache. The
    network is counted in float32 and its bytes halved.

    Args:
        size: side of the inputs in pixels.
        samples: of a batch.
        backward: with the backward pass, the casts of weights and gradients, and Adam's update of the weights.
    """
    fixed, of_sample = _parts(size, backward)
    network = (fixed + samples * of_sample) * HALF / FLOAT32
    return network + (parameters() * (CASTS + ADAM) if backward else 0)


@cache
def parameters() -> int:
    """Of the network."""
    return sum(parameter.numel() for parameter in _network().parameters())


@cache
def _network() -> SingleNet:
    with torch.device("meta"):
        return SingleNet().train()


@cache
def _parts(size: int, backward: bool) -> tuple[float, float]:
    """Bytes in float32 that do not depend on the batch, and those of each sample."""
    few, more = (_traffic(size, samples, backward) for samples in (2, 4))
    return 2 * few - more, (more - few) / 2


def _traffic(size: int, samples: int, backward: bool) -> int:
    inputs = torch.empty(samples, 3, size, size, device="meta")
    _network().zero_grad(set_to_none=True)
    with torch.set_grad_enabled(backward), _Traffic() as traffic:
        embeddings = _network()(inputs)
        if backward:
            embeddings.sum().backward()
    return traffic.bytes


class _Traffic(TorchDispatchMode):
    """Adds up the bytes of all tensors that go into and come out of operations."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if not func.is_view and func.overloadpacket not in _FREE:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, out)) if isinstance(leaf, torch.Tensor)]
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
        return out
