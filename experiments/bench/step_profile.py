"""Where the time of a training step goes, by torch's profiler."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from experiments.bench import synthetic
from experiments.bench.training_step import IMAGES, SIZES, ProjectStep

WARM_UP, STEPS = 3, 5
REST = "all else"
# What a group's operations are called, by torch 2.15; the first group that fits is the operation's.
GROUPS = {
    "convolutions and matrix products": ("convol", "aten::mm", "aten::addmm", "aten::bmm", "gemm", "cutlass"),
    "batch norm": ("batch_norm", "bn_"),
    "ReLU": ("relu", "clamp_min", "threshold"),
    "optimizer": ("adam", "optimizer"),
    "copies and casts": ("copy", "aten::to", "memcpy", "contiguous"),
    "sums of branches": ("aten::add",),
    "memory": ("aten::empty", "aten::resize", "aten::fill", "aten::zero", "memset"),
}


def measure(device: torch.device, *, quick: bool) -> dict[str, dict[str, float]]:
    """For every size in px: {group of operations: its share of the time of a step in bfloat16}, on a GPU of the
    device's time. Drawing and reading, which another thread prefetches, are not part of it."""
    sizes, images, samples = (SIZES[:1], 20, 12) if quick else (SIZES, IMAGES, synthetic.SAMPLES)
    steps = (1, 2) if quick else (WARM_UP, STEPS)
    return {str(size): _shares(size, images, samples, device, *steps) for size in sizes}


def group(operation: str) -> str:
    """The group of an operation, by the name that the profiler gives it."""
    name = operation.lower()
    return next((group for group, parts in GROUPS.items() if any(part in name for part in parts)), REST)


def _shares(size: int, images: int, samples: int, device: torch.device, warm_up: int, steps: int) -> dict[str, float]:
    config = synthetic.config(size, "bfloat16", samples)
    loader = synthetic.loader(synthetic.images(images, size), config, device)
    on_gpu = device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    os.environ.setdefault("KINETO_LOG_LEVEL", "6")  # else the profiler reports the GPU that is not there as an error
    with contextlib.closing(ProjectStep(config, loader, images, device)) as step:
        for _ in range(warm_up):
            step()
        with profile(activities=activities) as profiled:
            for _ in range(steps):
                step()
    return shares(profiled.key_averages(), on_gpu=on_gpu)


def shares(events: Iterable[Any], *, on_gpu: bool) -> dict[str, float]:
    """{group: share of the time}.

    Args:
        events: the averages of torch's profiler.
        on_gpu: count the GPU's time: that of the operations that launch its kernels, which are events of their own.
    """
    seconds = dict.fromkeys([*GROUPS, REST], 0.0)
    for event in events:
        if not on_gpu:
            seconds[group(event.key)] += event.self_cpu_time_total
        elif event.device_type.name == "CPU":
            seconds[group(event.key)] += event.self_device_time_total
    whole = sum(seconds.values())
    return {name: share / whole for name, share in seconds.items()}
