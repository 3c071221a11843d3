"""A server on this machine that knows HTTP Range and can be told to misbehave."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from single_net.data.download import fetch
from single_net.data.download.addresses import Source


class Server:
    """`files` are served by name; the other attributes say what goes wrong, by name as well."""

    def __init__(self, port: int):
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []  # (name, Range) of every request
        self.breaks_after: dict[str, list[int]] = {}  # bytes sent before the connection is closed, for each request
        self.stalls_after: dict[str, int] = {}  # bytes sent before nothing more comes
        self.statuses: dict[str, list[int]] = {}  # for each request
        self.hangs_up: dict[str, set[int]] = {}  # numbers of the requests that get no answer
        self.chunked: set[str] = set()  # sent without their length
        self.without_range: set[str] = set()
        self.wrong_offset: set[str] = set()
        self.stalled = threading.Event()
        self.port = port

    def source(self, name: str, contents: bytes, checksum: str = "", address: str = "") -> Source:
        """The address of a file that is served from now on."""
        self.files[address or name] = contents
        return Source(self.url(address or name), checksum or f"sha256:{hashlib.sha256(contents).hexdigest()}")

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def ranges(self, name: str) -> list[str | None]:
        return [sent for asked, sent in self.asked if asked == name]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetch, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(fetch, "PIECE", 1000)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    end = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, wanted = self.path.lstrip("/"), self.headers["Range"]
            number = Counter(asked for asked, _ in served.asked)[name]
            served.asked.append((name, wanted))
            if number in served.hangs_up.get(name, ()):
                return
            statuses = served.statuses.get(name, [])
            if number < len(statuses) or name not in served.files:
                self.send_error(statuses[number] if number < len(statuses) else 404)
                return
            contents, start = served.files[name], 0
            if wanted and name not in served.without_range:
                start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
                if start >= len(contents):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(contents)}")
                    self.end_headers()
                    return
                start -= name in served.wrong_offset
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(contents) - 1}/{len(contents)}")
            else:
                self.send_response(200)
            chunked = name in served.chunked
            self.send_header(
                *(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", len(contents) - start))
            )
            self.end_headers()
            breaks = served.breaks_after.get(name, [])
            body = contents[start:]
            if number < len(breaks):
                body = body[: breaks[number]]
            if name in served.stalls_after:
                body = body[: served.stalls_after[name]]
            ends = start + len(body) == len(contents)
            self.wfile.write(b"%x\r\n%b\r\n%b" % (len(body), body, ends * b"0\r\n\r\n") if chunked else body)
            self.wfile.flush()
            if name in served.stalls_after:
                served.stalled.set()
                end.wait(60)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    served = Server(http.server_port)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield served
    end.set()
    http.shutdown()
    http.server_close()
    thread.join()
