"""The encoders of captions and of a third modality inside a model file or checkpoint."""

from __future__ import annotations

from typing import Any

import torch

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from single_net.common.tensor_file import with_prefix, without_prefix
from single_net.data.modality import State


def encoder_to_tensors(encoder: TextImageEncoder) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Tensors named "encoder.*", and the JSON-able rest."""
    arrays, meta = encoder.state()
    return with_prefix("encoder", {name: torch.from_numpy(array) for name, array in arrays.items()}), meta


def encoder_from_tensors(tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> TextImageEncoder:
    """The inverse: from all tensors of a file and its meta with the key "encoder".

    Raises:
        InputError: the file does not hold an encoder.
    """
    own = without_prefix("encoder", tensors)
    if any(value.dtype != torch.uint8 for value in own.values()):
        raise InputError("not the state of an encoder: its colors are not uint8")
    return TextImageEncoder.from_state({name: value.numpy() for name, value in own.items()}, meta.get("encoder", {}))


def third_to_tensors(state: State | None) -> dict[str, torch.Tensor]:
    """What the encoder of a third modality has fitted, as tensors "third.*"; its settings are part of the meta."""
    return with_prefix("third", {name: torch.from_numpy(array) for name, array in state[0].items()}) if state else {}


def third_from_tensors(tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> State | None:
    """The inverse: from all tensors of a file and its meta; None for a model of two modalities."""
    third = meta.get("third")
    if not isinstance(third, dict):
        return None
    return {name: value.numpy() for name, value in without_prefix("third", tensors).items()}, third.get("encoder", {})
