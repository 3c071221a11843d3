"""Commands one after another in one process, or in each that torchrun starts, with the shallow network: importing torch
takes longer than they do."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

MARK = "== next command\n"  # printed before each


def script(*commands: Sequence[str]) -> list[str]:
    """This script with its arguments, to follow the words that start Python or torchrun.

    Args:
        commands: a module with main(), and its arguments.
    """
    return [__file__, json.dumps(commands), json.dumps(free_ports(len(commands)))]


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody uses."""
    with contextlib.ExitStack() as block:
        sockets = [block.enter_context(socket.socket()) for _ in range(count)]
        for own in sockets:
            own.bind(("127.0.0.1", 0))
        return [own.getsockname()[1] for own in sockets]


if __name__ == "__main__":
    del sys.path[0]  # this folder has folders named as the packages
    runpy.run_path(str(Path(__file__).with_name("shallow.py")))["use_shallow"]()
    # A store for each command: in torchrun's own, the second group would find what the first has left.
    os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "False"
    commands, ports = map(json.loads, sys.argv[1:])
    for (module, *arguments), port in zip(commands, ports, strict=True):
        if os.environ.get("RANK", "0") == "0":
            print(MARK, end="", flush=True)
        os.environ["MASTER_PORT"] = str(port)
        sys.argv[1:] = arguments
        importlib.import_module(module).main()
