"""A model file: all parts of a model as tensors and JSON, read and written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from single_net.common import tensor_file
from single_net.config import RunConfig
from single_net.data.contamination import Fingerprints
from single_net.data.modality import State
from single_net.inference import encoder_state
from single_net.inference.fingerprint_state import fingerprints_from_tensors, fingerprints_to_tensors
from single_net.inference.identity import MODEL, describe
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
        encoder = encoder_state.encoder_from_tensors(tensors, meta)
        network = restore_network(config.network, encoder.layout, tensor_file.without_prefix("network", tensors))
        known = fingerprints_from_tensors(tensors), encoder_state.third_from_tensors(tensors, meta)
    except InputError as error:
        raise InputError(f"{file}: not a model as training writes it: {error}") from None
    return Parts(network, encoder, config, meta, *known)


def write_model(path: Path, parts: Parts) -> None:
    """Write a model file, atomically. Raises OSError where writing fails."""
    encoder_tensors, encoder_meta = encoder_state.encoder_to_tensors(parts.encoder)
    encoder_tensors |= encoder_state.third_to_tensors(parts.third)
    tensors = tensor_file.with_prefix("network", parts.network.state_dict()) | encoder_tensors
    tensors |= fingerprints_to_tensors(parts.fingerprints) if parts.fingerprints else {}
    tensor_file.save(path, "model", tensors, parts.meta | {"config": parts.config.to_dict(), "encoder": encoder_meta})


def identity_of(parts: Parts) -> str:
    """The identity of a model that is in no file, see `identity.describe`."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(path := Path(folder) / MODEL, parts)
        with path.open("rb") as file:
            return describe(file).identity
