"""Files of models and checkpoints: tensors and JSON in one safetensors file, written atomically, without pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialize

from encoded_text import storage
from encoded_text.common.errors import InputError
from encoded_text.common.files import check_utf8, write_atomic

FORMATS = {
    "model": "single-net model 1",
    "checkpoint": "single-net checkpoint 2",
    "teaching file": "single-net teaching 1",
    "teacher comparison": "single-net halves 1",
}
_HOW = {"teaching file": "prepare it first (python -m single_net.teach CONFIG)"}


def save(path: Path, kind: str, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
    """Write a file of tensors atomically.

    Args:
        path: the file.
        kind: one of FORMATS.
        tensors: by name, on any device.
        meta: anything JSON can hold.

    Raises:
        OSError: writing failed, with `filename` and `errno` set.
        TypeError: `meta` holds something JSON cannot.
    """
    owned = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    # Not save_file: it writes a temporary file of its own, which nobody clears away if the process is killed.
    content = serialize(owned, metadata={"format": FORMATS[kind], "meta": json.dumps(meta)})
    write_atomic(path, content)


def load(path: Path, kind: str) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Read a file written by `save`.

    Args:
        path: the file.
        kind: one of FORMATS.

    Returns:
        The tensors by name, on the CPU, and `meta`.

    Raises:
        InputError: the file is missing, damaged, of another kind or none of this project's.
    """
    if not path.is_file():
        how = _HOW.get(kind, "train one first (python -m single_net.train CONFIG)")
        raise InputError(f"{path}: no such {kind}: {how}")
    check_utf8(path)
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMATS[kind]:
                raise InputError(f"{path} is not a {kind} of this project (format {header.get('format')!r})")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        meta = json.loads(header["meta"])
        if not isinstance(meta, dict):
            raise ValueError("its meta is not a table")
        return tensors, meta
    except InputError:
        raise
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is damaged or not a {kind} of this project ({error}): train again or use a copy"
        ) from None


def check_replaced(path: Path, kind: str) -> None:
    """Check before the work that a file to be written replaces nothing but one of its kind, damaged, empty or not.

    Raises:
        InputError: a file of another kind, or of another program, is there.
    """
    check_utf8(path)
    storage.check_replaced(path, FORMATS[kind], kind)


def with_prefix(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors under the names "prefix.name"."""
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def without_prefix(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors whose names begin with "prefix.", under the rest of their names."""
    start = prefix + "."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
