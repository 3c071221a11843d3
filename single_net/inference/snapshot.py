"""What the embeddings of a loaded model depend on: whether it was changed in memory since."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn

_WHOLE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # by bytes of a value


class Snapshot(NamedTuple):
    """A model as it was loaded.

    Attributes:
        file: state of its file before it was read, see `checksums.file_state`.
        weights: see `weight_sums`.
        settings: what else decides about embeddings.
    """

    file: tuple[int, ...] | None
    weights: tuple[int, ...]
    settings: tuple[Any, ...]


@torch.inference_mode()
def weight_sums(network: nn.Module) -> tuple[int, ...]:
    """Two sums over the bits, read as whole numbers, of every parameter and buffer, one of them weighted by position.

    Other values, or the same in another order, have other sums. Versions of tensors, which torch counts, are not
    enough: a change by way of `.data` does not count.
    """
    sums = []
    for value in network.state_dict().values():
        bits = value.view(_WHOLE[value.element_size()]).flatten()
        places = torch.arange(1, len(bits) + 1, dtype=bits.dtype, device=bits.device)
        sums += [bits.sum(), (bits * places).sum()]
    return tuple(torch.stack(sums).tolist()) if sums else ()
