"""The encoder of captions inside a model file or checkpoint."""

from __future__ import annotations

from typing import Any

import torch

from encoded_text import TextImageEncoder
from single_net.common.tensor_file import with_prefix, without_prefix


def encoder_to_tensors(encoder: TextImageEncoder) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Tensors named "encoder.*", and the JSON-able rest."""
    arrays, meta = encoder.state()
    return with_prefix("encoder", {name: torch.from_numpy(array) for name, array in arrays.items()}), meta


def encoder_from_tensors(tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> TextImageEncoder:
    """The inverse: from all tensors of a file and its meta with the key "encoder"."""
    arrays = {name: value.numpy() for name, value in without_prefix("encoder", tensors).items()}
    return TextImageEncoder.from_state(arrays, meta["encoder"])
