"""Graceful stopping: Ctrl-C and SIGTERM are noted, and acted on after the training step."""

from __future__ import annotations

import signal
from typing import Any

from encoded_text.common.errors import Interrupted


class StopSignal:
    """A context in which SIGINT and SIGTERM are only noted, so that a step and its checkpoint are completed.

    A second Ctrl-C stops at once. A second SIGTERM does not: clusters and torchrun send several. After `raise_at_once`
    the first signal stops at once as well.

    Attributes:
        received: number of the last signal; 0 if there was none.
    """

    def __init__(self) -> None:
        self.received = 0
        self._message = ""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: object) -> None:
        if self.received and number == signal.SIGINT:
            raise Interrupted("stopped at once; the last checkpoint is kept", number)
        first, self.received = not self.received, number
        if first and self._message:
            raise Interrupted(self._message, number)

    def raise_at_once(self, message: str) -> None:
        """Let the first signal raise Interrupted with a message, now if it was received before."""
        self._message = message
        if self.received:
            raise Interrupted(message, self.received)

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
