"""Configuration files: TOML on top of other TOML files, as nested settings that are not checked yet."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from encoded_text.common.text import read_utf8


def read_settings(path: Path, _above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The settings of a TOML file and of its bases, merged, not yet checked. Raises InputError for a bad file."""
    if path.resolve() in _above:
        raise InputError(f"{path}: is its own base: a file cannot be based on itself")
    if not path.exists():
        raise InputError(f"{path}: no such configuration file: see experiments/configs/ for some")
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a configuration file, e.g. of experiments/configs/")
    text = read_utf8(path)
    try:
        own = tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{path}: not a TOML file: nested too deeply") from None
    except ValueError as error:  # not TOML, or a number of thousands of digits
        raise InputError(f"{path}: not a TOML file: {error}") from None
    bases = own.pop("base", [])
    if not isinstance(bases, list) or not all(isinstance(base, str) for base in bases):
        raise InputError(f"{path}: base is {bases!r}: expected a list of files")
    values: dict[str, Any] = {}
    for base in bases:
        merge(values, read_settings(path.parent / base, (*_above, path.resolve())))
    merge(values, own)
    return values


def merge(values: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Put nested `changes` into nested `values`, section by section. Raises InputError if a value should be one."""
    for key, value in changes.items():
        if isinstance(value, Mapping) and not isinstance(values.get(key, {}), dict):
            raise InputError(f"{key} is {values[key]!r}: should be a section with keys")
        if isinstance(value, Mapping) and isinstance(values.get(key), dict):
            merge(values[key], value)
        else:
            values[key] = dict(value) if isinstance(value, Mapping) else value


def parse_change(change: str) -> dict[str, Any]:
    """A change "section.key=value" as nested settings. Raises InputError if it is not of that form."""
    key, equals, text = change.partition("=")
    if not equals:
        raise InputError(f"--set {change}: write it as section.key=value, e.g. training.epochs=2")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a plain word
    except (ValueError, RecursionError) as error:
        raise InputError(f"--set {key}: not a value: {error}") from None
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return value
