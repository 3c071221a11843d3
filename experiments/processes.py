"""Commands of the project in processes of their own."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys

from encoded_text.common.errors import InputError


def call(module: str, *arguments: object) -> None:
    """Run `python -m MODULE ARGUMENTS`, print the command first, and pass on SIGTERM.

    If the command fails it has said why: this process exits with its status.

    Raises:
        InputError: the command was killed by a signal.
    """
    words = [sys.executable, "-m", module, *map(str, arguments)]
    print("$ python " + shlex.join(words[1:]), flush=True)
    child: subprocess.Popen[bytes] | None = None
    stopped = False

    def pass_on(number: int, _: object) -> None:
        nonlocal stopped
        stopped = stopped or number == signal.SIGTERM
        if child is not None and number == signal.SIGTERM:
            child.terminate()

    # Ctrl-C reaches the child by itself, SIGTERM does not: let it save and say how to go on.
    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        child = subprocess.Popen(words)
        if stopped:  # before there was a child to tell
            child.terminate()
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if status in (-signal.SIGINT, -signal.SIGTERM):
        sys.exit(128 - status)
    if status < 0:
        why = ": out of memory?" if status == -signal.SIGKILL else ""
        raise InputError(f"{module} was killed by signal {-status} ({signal.Signals(-status).name}){why}")
    if status:
        sys.exit(status)
