"""Numbers that users give as settings: plain ints and floats, or one clear line."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError


def whole_number(name: str, value: Any, at_least: int) -> int:
    """A setting as a plain int, NumPy's integers too.

    Args:
        name: of the setting, for the message.
        value: as given; True and False are no numbers.
        at_least: the smallest value allowed, 0 or more.

    Raises:
        InputError: it is not a whole number, or too small.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if isinstance(value, bool) or number < at_least:
        raise InputError(f"{name} is {value!r}: give a whole number of at least {at_least}")
    return number


def real_number(name: str, value: Any) -> float:
    """A setting as a plain float, or as the int that was given.

    Args:
        name: of the setting, for the message.
        value: as given, a number of NumPy too; True and False are no numbers.

    Raises:
        InputError: it is not a number.
    """
    try:
        if isinstance(value, bool | np.bool_ | str | bytes):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is {value!r}: give a number") from None
    return value if isinstance(value, int | float) else number  # 0 stays 0: records are compared byte for byte
