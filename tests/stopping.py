"""An interruption at a chosen moment, for tests of training."""

from __future__ import annotations

import signal

from single_net.common import signals


class StopAfter(signals.StopSignal):
    """Ctrl-C after so many looks at it."""

    left = 2

    @property
    def received(self) -> int:
        self.left -= 1
        return signal.SIGINT if self.left < 1 else 0

    @received.setter
    def received(self, value: int) -> None:
        pass
