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
        Interrupted: this process got SIGTERM or SIGHUP; the command has been ended.
    """
    words = [sys.executable, "-m", module, *map(str, arguments)]
    print("$ python " + shlex.join(words[1:]), flush=True)

    child: subprocess.Popen[bytes] | None = None
    early = 0

    def interrupt(number: int, _: object) -> None:
        nonlocal early
        early = number
        if child is not None:
            raise Interrupted("stopped", number)

    # The command has a process group of its own, which these signals do not reach, in the same session: who kills that
    # leaves nothing running.
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    # A background job of a shell ignores Ctrl-C, and so would its children.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        try:
            child = subprocess.Popen(words, env=os.environ | dict(variables or {}), process_group=0)
        finally:
            signal.signal(signal.SIGINT, ignored)
        if early:  # before there was a command to end
            raise Interrupted("stopped", early)
        status = child.wait(seconds)
        return status if status >= 0 else STOPPED + status
    except subprocess.TimeoutExpired:
        print(f"{module}: {seconds:.0f} seconds are over, stopped", flush=True)
        return STOPPED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if child is not None:
            _end(child, stop)


def _end(child: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    if child.poll() is not None:
        return
    child.send_signal(stop)
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
