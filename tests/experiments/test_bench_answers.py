"""The measurement of answers: what counts as an answer, and what the page says of a record."""

from __future__ import annotations

import http.server
import json
import sys
import threading
import time

import numpy as np
import pytest
from color_model import ColorModel
from PIL import Image

from encoded_text import InputError
from experiments.bench import answers, first_answer, indexing_rate, server_load
from single_net.search.indexes import open_index


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if query["text"] == "closed":
            self.close_connection = True
            return
        found = {"short": 3}.get(query["text"], query["k"])
        body = json.dumps({"results": [0] * found}).encode()
        self.send_response(503 if query["text"] == "busy" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_what_is_no_answer_is_an_error(address):
    asked = server_load._ask(address, ["good", "busy", "short", "closed", "good"])
    assert len(asked) == 5 and asked.errors == 3 and min(asked) > 0


def test_many_clients_stop_by_themselves(address):
    began = time.perf_counter()
    held, results = server_load._ask_together(1, address, ["good", "busy"], clients=3, seconds=0.6)
    assert 0.6 <= time.perf_counter() - began < 30 and len(held) == 2 and held[0] > 0
    summary = server_load._summary(results, 0.6)
    assert len(results) == 3 and summary["requests"] == sum(map(len, results)) > 6
    assert abs(summary["errors"] - summary["requests"] / 2) <= 3 and 0 < summary["p50"] <= summary["p95"]


def test_the_first_line_is_waited_for_and_not_the_end():
    code = "import time; print('line', flush=True); time.sleep(0.7)"
    began = time.perf_counter()
    taken, cpu = first_answer._first_line([sys.executable, "-c", code])
    assert taken + 0.5 < time.perf_counter() - began and 0 < cpu < 10
    with pytest.raises(RuntimeError, match="status 3"):
        first_answer._first_line([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_page_says_what_the_record_says():
    of = {"seconds": 0.5, "cpu_seconds": 0.25}
    asked = {"requests": 7, "errors": 0, "p50": 0.011, "p95": 0.022, "per_second": 33.0, "cpu_seconds": 0.009}
    many = asked | {"clients": 50, "seconds": 60.0, "bytes": [100 << 20, 101 << 20], "errors": 2}
    bare = {"network": of | {"seconds": 0.01}, "nearest": of | {"cpu_seconds": 0.002}}
    record = {
        "quick": False,
        "device": "a machine",
        "indexing": {
            "images": 40,
            "width": 8,
            "height": 6,
            "indexed": 51.0,
            "files": 44.0,
            "embedded": 62.0,
            "unchanged": 7000.0,
        },
        "first": {"images": 10_000, "export": of, "run": of | {"seconds": 2.5}, "least": of},
        "load": {"vectors": 5, "k": 24, "bare": bare, "one": asked, "many": many},
    }
    page = answers.page(record)
    for said in (
        "40 JPEG files of 8 x 6 px",
        "51 images/s",
        "62/s",
        "nothing changed: 7,000",
        "44 images/s",
        "10,000 images",
        "2.5 s (CPU 0.25 s)",
        "p50 11 ms, p95 22 ms",
        "2 errors",
        "100/s",
        "+1.0 MiB",
        "500 ms (CPU 2 ms)",
    ):
        assert said in page
    assert "numbers mean nothing" not in page and "numbers mean nothing" in answers.page(record | {"quick": True})


def test_a_record_of_something_else_is_not_replaced(monkeypatch, tmp_path):
    other = tmp_path / "other.json"
    other.write_text('{"format": "another"}')
    monkeypatch.setattr(sys, "argv", ["answers", "--quick", "-o", str(other)])
    with pytest.raises(InputError, match="no record of this command"):
        answers._main()


class _Reader(ColorModel):
    def encode_image(self, images):
        return super().encode_image([np.asarray(x if isinstance(x, np.ndarray) else Image.open(x)) for x in images])


def test_the_index_holds_what_was_written(tmp_path):
    found = indexing_rate.measure(tmp_path, _Reader(), images=5)
    assert found["images"] == 5 and min(found[name] for name in ("indexed", "files", "embedded", "unchanged")) > 0
    with open_index(tmp_path / "photos-3.index") as index:
        assert index.count("images") == 5
