"""An encoder as one safetensors file: its arrays as tensors, the rest as JSON in the file's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import replacing

_KEY = "encoded_text.TextImageEncoder.1"  # the number grows when the format changes


def write(path: str | PathLike, arrays: Mapping[str, np.ndarray], meta: Mapping) -> None:
    """Write `path` in one step: equal contents give equal bytes."""
    from safetensors.numpy import save

    content = save(dict(arrays), metadata={_KEY: json.dumps(meta, ensure_ascii=False, sort_keys=True)})
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def read(path: str | PathLike) -> tuple[dict[str, np.ndarray], dict]:
    """(arrays, meta) of a file that `write` made. Raises InputError for a missing, foreign or damaged one."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            meta = (file.metadata() or {}).get(_KEY)
            names = list(file.keys()) if meta is not None else []
            arrays = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise InputError(f"{path}: not an encoder, or damaged ({error}): fit it again or copy it again") from error
    if meta is None:
        raise InputError(f"{path}: a safetensors file, but not an encoder saved by this version of encoded_text")
    try:
        return arrays, json.loads(meta)
    except ValueError as error:
        raise InputError(f"{path}: damaged: its description cannot be read ({error})") from error


def is_safetensors(path: str | PathLike) -> bool:
    """Whether the file begins as safetensors files do: eight bytes of length, then a JSON object."""
    with open(path, "rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{" and start[6:8] == b"\0\0"
