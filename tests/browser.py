"""A browser without a window, for tests of pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.figures import browser


@contextlib.contextmanager
def chromium(folder: Path, *flags: str) -> Iterator[Any]:
    """As `browser.chromium`; skips the test, and says why, where there is no browser."""
    with contextlib.ExitStack() as block:
        try:
            started = block.enter_context(browser.chromium(folder, *flags))
        except RuntimeError as error:
            pytest.skip(str(error))
        yield started
