"""Commands one after another in the processes that torchrun starts: importing torch takes longer than they do."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import socket
import sys

MARK = "== next command\n"  # printed before each


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody uses."""
    with contextlib.ExitStack() as block:
        sockets = [block.enter_context(socket.socket()) for _ in range(count)]
        for own in sockets:
            own.bind(("127.0.0.1", 0))
        return [own.getsockname()[1] for own in sockets]


if __name__ == "__main__":
    del sys.path[0]  # this folder has folders named as the packages
    # A store for each command: in torchrun's own, the second group would find what the first has left.
    os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "False"
    commands, ports = map(json.loads, sys.argv[1:])
    for (module, *arguments), port in zip(commands, ports, strict=True):
        if os.environ["RANK"] == "0":
            print(MARK, end="", flush=True)
        os.environ["MASTER_PORT"] = str(port)
        sys.argv[1:] = arguments
        importlib.import_module(module).main()
