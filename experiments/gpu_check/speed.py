"""python -m experiments.gpu_check.speed: samples a second of training, embedding and the feed, seconds of evaluation.

The results are written after every line, so that a call that is cut off leaves those before it.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from encoded_text.common.errors import CommandParser, run_command
from experiments.bench import machine, synthetic
from experiments.bench.timing import in_turn
from experiments.bench.training_step import flops, project_step
from experiments.gpu_check.memory_traffic import bytes_moved
from experiments.gpu_check.speed_lines import LINES, LINES_SMALL, Line
from experiments.measurement import check_place, write_json
from single_net.common.device import choose_device, supported_precision
from single_net.config import RunConfig
from single_net.retrieval.recall import evaluate_retrieval
from single_net.training.batches import Batch
from single_net.training.cuda_graph import WARM_UP, GraphedStep
from single_net.training.step import TrainingStep

FORMAT = "single-net gpu speed 1"
IMAGES = 1024  # synthetic training images, and so classes
EMBEDDED = 8192  # images
GALLERY, QUERIES, DIM = 5_000, 25_000, 128  # COCO's test split
LASTING = 2.0  # seconds that a measurement takes
PROFILED = 3  # steps


@dataclass(frozen=True)
class Scale:
    """How large everything is: whole, or small to try on a CPU whether it runs."""

    images: int = IMAGES
    embedded: int = EMBEDDED
    gallery: int = GALLERY
    lasting: float = LASTING
    rounds: int = 3
    fed: int = 64  # batches of the feed, taken at once

    def shape(self, line: Line) -> tuple[int, int]:
        """Image size and samples of a batch."""
        return line.size, line.samples


class _Small(Scale):
    def shape(self, line: Line) -> tuple[int, int]:
        return 80, min(6, line.samples)


SMALL = _Small(images=12, embedded=16, gallery=50, lasting=0.0, rounds=1, fed=4)


def measure(line: Line, device: torch.device, scale: Scale) -> dict[str, Any]:
    """One line of the table, JSON-able."""
    if line.kind == "training":
        return measure_training(line, device, scale)
    return measure_embedding(line, device, scale) if line.kind == "embedding" else measure_evaluation(device, scale)


def measure_training(line: Line, device: torch.device, scale: Scale) -> dict[str, Any]:
    """config-standard in shuffled order and bfloat16, with synthetic images and captions.

    Returns:
        * "samples_per_second": "captured" as one CUDA graph (None on a CPU, or if the capture failed), "eager" launched
          operation by operation, "feed" batches made and nothing done with them;
        * "size", "samples", "precision", "replays";
        * "kernel_seconds" and "kernels": None, see `profile_training`;
        * "flops_per_sample", "bytes_per_step";
        * "memory_gib": taken from the device by training with the graph.
    """
    size, samples = scale.shape(line)
    config, images = _training(line, scale)
    speed: dict[str, float | None] = {"captured": None}
    replays = 0
    _forget(device)
    if device.type == "cuda":
        graphed = GraphedStep(_step(config, scale.images, device))
        with _batches(config, images, device) as batches:
            for batch in itertools.islice(batches, WARM_UP + 2):
                graphed(batch, config.training.learning_rate)
            taken = _time(lambda: graphed(next(batches), config.training.learning_rate), device, scale)
        replays = graphed.replays
        speed["captured"] = samples / taken if replays else None
        del graphed
    memory = torch.cuda.max_memory_reserved(device) if device.type == "cuda" else 0
    _forget(device)  # the graph, before another network is made
    step = _step(config, scale.images, device)
    with _batches(config, images, device) as batches:
        speed["eager"] = samples / _time(lambda: step(next(batches), config.training.learning_rate), device, scale)
        # Many at once: the first ones lie ready.
        speed["feed"] = scale.fed * samples / _time(lambda: [next(batches) for _ in range(scale.fed)], device, scale)
    return {
        "size": size,
        "samples": samples,
        "precision": supported_precision("bfloat16", device),
        "samples_per_second": speed,
        "replays": replays,
        "kernel_seconds": None,
        "kernels": None,
        "flops_per_sample": flops(size, backward=True),
        "bytes_per_step": bytes_moved(size, samples, backward=True),
        "memory_gib": round(memory / 2**30, 2),
    }


def profile_training(line: Line, device: torch.device, scale: Scale) -> dict[str, Any]:
    """Of a step of `measure_training`: "kernel_seconds" that a GPU is busy, "kernels", how many it launches.

    To be called when all lines are timed: the profiler stays attached and slows the launches that follow.
    """
    _forget(device)
    config, images = _training(line, scale)
    step = _step(config, scale.images, device)
    with _batches(config, images, device) as batches:
        kernel_seconds, kernels = _kernels(step, next(batches))
    return {"kernel_seconds": kernel_seconds, "kernels": kernels}


def measure_embedding(line: Line, device: torch.device, scale: Scale) -> dict[str, Any]:
    """Decoded images through Model.embed_images: "images_per_second", "size", "precision", "flops_per_sample",
    "bytes_per_sample"."""
    size, _ = scale.shape(line)
    model = synthetic.model(size, device)
    images = synthetic.images(scale.embedded, size)
    works: dict[str, Callable[[], object]] = {"embed": lambda: model.embed_images(images)}
    taken = in_turn(works, device, rounds=scale.rounds)["embed"]
    return {
        "size": size,
        "images": len(images),
        "precision": model.precision,
        "images_per_second": len(images) / taken,
        "flops_per_sample": flops(size, backward=False),
        "bytes_per_sample": bytes_moved(size, 256, backward=False) / 256,
    }


def measure_evaluation(device: torch.device, scale: Scale) -> dict[str, Any]:
    """Every measure of a record for synthetic embeddings of COCO's test split: "images", "captions", "seconds", and the
    "flops" of one matrix product of that size."""
    captions = QUERIES // GALLERY * scale.gallery
    of_images, of_captions, image_of_caption = synthetic.embeddings(scale.gallery, captions, DIM)
    images, texts = (torch.from_numpy(values).to(device) for values in (of_images, of_captions))
    works: dict[str, Callable[[], object]] = {"evaluate": lambda: evaluate_retrieval(images, texts, image_of_caption)}
    taken = in_turn(works, device, rounds=scale.rounds)["evaluate"]
    return {
        "images": scale.gallery,
        "captions": captions,
        "seconds": taken,
        "flops": 2 * scale.gallery * captions * DIM,
    }


def _training(line: Line, scale: Scale) -> tuple[RunConfig, np.ndarray]:
    """The configuration of a line of training, and its images: uint8 (images, size, size, 3)."""
    size, samples = scale.shape(line)
    config = RunConfig.from_dict(
        {
            "network": {"image_size": size},
            "batch": {"size": samples, "order": "mixed"},
            "training": {"precision": "bfloat16"},
        }
    )
    return config, synthetic.images(scale.images, size)


def _step(config: RunConfig, classes: int, device: torch.device) -> TrainingStep:
    torch.manual_seed(0)
    return project_step(config, classes, device)


@contextlib.contextmanager
def _batches(config: RunConfig, images: np.ndarray, device: torch.device) -> Iterator[Iterator[Batch]]:
    made = synthetic.loader(images, config, device).batches(synthetic.plan(config, len(images)).from_step(0))
    with contextlib.closing(made):
        yield made


def _time(work: Callable[[], object], device: torch.device, scale: Scale) -> float:
    return in_turn({"work": work}, device, rounds=scale.rounds, lasting=scale.lasting / scale.rounds)["work"]


def _kernels(step: TrainingStep, batch: Batch) -> tuple[float, int]:
    """Seconds that a GPU computes and copies in a step, and the number of its kernels and copies."""
    from torch.profiler import ProfilerActivity, profile

    step(batch, 1e-3)
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as found:
        for _ in range(PROFILED):
            step(batch, 1e-3)
        torch.cuda.synchronize()
    on_gpu = [event for event in found.events() if event.device_type.name != "CPU"]
    busy = sum(event.time_range.elapsed_us() for event in on_gpu) / 1e6
    return busy / PROFILED, round(len(on_gpu) / PROFILED)


def _forget(device: torch.device) -> None:
    """Free what earlier lines held, so that the memory of the next one can be told."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.gpu_check.speed",
        description="Measure speeds and write them as JSON, after every line.",
        epilog="example: python -m experiments.gpu_check.speed -o runs/speed.json --lines training-96-45",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="the JSON file")
    parser.add_argument("--lines", nargs="+", choices=LINES, help="default: all; with --small one of each kind")
    parser.add_argument("--small", action="store_true", help="everything tiny: to try whether it runs")
    args = parser.parse_args()
    check_place(args.output, FORMAT)
    device = choose_device()
    scale = SMALL if args.small else Scale()
    record: dict[str, Any] = {"format": FORMAT, "small": args.small, "seconds": {}, "lines": {}}

    def note(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        record["seconds"][name] = round(time.perf_counter() - began, 1)
        return result

    record["machine"] = note("machine", lambda: machine.measure(device, quick=args.small))
    names = args.lines or (LINES_SMALL if args.small else LINES)
    for name in names:
        record["lines"][name] = note(name, lambda name=name: measure(LINES[name], device, scale))  # type: ignore[misc]
        write_json(args.output, record)
        print(f"measured: {name}, {record['seconds'][name]} s", flush=True)
    for name in names:
        if device.type == "cuda" and LINES[name].kind == "training":
            record["lines"][name] |= profile_training(LINES[name], device, scale)
            write_json(args.output, record)


if __name__ == "__main__":
    run_command(_main)
