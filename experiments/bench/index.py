"""python -m experiments.bench.index: time and memory of indexes of synthetic vectors, in a folder and in Milvus."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from encoded_text.common.errors import CommandParser, InputError, run_command
from experiments import measurement
from experiments.bench.milvus_server import milvus_server
from experiments.bench.timing import in_own_process, resident, watching_memory
from experiments.tables import MISSING, markdown_table
from single_net.common.provenance import describe_device
from single_net.search.indexes import Header, Item, Source, open_index, open_or_create

FORMAT = "single-net index bench 3"
TITLE = "# Size of an index, measured"
OUTPUT = Path("runs/bench_index.json")
DIMENSION, K, QUERIES, MORE = 128, 10, 1_000, 1_000
STEP = 10_000  # vectors at once
CLUSTERS, SPREAD = 1_000, 1.0  # as embeddings are not spread evenly: a vector is its cluster's center plus noise
ROUNDS = 5  # of one query
LABELS = {
    "folder": "folder, exact",
    "lite": "Milvus Lite, exact",
    "server": "Milvus server, exact",
    "hnsw": "Milvus server, HNSW",
}
_SIZES = ("build", "search", "server", "disk")
MIB = 1 << 20


def vectors(start: int, stop: int) -> np.ndarray:
    """Made-up vectors with these numbers, from a multiple of STEP on: float32 (n, DIMENSION), L2-normalized."""
    centers = np.random.default_rng(0).standard_normal((CLUSTERS, DIMENSION), np.float32)
    parts = []
    for first in range(start, stop, STEP):
        rng = np.random.default_rng([1, first])
        cluster = rng.integers(0, CLUSTERS, STEP)
        parts.append(centers[cluster] + SPREAD * rng.standard_normal((STEP, DIMENSION), np.float32))
    found = np.concatenate(parts)[: stop - start]
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def items(start: int, stop: int) -> list[Item]:
    """Made-up items with these numbers."""
    return [Item(f"images/{i // 1000:04}/{i:09}.jpg", f"{i:064x}") for i in range(start, stop)]


def _queries() -> np.ndarray:
    return vectors(10**9, 10**9 + QUERIES)


def build(place: str, count: int, approximate: bool = False) -> dict[str, Any]:
    """Make an index of synthetic vectors in this process.

    Args:
        place: of the new index.
        count: vectors.
        approximate: see `Header`.

    Returns:
        "build_seconds", "add_seconds" (of MORE vectors), and "build_bytes", this process's memory above what it held
        before.
    """
    header = Header("synthetic", DIMENSION, Source("folder", "/synthetic"), approximate=approximate)
    seconds = {"build_seconds": 0.0}
    with watching_memory(0.05) as peak, open_or_create(place, lambda: header) as index:
        for start, stop in _steps(count):
            made = items(start, stop), vectors(start, stop)
            began = time.perf_counter()
            index.add("images", *made)
            seconds["build_seconds"] += time.perf_counter() - began
        first = -(-count // STEP) * STEP  # numbers of their own
        more = items(first, first + MORE), vectors(first, first + MORE)
        began = time.perf_counter()
        index.add("images", *more)
        seconds["add_seconds"] = time.perf_counter() - began
    return {**seconds, "build_bytes": peak.extra}


def ask(place: str, count: int) -> dict[str, Any]:
    """Search in an index of `build` in this process.

    Returns:
        "first_seconds" (the first query), "one_seconds" (a later one), "many_seconds" (QUERIES queries),
        "search_bytes", this process's memory above what it held before, and "found" (K numbers of items for every
        query).
    """
    queries = _queries()
    seconds: dict[str, float] = {}
    with watching_memory(0.05) as peak, open_index(place) as index:
        began = time.perf_counter()
        index.nearest("images", queries[:1], K)
        seconds["first_seconds"] = time.perf_counter() - began
        taken = []
        for i in range(1, 1 + ROUNDS):
            began = time.perf_counter()
            index.nearest("images", queries[i : i + 1], K)
            taken.append(time.perf_counter() - began)
        seconds["one_seconds"] = statistics.median(taken)
        began = time.perf_counter()
        hits = index.nearest("images", queries, K)
        seconds["many_seconds"] = time.perf_counter() - began
        stored = index.count("images")
    if stored != count + MORE:
        raise ValueError(f"{place}: {stored} vectors instead of {count + MORE}")
    return {
        **seconds,
        "search_bytes": peak.extra,
        "found": [[int(hit.item.content, 16) for hit in nearest] for nearest in hits],
    }


def _steps(count: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + STEP, count)) for start in range(0, count, STEP))


def agreement(found: list[list[int]], exact: list[list[int]]) -> float:
    """The share of the exact neighbors that was found: the recall at K."""
    shares = [len(set(left) & set(right)) / len(right) for left, right in zip(found, exact, strict=True)]
    return sum(shares) / len(shares)


def measure(count: int, places: list[str]) -> list[dict[str, Any]]:
    """For a folder, which the others are compared with, and every other place: "place", "vectors", what `build` and
    `ask` measure, "server_bytes", "disk_bytes" (of a folder or file), and "recall" against the folder instead of
    "found"; of one that cannot be had "missing", why."""
    results: list[dict[str, Any]] = []
    exact = None
    names = ["folder", *(name for name in places if name != "folder")]
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names, 1):
            print(f"index bench {number}/{len(names)}: {LABELS[name]}, {count:,} vectors ..", file=sys.stderr)
            own = Path(folder) / name
            own.mkdir()
            result = _measure(own, name, count)
            if "found" in result:
                found = result.pop("found")
                exact = exact or found
                result["recall"] = agreement(found, exact)
            results.append({"place": name, "vectors": count, **result})
    return results


def _measure(folder: Path, name: str, count: int) -> dict[str, Any]:
    if name in ("folder", "lite"):
        place = folder / ("index" if name == "folder" else "i.db")
        result = _build_and_ask(str(place), count)
        disk = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        return {**result, "server_bytes": None, "disk_bytes": disk}
    try:
        with milvus_server(folder) as server:
            result = _build_and_ask(f"{server.address}/bench", count, approximate=name == "hnsw")
            return {**result, "server_bytes": resident(server.pid), "disk_bytes": None}
    except RuntimeError as error:
        return {"missing": str(error)}


def _build_and_ask(place: str, count: int, approximate: bool = False) -> dict[str, Any]:
    return in_own_process(build, place, count, approximate) | in_own_process(ask, place, count)


def page(measured: dict[str, Any]) -> str:
    """A record as a page."""
    rows = []
    for result in measured["results"]:
        name = (LABELS[result["place"]], f"{result['vectors']:,}")
        if "missing" in result:
            rows.append((*name, *[MISSING] * 10))
            continue
        seconds = [result[f"{what}_seconds"] for what in ("build", "add", "first", "one", "many")]
        taken = [result[f"{what}_bytes"] for what in _SIZES]
        sizes = [MISSING if size is None else f"{size / MIB:,.0f}" for size in taken]
        rows.append((*name, *(f"{value:.3g}" for value in seconds), *sizes, f"{100 * result['recall']:.1f}"))
    header = (
        *(
            "Index",
            "Vectors",
            "Build, s",
            f"Add {MORE:,}, s",
            "First query, s",
            "One query, s",
            f"{QUERIES:,} queries, s",
        ),
        *("Build, MiB", "Search, MiB", "Server, MiB", "Disk, MiB", f"Recall@{K}, %"),
    )
    text = (
        f"Synthetic vectors of {DIMENSION} dimensions, the {K} nearest, on {measured['device']}. "
        "Memory: what building and adding, or searching, takes beyond what the process held before. For the folder it "
        "includes the mapped vectors, which the system may drop. The server's is its whole memory. The first query is "
        "one to an index that has just been opened. Recall is against the exact search in the folder. The vectors form "
        "clusters; real ones may be easier or harder for HNSW.\n"
    )
    return f"{TITLE}\n\n{text}\n{markdown_table(header, rows, 'l' + 'r' * 11)}\n"


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.bench.index",
        description="Time and memory of an index of synthetic vectors: one JSON, and a table of it beside it.",
        epilog="example: python -m experiments.bench.index --vectors 100000 -o runs/bench_index.json",
    )
    parser.add_argument("--vectors", type=int, default=1_000_000, help="how many (default: 1,000,000)")
    parser.add_argument("--places", nargs="+", choices=LABELS, default=list(LABELS), help="default: all")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT, help=f"the JSON file (default: {OUTPUT})")
    args = parser.parse_args()
    if args.vectors < 1_000:
        raise InputError(f"--vectors {args.vectors}: measure 1,000 or more")
    measurement.check_place(args.output, FORMAT, TITLE)
    about = measurement.about(FORMAT) | {"device": describe_device(torch.device("cpu")), "vectors": args.vectors}
    measurement.save(args.output, about | {"results": measure(args.vectors, args.places)}, page)


if __name__ == "__main__":
    run_command(_main)
