"""python -m single_net.serve PLACE: a page to search in, and the same search over HTTP."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.threads import one_blas_thread
from single_net.data_options import add_device_option
from single_net.search.indexes import Index, exists, is_being_written, model_of, open_index

PORT = 8420
INSTALL = "pip install 'single-net[serve]'"
_GRACE = 3  # seconds for requests that are under way when the server is stopped
_CLIENTS = 200  # at once

EXAMPLE = """examples:
  python -m single_net.serve photos.index                     prints the address of the page
  python -m single_net.serve http://127.0.0.1:19530/photos    an index on a Milvus server
  curl -d '{"text": "a red boat"}' -H 'Content-Type: application/json' http://127.0.0.1:8420/api/search
  curl --data-binary @question.wav -H 'Content-Type: audio/wav' http://127.0.0.1:8420/api/search/sound
  curl --data-binary @holiday.jpg -H 'Content-Type: image/jpeg' http://127.0.0.1:8420/api/search/image
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.serve",
        description="Serve a page to search in an index, and the same search over HTTP (described by /openapi.json).",
        epilog=EXAMPLE,
    )
    p.add_argument("place", help="an index: a folder, FILE.db or the address of a Milvus server")
    p.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine alone)")
    p.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}; 0: any free port")
    p.add_argument(
        "--name",
        action="append",
        default=[],
        help="a further name that browsers use for this machine; requests under other names are refused",
    )
    p.add_argument("--run", type=Path, help="the model of the index, if it has moved, or its .onnx file")
    add_device_option(p, "; of an export the CPU")
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if not 0 <= args.port <= 65535:
        raise InputError(f"--port {args.port}: a port is 0 to 65535")
    for name in args.name:
        if ":" in name and not _is_ipv6(name):
            raise InputError(f"--name {name}: a name without its port, which --port gives")
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise InputError(f"the server needs packages that are not installed: {INSTALL}") from None
    with _listen(args.host, args.port) as listening:
        address = ipaddress.ip_address(listening.getsockname()[0].partition("%")[0])
        if address.is_unspecified and not args.name:
            raise InputError(
                f"--host {args.host}: say with --name by which name or address browsers reach this machine"
            )
        with _open(args.place) as index:
            _serve(args, listening, index)


def _is_ipv6(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).version == 6
    except ValueError:
        return False


def _serve(args: argparse.Namespace, listening: socket.socket, index: Index) -> None:
    from encoded_sound import SoundWarning
    from encoded_text.word_ids import CaptionWarning
    from single_net.inference.load import load_for_queries
    from single_net.search.guard import hosts, is_local
    from single_net.search.server import create_app
    from single_net.search.service import Service
    from single_net.search.source import SourceImages

    run = model_of(index, args.run)
    source = index.header.source
    if source.name == "folder" and not os.path.isdir(source.root):
        raise InputError(f"{source.root}, the folder of {args.place}, is not there: bring it back, or index another")
    warnings.simplefilter("ignore", CaptionWarning)  # of queries: the answer tells it
    warnings.simplefilter("ignore", SoundWarning)
    warnings.filterwarnings("ignore", module=r"PIL\.")
    one_blas_thread()
    service = Service(index, load_for_queries(run, args.device), SourceImages(source))
    port = listening.getsockname()[1]
    app = create_app(service, hosts(args.host, port, args.name))
    if not is_local(args.host):
        print(f"warning: whoever reaches port {port} of this machine sees these images", file=sys.stderr)
    name = args.name[0] if args.name else args.host
    print(f"http://{f'[{name}]' if ':' in name else name}:{port}/ (Ctrl-C stops it)", flush=True)
    _run(app, listening)
    print("stopped")


def _open(place: str) -> Index:
    if not exists(place) and is_being_written(place):
        raise InputError(f"{place} is just being made: try again when python -m single_net.index has begun to fill it")
    index = open_index(place)
    images = index.count("images")
    busy = is_being_written(place)
    if not images and not busy:
        index.close()
        raise InputError(f"{place} holds no images yet: fill it with python -m single_net.index")
    if busy:
        print(f"{place} is being brought up to date: {images:,} images so far, the others are found as they come")
    return index


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:  # UnicodeError: no name that could have an address
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"--host {host}: no address of this machine ({reason})") from None
    try:
        if os.name == "posix":  # elsewhere two servers could take one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} is in use: name another one with --port, or --port 0 for any") from None
        raise InputError(f"--host {host} --port {port}: cannot listen there ({error.strerror})") from None
    return listening


def _run(app: Any, listening: socket.socket) -> None:
    """Answer until Ctrl-C or SIGTERM."""
    import uvicorn

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",  # no line for each request: queries are private
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CLIENTS,
        timeout_graceful_shutdown=_GRACE,
    )
    # uvicorn raises the signals that it was stopped by once more, for these handlers.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    main()
