"""The file of an encoder: its arrays as safetensors, everything else as JSON in the file's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import check_utf8, write_atomic
from encoded_text.common.text import as_utf8

_KIND = "encoded_text.TextImageEncoder."
_KEY = _KIND + "1"  # the number grows when the format changes


def write(path: str | PathLike[str], arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
    """Write an encoder's state atomically. Equal states give equal bytes.

    Args:
        path: the file to write; an existing one is replaced.
        arrays: arrays by name.
        meta: JSON-able values by name.

    Raises:
        InputError: the file cannot be written there.
    """
    from safetensors.numpy import save

    _check_path(path)
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    content = save(dict(arrays), metadata={_KEY: as_utf8(text)})
    write_atomic(path, content)


def read(path: str | PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read a file that `write` made.

    Args:
        path: the file to read.

    Returns:
        The arrays and the JSON values, as they were given to `write`.

    Raises:
        InputError: the file is missing or damaged, or is not an encoder.
    """
    from safetensors import SafetensorError, safe_open

    _check_path(path)
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    check_utf8(path)
    try:
        with safe_open(path, framework="numpy") as file:
            meta = (file.metadata() or {}).get(_KEY)
            names = list(file.keys()) if meta is not None else []
            arrays = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, TypeError) as error:  # TypeError: values of a type that NumPy lacks
        raise InputError(f"{path}: not an encoder, or damaged ({error}): fit it again or copy it again") from error
    if meta is None:
        raise InputError(f"{path}: a safetensors file, but not an encoder saved by this version of encoded_text")
    try:
        return arrays, json.loads(meta)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: damaged: its metadata cannot be read ({error})") from error


def _check_path(path: object) -> None:
    if not isinstance(path, str | PathLike):
        raise InputError(f"the file of an encoder is {path!r}: give its path")


def check_replaced(path: str | PathLike[str], mark: str = _KIND, what: str = "encoder") -> None:
    """Check before the work that a safetensors file to be written replaces nothing but one of its kind, damaged or not,
    or an empty file.

    Args:
        path: the file to write.
        mark: what a key or value of the metadata of such files begins with.
        what: names their kind.

    Raises:
        InputError: another file is there.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file() or not Path(path).stat().st_size:
        return
    try:
        with safe_open(path, framework="numpy") as file:
            found = file.metadata() or {}
            own = any(text.startswith(mark) for text in (*found.keys(), *found.values()))
    except SafetensorError:  # damaged: the metadata come first
        with open(path, "rb") as damaged:
            own = mark.encode() in damaged.read(4096)
    if not own:
        raise InputError(f"{path} is no {what} and is not replaced by one: name another file")


def checked(arrays: Mapping[str, np.ndarray], meta: object) -> dict[str, Any]:
    """Check that an encoder's state has the entries that it saves, and give those that older files lack their value.

    Args:
        arrays: arrays by name.
        meta: of any type.

    Returns:
        The JSON values by name.

    Raises:
        InputError: an entry is missing, unknown or of the wrong type.
    """
    values = {"tokenizer": "spaces", **meta} if isinstance(meta, Mapping) else {}
    keys = {"words", "layout", "normalization", "parameters", "tokenizer"}
    if set(arrays) != {"colors"} or set(values) != keys:
        raise InputError("not the state of an encoder: it holds other entries than an encoder saves")
    if not isinstance(values["words"], list) or not isinstance(values["parameters"], Mapping):
        raise InputError("not the state of an encoder: its words or parameters have the wrong type")
    return values


def is_safetensors(path: str | PathLike[str]) -> bool:
    """Whether a file begins like a safetensors file: an eight-byte length, then a JSON object.

    Args:
        path: an existing file.

    Returns:
        True for any safetensors file, whether or not it holds an encoder.
    """
    with open(path, "rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{" and start[6:8] == b"\0\0"
