"""Arguments and settings that users give: plain numbers, one of some names, or one clear line."""

from __future__ import annotations

import operator
from collections.abc import Iterable
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


def require_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Check a setting that is one of some names.

    Args:
        name: of the setting, for the message.
        value: as given.
        choices: what it may be.

    Raises:
        InputError: it is something else.
    """
    allowed = tuple(choices)  # of anything else `in` may want a hash
    if value not in allowed:
        raise InputError(f"{name} is {value!r}: choose one of {', '.join(allowed)}")
