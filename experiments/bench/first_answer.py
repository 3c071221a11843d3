"""How long `python -m single_net.search` takes to its first answer, with a run's export and without it."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from experiments.bench.synthetic_index import make_index, sentences
from single_net.inference.load import export_file
from single_net.inference.model import Model

# What every answer needs: the interpreter, NumPy, onnxruntime, and the network in memory.
LEAST = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
print("loaded", flush=True)
"""


def measure(folder: Path, model: Model, *, images: int, rounds: int) -> dict[str, Any]:
    """Seconds to the first line, and of CPU time until the end; medians of rounds in turn.

    Args:
        folder: receives the index.
        model: of `synthetic_index.make_run`.
        images: in the index.
        rounds: of each; one more is made before, to warm the system's caches.

    Returns:
        "images", and for "export", "run" (by torch) and "least" (see LEAST) "seconds" and "cpu_seconds".
    """
    assert model.file is not None
    make_index(folder / "first.index", model, images)
    (folder / "alone").mkdir()
    shutil.copy(model.file, folder / "alone")
    ask = [sys.executable, "-m", "single_net.search", str(folder / "first.index"), sentences(1)[0], "--json"]
    commands = {
        "export": ask,
        "run": [*ask, "--run", str(folder / "alone")],
        "least": [sys.executable, "-c", LEAST, str(export_file(model.file))],
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(1 + rounds):
        for name, command in commands.items():
            taken[name].append(_first_line(command))
    result: dict[str, Any] = {"images": images}
    for name, values in taken.items():
        walls, cpus = zip(*values[1:], strict=True)
        result[name] = {"seconds": statistics.median(walls), "cpu_seconds": statistics.median(cpus)}
    return result


def _first_line(command: list[str]) -> tuple[float, float]:
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.perf_counter() - began
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not line.strip():
        raise RuntimeError(f"{command} ended with status {process.returncode}")
    return taken, usage.ru_utime + usage.ru_stime
