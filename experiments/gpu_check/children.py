"""Commands in processes of their own with a time limit: what crashes or hangs there ends only itself."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from encoded_text.common.errors import Interrupted

STOPPED = -1  # the status of a command that ran out of time
_GRACE = 20.0  # seconds between asking a command to end and ending it
_POLL = 0.05  # seconds between looks at a command


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


def run(
    module: str,
    *arguments: object,
    seconds: float,
    variables: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> int:
    """Run `python -m MODULE ARGUMENTS` and print the command first.

    Args:
        module: the command.
        arguments: of it.
        seconds: after which it gets the signal `stop`, and a little later it and its children are killed.
        variables: added to the environment.
        stop: with which it ends in order.

    Returns:
        Its exit status; STOPPED if it ran out of time; STOPPED minus the number of the signal that ended it.

    Raises:
        Interrupted: this process got Ctrl-C, SIGTERM or SIGHUP; the command has been ended, whatever came meanwhile.
    """
    words = [sys.executable, "-m", module, *map(str, arguments)]
    print("$ python " + shlex.join(words[1:]), flush=True)

    received = 0

    def note(number: int, _: object) -> None:
        nonlocal received
        received = received or number

    # The command has a process group of its own, which these signals do not reach, in the same session: who kills that
    # leaves nothing running.
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        child = subprocess.Popen(words, env=os.environ | dict(variables or {}), process_group=0)
        for number, handler in before.items():
            # A background job of a shell ignores Ctrl-C; set before, the command would ignore it as well.
            if handler is signal.SIG_IGN:
                signal.signal(number, handler)
        deadline = Deadline(seconds)
        while (status := child.poll()) is None and deadline.left() and not received:
            time.sleep(_POLL)
        if status is None:
            _end(child, stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise Interrupted("stopped", received)
    if status is None:
        print(f"{module}: {seconds:.0f} seconds are over, stopped", flush=True)
        return STOPPED
    return status if status >= 0 else STOPPED + status


def _end(child: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    child.send_signal(stop)
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
