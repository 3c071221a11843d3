"""The arguments of the losses: what cannot be used is one clear line, without waiting for a GPU."""

from __future__ import annotations

import math
from typing import Any

import torch

from encoded_text.common.arguments import real_number
from encoded_text.common.errors import InputError


def positive_number(name: str, value: Any, *, zero: bool = False) -> float:
    """A setting above zero, or with `zero` also zero itself. Raises InputError for others and for no number."""
    number = real_number(name, value)
    if not (0 < number < math.inf or (zero and number == 0)):
        raise InputError(f"{name} is {value!r}: give a number {'of at least' if zero else 'above'} 0")
    return number


def require_features(features: Any, dim: int | None = None, name: str = "features") -> None:
    """Check that features are a float tensor (n, dim).

    Args:
        features: as given.
        dim: None allows any.
        name: for the message.

    Raises:
        InputError: they are something else.
    """
    wanted = f"give a float tensor (n, {'dim' if dim is None else dim})"
    if not isinstance(features, torch.Tensor):
        raise InputError(f"{name} are a {type(features).__name__}: {wanted}")
    if features.ndim != 2 or dim not in (None, features.shape[1]):
        raise InputError(f"{name} have shape {tuple(features.shape)}: {wanted}")
    if not features.is_floating_point():
        raise InputError(f"{name} are of {features.dtype}: {wanted}")


def whole_numbers(name: str, values: Any, rows: int, below: int | None = None) -> torch.Tensor:
    """Labels or indices of rows as int64.

    Args:
        name: for the message.
        values: as given: an integer tensor (rows,), each -1 or more.
        rows: how many are needed.
        below: what each must be below; None allows any. Values on a GPU are not looked at: that would wait for it.

    Raises:
        InputError: they are something else.
    """
    wanted = "give an integer tensor with one number for each row of the features"
    if not isinstance(values, torch.Tensor):
        raise InputError(f"{name} are a {type(values).__name__}: {wanted}")
    if values.shape != (rows,):
        raise InputError(f"{name} have shape {tuple(values.shape)}: expected one for each of {rows} rows")
    if values.is_floating_point() or values.is_complex() or values.dtype == torch.bool:
        raise InputError(f"{name} are of {values.dtype}: {wanted}")
    values = values.long()
    if values.device.type == "cpu" and rows:
        least, most = int(values.min()), int(values.max())
        if least < -1 or (below is not None and most >= below):
            wrong = least if least < -1 else most
            raise InputError(f"{name} hold {wrong}: give -1 (none) or numbers{f' below {below}' if below else ''}")
    return values
