"""Progress bars with time left: shown only where the work takes longer than two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tqdm import tqdm


def progress(
    items: Iterable | None = None, *, what: str, total: int | None = None, unit: str = "it", done: int = 0
) -> tqdm:
    """A tqdm bar on stderr; in a log file (no terminal) it writes at most every 20 seconds.

    done: how much of `total` an earlier process has done; it does not count for the speed.
    """
    terminal = sys.stderr.isatty()
    return tqdm(
        items,
        desc=what,
        total=total,
        initial=done,
        unit=unit,
        delay=2,
        mininterval=0.2 if terminal else 20,
        dynamic_ncols=terminal,
        ascii=None if terminal else True,
        leave=True,
    )
