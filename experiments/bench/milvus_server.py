"""A real Milvus server on this machine, from the package `milvus`, for measurements and tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from unittest import mock

from encoded_text.common.errors import Interrupted
from experiments.serving import Server

LOG_LINES = 15


@contextlib.contextmanager
def milvus_server(folder: Path) -> Iterator[Server]:
    """Start a server on a free port, and stop it after the block. It takes some 15 seconds.

    Args:
        folder: a new folder for its data, which is deleted afterwards.

    Raises:
        RuntimeError: the package is not installed, or the server does not start here.
    """
    try:
        from milvus import default_server as server
    except ImportError:
        raise RuntimeError("the package milvus, which holds a server, is not installed") from None
    server.set_base_dir(str(folder))
    before = signal.signal(signal.SIGTERM, _stop)  # else the server would outlive this process
    try:
        try:
            with mock.patch.dict(os.environ, _own_ports(folder)):
                server.start()
        except (OSError, RuntimeError, TimeoutError) as error:
            logs = [path.read_text(errors="replace") for path in (folder / "logs").glob("milvus-std*.log")]
            last = " ".join("\n".join(logs).splitlines()[-LOG_LINES:])
            raise RuntimeError(f"no Milvus server runs here: {error}: {last}") from error
        yield Server(f"http://127.0.0.1:{server.listen_port}", server.server_proc.pid)
    finally:
        if server.server_proc is not None:
            server.server_proc.kill()  # its data are deleted below; by itself it may take more than a minute to end
            server.server_proc.wait()
        server.stop()
        server.cleanup()  # 500 MB of programs
        signal.signal(signal.SIGTERM, before)


def _own_ports(folder: Path) -> dict[str, str]:
    """The ports that the package leaves at their defaults, so that two servers could not run at once: as variables of
    the environment, which go before its configuration."""
    with contextlib.ExitStack() as block:
        sockets = [block.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        client, peer, metrics = (one.getsockname()[1] for one in sockets)
    own = folder / "etcd.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    addresses = {"client": f"http://127.0.0.1:{client}", "peer": f"http://127.0.0.1:{peer}"}
    lines = [f"listen-{kind}-urls: {address}\n" for kind, address in addresses.items()]
    lines += ["name: default\n", f"advertise-client-urls: {addresses['client']}\n"]
    lines += [f"initial-advertise-peer-urls: {addresses['peer']}\n", f"initial-cluster: default={addresses['peer']}\n"]
    own.write_text("".join(lines))
    return {
        "ETCD_CONFIG_PATH": str(own),
        "ETCD_ENDPOINTS": f"127.0.0.1:{client}",
        "METRICS_PORT": str(metrics),
    }


def _stop(number: int, frame: object) -> NoReturn:
    raise Interrupted("stopped", number)
