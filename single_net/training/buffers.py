"""Buffers of a network, such as batch-norm statistics, that some work must not change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def unchanged_buffers(network: nn.Module) -> Iterator[None]:
    """After the block, also after an error in it, the buffers of the network are what they were before."""
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    try:
        yield
    finally:
        with torch.no_grad():
            for name, buffer in network.named_buffers():
                buffer.copy_(before[name])
