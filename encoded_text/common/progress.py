"""Progress bars with the time left, shown only where the work takes longer than two seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


def progress(
    items: Iterable[Any] | None = None,
    *,
    what: str,
    total: int | None = None,
    unit: str = "it",
    done: int = 0,
    logged: bool = True,
    shown: bool = True,
) -> tqdm[Any]:
    """A tqdm bar on stderr.

    Without a terminal (in a log file) it is updated at most every 20 seconds. Of several processes started by torchrun
    only rank zero shows it.

    Args:
        items: what to iterate over; None if the caller calls `update`.
        what: the label in front of the bar.
        total: the number of items, where `items` has no length.
        unit: what one item is called.
        done: items of `total` that an earlier process has done; they do not count for the speed.
        logged: whether to show the bar without a terminal.
        shown: whether to show it at all.

    Returns:
        The bar, an iterable and a context manager.
    """
    from tqdm import tqdm

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
        disable=os.environ.get("RANK", "0") != "0" or not shown or not (terminal or logged),
    )
