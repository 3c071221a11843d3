"""How fast `python -m single_net.serve` answers sentences: one client, and many at once."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import statistics
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from encoded_text.common.threads import one_blas_thread
from experiments.bench.synthetic_index import make_index, sentences
from experiments.bench.timing import in_own_process, resident
from experiments.serving import serving
from single_net.inference.load import load_for_queries
from single_net.inference.model import Model
from single_net.search.embedding_model import encode_captions
from single_net.search.indexes import open_index

K = 24  # results, as many as the page shows at first
ALONE = 200  # requests of the one client
SETTLED = 0.25  # of the time, after which memory should not grow
_TIMEOUT = 60.0  # seconds of an answer


def measure(folder: Path, model: Model, *, vectors: int, clients: int, seconds: float) -> dict[str, Any]:
    """Serve an index of synthetic vectors on 127.0.0.1, and ask it.

    Args:
        folder: receives the index.
        model: of `synthetic_index.make_run`.
        vectors: in the index.
        clients: at once.
        seconds: for which they ask.

    Returns:
        "vectors", "bare" (`_bare`), "one" and "many": "requests",
        "errors", "p50", "p95" in seconds, "per_second", "cpu_seconds" of the server for an answer; of "many" also
        "clients", "seconds" and "bytes", the server's memory once settled and at the end.
    """
    assert model.file is not None
    place = folder / "load.index"
    make_index(place, model, vectors)
    bare = in_own_process(_bare, model.file, place)
    queries = sentences(1000)
    with serving(place) as (address, pid):
        _ask(address, queries[:20])  # the first requests load what is left
        before = _cpu(pid)
        began = time.perf_counter()
        one = _summary([_ask(address, queries[:ALONE])], time.perf_counter() - began)
        one["cpu_seconds"] = (_cpu(pid) - before) / max(1, one["requests"])
        before = _cpu(pid)
        began = time.perf_counter()
        held, results = _ask_together(pid, address, queries, clients, seconds)
        many = _summary(results, time.perf_counter() - began)
        many["cpu_seconds"] = (_cpu(pid) - before) / max(1, many["requests"])
    many |= {"clients": clients, "seconds": seconds, "bytes": held}
    return {"vectors": vectors, "k": K, "bare": bare, "one": one, "many": many}


def _bare(run: Path, place: Path) -> dict[str, dict[str, float]]:
    """Without a server, with its threads: median "seconds" and "cpu_seconds" of a sentence in the "network", and of
    finding its "nearest" images."""
    one_blas_thread()
    model = load_for_queries(run)
    taken: dict[str, list[tuple[float, float]]] = {"network": [], "nearest": []}
    with open_index(place) as index:
        for sentence in sentences(50):
            began = _clocks()
            vector = encode_captions(model, [sentence])
            between = _clocks()
            index.nearest("images", vector, K)
            ended = _clocks()
            taken["network"].append((between[0] - began[0], between[1] - began[1]))
            taken["nearest"].append((ended[0] - between[0], ended[1] - between[1]))
    medians = {
        name: [statistics.median(seconds) for seconds in zip(*values, strict=True)] for name, values in taken.items()
    }
    return {name: {"seconds": wall, "cpu_seconds": cpu} for name, (wall, cpu) in medians.items()}


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


class _Asked(list[float]):
    """Seconds of each answer; `errors` counts what was none."""

    errors = 0


def _ask(address: str, queries: Iterable[str]) -> _Asked:
    """Ask one query after the other, over one connection as a browser does."""
    asked = _Asked()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=_TIMEOUT)
    for query in queries:
        body = json.dumps({"text": query, "k": K})
        began = time.perf_counter()
        try:
            connection.request("POST", "/api/search", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.loads(response.read())
            good = response.status == 200 and len(answer["results"]) == K
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            good = False
            connection.close()
        asked.append(time.perf_counter() - began)
        asked.errors += not good
    connection.close()
    return asked


def _ask_together(
    pid: int, address: str, queries: Sequence[str], clients: int, seconds: float
) -> tuple[list[int], list[_Asked]]:
    """Ask by many clients for some time: the server's memory once settled and at the end, and what each client saw."""
    results: list[_Asked] = []
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        own = itertools.islice(itertools.cycle(queries), number * 17, None)  # not all the same at once
        results.append(_ask(address, itertools.takewhile(lambda _: time.perf_counter() < until, own)))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(SETTLED * seconds)
    held = [resident(pid)]
    time.sleep(max(0.0, until - time.perf_counter()))
    held.append(resident(pid))
    for thread in threads:
        thread.join()
    return held, results


def _summary(results: list[_Asked], seconds: float) -> dict[str, Any]:
    taken = np.concatenate([np.array(result) for result in results])
    p50, p95 = np.percentile(taken, [50, 95])
    return {
        "requests": len(taken),
        "errors": sum(result.errors for result in results),
        "p50": float(p50),
        "p95": float(p95),
        "per_second": len(taken) / seconds,
    }


def _cpu(pid: int) -> float:
    """Seconds of CPU time that a process has used; NaN where this is no Linux."""
    with contextlib.suppress(FileNotFoundError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return float("nan")
