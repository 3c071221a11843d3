"""Progress bars with time left: shown only where the work takes longer than two seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from tqdm import tqdm


def progress(
    items: Iterable | None = None,
    *,
    what: str,
    total: int | None = None,
    unit: str = "it",
    done: int = 0,
    logged: bool = True,
) -> tqdm:
    """A tqdm bar on stderr; in a log file (no terminal) it writes at most every 20 seconds, and of the processes that
    torchrun starts only the first shows one.

    logged: whether to write into log files at all.
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
        disable=os.environ.get("RANK", "0") != "0" or not (terminal or logged),
    )
