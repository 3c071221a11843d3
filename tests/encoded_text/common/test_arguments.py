"""Arguments of users: plain numbers, one of some names, or one line."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError
from encoded_text.common.arguments import real_number, require_choice, whole_number


def test_numpy_numbers_become_plain_ones_and_plain_ones_stay():
    assert type(whole_number("n", np.int8(3), at_least=1)) is int
    assert type(real_number("x", np.float32(0.5))) is float
    assert type(real_number("x", 0)) is int and real_number("x", 0.25) == 0.25


@pytest.mark.parametrize("value", [2.0, "2", True, np.bool_(True), None, 0, -1])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(InputError, match=r"^n is .*: give a whole number of at least 1$"):
        whole_number("n", value, at_least=1)


@pytest.mark.parametrize("value", ["0.5", b"1", True, np.bool_(True), None, [1, 2], 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InputError, match=r"^x is .*: give a number$"):
        real_number("x", value)


def test_a_choice_is_one_of_its_names():
    require_choice("fill", "blank", ("blank", "repeat"))
    for value in ("Blank", "", None, 0, ["blank"], {"blank"}):
        with pytest.raises(InputError, match=r"^fill is .*: choose one of blank, repeat$"):
            require_choice("fill", value, iter(("blank", "repeat")))
