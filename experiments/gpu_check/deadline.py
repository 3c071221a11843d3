"""A time limit that several parts share."""

from __future__ import annotations

import time


class Deadline:
    """Counts down from its making.

    Args:
        seconds: until the end.
    """

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self, reserve: float = 0.0) -> float:
        """Seconds until the end, less those that are reserved for later; never below 0."""
        return max(0.0, self._end - time.monotonic() - reserve)
