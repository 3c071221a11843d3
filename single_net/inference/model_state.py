"""The parts of a model as tensors and JSON, and the model file that holds them all."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from single_net.common import tensor_file
from single_net.common.tensor_file import with_prefix, without_prefix
from single_net.config import RunConfig
from single_net.data.contamination import NUM_VALUES, Fingerprints
from single_net.data.modality import State
from single_net.inference.identity import Tensor, checksum
from single_net.models.build import restore_network
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower


class Parts(NamedTuple):
    """What a model file holds; see `model.Model` for each."""

    network: SingleNet | TwoTower
    encoder: TextImageEncoder
    config: RunConfig
    meta: dict[str, Any]
    fingerprints: Fingerprints | None
    third: State | None


def read_model(file: Path) -> Parts:
    """Read a model file, onto the CPU.

    Raises:
        InputError: the file is missing, damaged or not a model, or its parts do not fit each other.
    """
    tensors, meta = tensor_file.load(file, "model")
    try:
        config = RunConfig.from_dict(meta.get("config", {}))
        encoder = encoder_from_tensors(tensors, meta)
        network = restore_network(config.network, encoder.layout, without_prefix("network", tensors))
        known = fingerprints_from_tensors(tensors), _third_from_tensors(tensors, meta)
    except InputError as error:
        raise InputError(f"{file}: not a model as training writes it: {error}") from None
    return Parts(network, encoder, config, meta, *known)


def write_model(path: Path, parts: Parts) -> None:
    """Write a model file, atomically. Raises OSError where writing fails."""
    tensors, meta = _deciding(parts)
    tensors |= fingerprints_to_tensors(parts.fingerprints) if parts.fingerprints else {}
    tensor_file.save(path, "model", tensors, meta)


def identity_of(parts: Parts) -> str:
    """The identity of a model as it is in memory: that of the file that `write_model` would write."""
    tensors, meta = _deciding(parts)
    return checksum(meta, [_in_memory(name, value) for name, value in tensors.items()])


def _deciding(parts: Parts) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The tensors that decide about embeddings, and the meta of the file."""
    encoder_tensors, encoder_meta = encoder_to_tensors(parts.encoder)
    with contextlib.suppress(InputError):  # an older file lacks entries, without which it keeps its identity
        stored = parts.meta.get("encoder", {})
        if encoder_from_tensors(encoder_tensors, {"encoder": stored}).state()[1] == encoder_meta:
            encoder_meta = stored
    tensors = with_prefix("network", parts.network.state_dict()) | encoder_tensors | _third_to_tensors(parts.third)
    return tensors, parts.meta | {"config": parts.config.to_dict(), "encoder": encoder_meta}


def _in_memory(name: str, value: torch.Tensor) -> Tensor:
    dtype = str(value.dtype).removeprefix("torch.")  # "float32" is "F32" in the file
    for kind in ("float", "uint", "int"):
        dtype = dtype.replace(kind, kind[0])
    value = value.detach().cpu()
    bits = value.view(torch.int16) if value.dtype == torch.bfloat16 else value  # which NumPy lacks
    # NumPy's copy of a channels-last tensor takes a fraction of torch's, whose threads wait for each other.
    return Tensor(name, dtype.upper(), list(value.shape), [np.ascontiguousarray(bits.numpy()).data])


def encoder_to_tensors(encoder: TextImageEncoder) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The encoder of captions as tensors "encoder.*", and the JSON-able rest."""
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


def fingerprints_to_tensors(fingerprints: Fingerprints) -> dict[str, torch.Tensor]:
    """The fingerprints of the training data as tensors "fingerprints.*"."""
    arrays = {"images": fingerprints.images, "captions": fingerprints.captions}
    return with_prefix("fingerprints", {name: torch.from_numpy(array) for name, array in arrays.items()})


def fingerprints_from_tensors(tensors: dict[str, torch.Tensor]) -> Fingerprints | None:
    """The inverse, from all tensors of a file; None if it holds no fingerprints.

    Raises:
        InputError: they are not of this version.
    """
    found = without_prefix("fingerprints", tensors)
    if not found:
        return None
    images, captions = (found.get(name, torch.empty(0)) for name in ("images", "captions"))
    if (images.dtype, images.shape[1:], captions.dtype, captions.ndim) != (torch.int8, (NUM_VALUES,), torch.int64, 1):
        raise InputError("its fingerprints of the training images are not of this version")
    return Fingerprints(images.numpy(), captions.numpy())


def _third_to_tensors(state: State | None) -> dict[str, torch.Tensor]:
    """What the encoder of a third modality has fitted, as tensors "third.*"; its settings are part of the meta."""
    return with_prefix("third", {name: torch.from_numpy(array) for name, array in state[0].items()}) if state else {}


def _third_from_tensors(tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> State | None:
    """The inverse: from all tensors of a file and its meta; None for a model of two modalities."""
    third = meta.get("third")
    if not third:
        return None
    try:
        return {name: value.numpy() for name, value in without_prefix("third", tensors).items()}, third["encoder"]
    except (KeyError, TypeError) as error:  # TypeError also for values of a type that NumPy lacks
        raise InputError(f"the encoder of its third modality cannot be read ({error})") from None
