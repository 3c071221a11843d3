"""python -m experiments.bench.answers: how fast images are indexed, and how fast a search answers."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import CommandParser, run_command
from experiments import measurement
from experiments.bench import first_answer, indexing_rate, server_load
from experiments.bench.synthetic_index import make_run
from experiments.tables import MISSING, markdown_table
from single_net.common.provenance import describe_device

FORMAT = "single-net answers bench 3"
TITLE = "# Search latency and server load"
OUTPUT = Path("runs/bench_answers.json")
INDEXED = 2_000  # images
FIRST, ROUNDS = 10_000, 5  # images, and rounds, of the first answer
VECTORS, CLIENTS, SECONDS = 100_000, 50, 60.0  # of the load
MIB = 1 << 20


def measure(*, quick: bool) -> dict[str, Any]:
    """{"indexing": indexing_rate.measure, "first": first_answer.measure, "load": server_load.measure}. quick:
    everything tiny, to see that it works."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        model = make_run(own / "run")
        print("answers bench 1/3: indexing images ..", file=sys.stderr)
        results["indexing"] = indexing_rate.measure(own, model, images=20 if quick else INDEXED)
        print("answers bench 2/3: the first answer ..", file=sys.stderr)
        images, rounds = (1000, 1) if quick else (FIRST, ROUNDS)
        results["first"] = first_answer.measure(own, model, images=images, rounds=rounds)
        print("answers bench 3/3: the server under load ..", file=sys.stderr)
        results["load"] = server_load.measure(
            own,
            model,
            vectors=1000 if quick else VECTORS,
            clients=4 if quick else CLIENTS,
            seconds=2 if quick else SECONDS,
        )
    return results


def page(measured: dict[str, Any]) -> str:
    """A record as a page."""
    indexing, first, load = measured["indexing"], measured["first"], measured["load"]
    one, many, bare = load["one"], load["many"], load["bare"]
    by_export, by_run, least = first["export"], first["run"], first["least"]
    settled, last = many["bytes"]
    size = f"{indexing['width']} x {indexing['height']} px"
    rows = [
        (
            f"New images into an index, {indexing['images']:,} JPEG files of {size}",
            f"{indexing['indexed']:,.0f} images/s; nothing changed: {indexing['unchanged']:,.0f}",
            f"the model alone, the same files: {indexing['files']:,.0f} images/s",
            f"the network, decoded images: {indexing['embedded']:,.0f}/s",
        ),
        (
            f"First answer from the shell, {first['images']:,} images",
            _seconds(by_export),
            f"the same by torch: {_seconds(by_run)}",
            f"loading the network: {_seconds(least)}",
        ),
        (
            f"A sentence to `serve`, {load['vectors']:,} images, one client",
            _milliseconds(one),
            f"its search in the index: {_short(bare['nearest'])}",
            f"the network: {_short(bare['network'])}",
        ),
        (
            f"{many['clients']} clients for {many['seconds']:.0f} s: {many['requests']:,} answers, "
            f"{many['errors'] or 'no'} error{'s' * (many['errors'] > 1)}",
            _milliseconds(many),
            f"{many['per_second']:.3g} answers/s",
            f"the network: {1 / bare['network']['seconds']:.3g}/s",
        ),
        (
            "Memory of `serve` while they ask",
            f"{(last - settled) / MIB:+.1f} MiB",
            f"{settled / MIB:,.0f} MiB after a quarter of the time",
            MISSING,
        ),
    ]
    warning = "Made with --quick: the numbers mean nothing.\n\n" if measured["quick"] else ""
    text = (
        f"One run on {measured['device']}, synthetic vectors, sentences and images, an untrained network at 96 px: in "
        "float32 by onnxruntime, for indexing in bfloat16 by torch. Times are wall-clock times; CPU is the process's "
        "own time, until its end or for an answer. The server embeds one sentence at a time.\n"
    )
    table = markdown_table(("Measurement", "This project", "Compared with", "Limit"), rows, "lrrr")
    return f"{TITLE}\n\n{warning}{text}\n{table}\n"


def _seconds(times: dict[str, float]) -> str:
    return f"{times['seconds']:.2g} s (CPU {times['cpu_seconds']:.2g} s)"


def _short(times: dict[str, float]) -> str:
    return f"{_ms(times['seconds'])} (CPU {_ms(times['cpu_seconds'])})"


def _milliseconds(times: dict[str, float]) -> str:
    return f"p50 {_ms(times['p50'])}, p95 {_ms(times['p95'])} (CPU {_ms(times['cpu_seconds'])})"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms" if seconds >= 0.1 else f"{1000 * seconds:.3g} ms"


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.bench.answers",
        description="Rate of indexing, time to the first answer of a search, and of a server with one client and with "
        "many: one JSON, and a table of it beside it. It takes three minutes.",
        epilog="example: python -m experiments.bench.answers -o runs/bench_answers.json",
    )
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT, help=f"the JSON file (default: {OUTPUT})")
    parser.add_argument("--quick", action="store_true", help="only try whether everything runs")
    args = parser.parse_args()
    measurement.check_place(args.output, FORMAT, TITLE)
    about = measurement.about(FORMAT) | {"device": describe_device(torch.device("cpu")), "quick": args.quick}
    measurement.save(args.output, about | measure(quick=args.quick), page)


if __name__ == "__main__":
    run_command(_main)
