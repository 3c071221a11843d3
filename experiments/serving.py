"""The project's own server in a process of its own, on a free port of this machine."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_SECONDS = 30  # for the server to stop


class Server(NamedTuple):
    """A running server.

    Attributes:
        address: beginning with http://127.0.0.1:PORT
        pid: of its process.
    """

    address: str
    pid: int


@contextlib.contextmanager
def serving(place: Path) -> Iterator[Server]:
    """Serve an index while the block runs. Raises RuntimeError if the server does not start; it has said why."""
    command = [sys.executable, "-m", "single_net.serve", str(place), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:  # it may say first that the index is being brought up to date
                if line.startswith("http://"):
                    break
            else:
                raise RuntimeError("the server does not start")
            yield Server(line.split()[0], process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_SECONDS)
