"""What the fuzz tests share: how many examples, odd words and numbers, and how a command may end."""

from __future__ import annotations

import os
from collections.abc import Callable

from commands import outcome
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FEW = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")),
    derandomize="FUZZ_EXAMPLES" not in os.environ,  # the same examples every time, unless somebody goes looking
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
FEWER = settings(FEW, max_examples=FEW.max_examples // 3)  # most of these load the whole network

_NOT_UTF_8 = st.text(
    st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]), min_size=1, max_size=3
)
WORDS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=12) | _NOT_UTF_8
NUMBERS = st.integers().map(str) | st.floats().map(str) | st.sampled_from(["9" * 5000, "1e999", "-1", "0", "٣", "1_0"])


def assert_one_line(main: Callable[[], None], *arguments: object) -> int:
    """Call a command: it succeeds, or refuses the call in one line. Returns its status."""
    status, _, err = outcome(main, *arguments)
    lines = err.splitlines()
    assert status in (0, 2) and [line.startswith("error: ") for line in lines].count(True) == (status == 2), err
    assert status == 0 or lines[-1].startswith("error: "), err
    return status
