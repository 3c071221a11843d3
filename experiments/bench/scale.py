"""COCO's full size, synthetic: memory through an epoch, the cost of many classes, hours of its configurations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from experiments.bench import synthetic
from experiments.bench.timing import in_own_process, in_turn, resident, seconds
from experiments.bench.training_step import ProjectStep, flops, project_step
from single_net.common.device import supported_precision
from single_net.config import RunConfig, load_config
from single_net.training.batches import Batch

GROUPS = 113_287  # images of COCO's training split ("restval" included), five captions each
CLASSES = (1_000, 10_000, GROUPS)
HEAD_SIZE, HEAD_SAMPLES = 96, 12  # px and samples in a batch: few, so that the head's share of a step shows
CONFIGS = Path(__file__).resolve().parents[1] / "configs"
COCO = ("config-standard", "config-2")


def measure(device: torch.device, *, quick: bool) -> dict:
    """{"bookkeeping": `measure_bookkeeping`, "head": `measure_head`, "coco": {variant: `measure_coco`}}."""
    groups = GROUPS // 1000 if quick else GROUPS
    classes = (10, 100) if quick else CLASSES
    return {
        "bookkeeping": in_own_process(measure_bookkeeping, groups),
        "head": measure_head(classes, device, quick=quick),
        "coco": {variant: measure_coco(variant, groups, device, quick=quick) for variant in COCO},
    }


def coco_config(variant: str) -> RunConfig:
    """COCO's configuration of a variant."""
    return load_config(CONFIGS / f"coco_{variant.replace('-', '_')}.toml")


def measure_bookkeeping(groups: int) -> dict:
    """Every batch of one epoch decided upon, none drawn: "steps", "seconds", and "bytes", the memory of the process
    at the epoch's first batch, in the middle and at its last."""
    standard, second = (coco_config(variant) for variant in COCO)
    plans = {
        "config-standard, grouped": standard.model_copy(
            update={"batch": standard.batch.model_copy(update={"order": "grouped"})}
        ),
        "config-2, mixed": second,
    }
    return {name: _one_epoch(config, groups) for name, config in plans.items()}


def _one_epoch(config: RunConfig, groups: int) -> dict:
    plan = synthetic.plan(config, groups)
    last = plan.steps_per_epoch - 1
    looks = (0, last // 2, last)
    held: list[int] = []

    def through() -> None:
        for number, _ in enumerate(plan.epoch(0)):
            if number in looks:
                held.append(resident())

    taken = seconds(through, torch.device("cpu"))
    return {"steps": last + 1, "seconds": taken, "bytes": held}


def measure_head(classes: tuple[int, ...], device: torch.device, *, quick: bool) -> dict:
    """By number of classes: seconds of a "step", and of the "head" by itself: its linear layer, the softmax, backward,
    and the optimizer's step on its weights."""
    batch = _batch(min(classes), HEAD_SAMPLES, device)
    works: dict[str, Callable[[], object]] = {}
    for count in classes:
        works[f"step {count}"] = _step(batch, count, device)
        works[f"head {count}"] = _head(batch, count, device)
    taken = in_turn(works, device, rounds=1 if quick else 15, lasting=0 if device.type == "cpu" else 0.5)
    return {
        "samples": len(batch.image_index),
        "size": HEAD_SIZE,
        "step": {str(count): taken[f"step {count}"] for count in classes},
        "head": {str(count): taken[f"head {count}"] for count in classes},
    }


def _batch(images: int, samples: int, device: torch.device) -> Batch:
    config = synthetic.config(HEAD_SIZE, "bfloat16", samples)
    loader = synthetic.loader(synthetic.images(images, HEAD_SIZE), config, device)
    return loader(*next(synthetic.plan(config, images).epoch(0)))


def _step(batch: Batch, classes: int, device: torch.device) -> Callable[[], object]:
    config = synthetic.config(HEAD_SIZE, "bfloat16")
    step = project_step(config, classes, device)
    return lambda: step(batch, config.training.learning_rate)


def _head(batch: Batch, classes: int, device: torch.device) -> Callable[[], object]:
    head = nn.Linear(128, classes).to(device)
    optimizer = torch.optim.Adam(head.parameters(), fused=True)
    features = torch.randn(len(batch.image_index), 128, device=device, requires_grad=True)

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(head(features), batch.image_index).backward()
        optimizer.step()

    return run


def measure_coco(variant: str, groups: int, device: torch.device, *, quick: bool) -> dict:
    """Real steps of COCO's configuration `variant`, all groups being classes, and what they mean for a whole run:
    "samples" in a batch, "samples_per_second", "steps_per_epoch", "epochs", "hours_per_epoch", "hours"."""
    config = coco_config(variant)
    if quick:
        smaller = config.network.model_copy(update={"image_size": HEAD_SIZE})
        few = config.batch.model_copy(update={"size": HEAD_SAMPLES})
        config = config.model_copy(update={"network": smaller, "batch": few})
    with tempfile.TemporaryDirectory() as folder:
        images = synthetic.empty_images(Path(folder) / "images.npy", groups, config.network.image_size)
        step = ProjectStep(config, synthetic.loader(images, config, device), groups, device)
        try:
            lasting = 0 if device.type == "cpu" else 2
            taken = in_turn({"step": step}, device, rounds=1 if quick else 3, lasting=lasting)["step"]
        finally:
            step.close()
        del images
    plan = step.plan
    hours = plan.steps_per_epoch * taken / 3600
    return {
        "size": config.network.image_size,
        "precision": supported_precision(config.training.precision, device),
        "samples": plan.samples_per_batch,
        "samples_per_second": plan.samples_per_batch / taken,
        "flops_per_sample": flops(config.network.image_size, backward=True),
        "steps_per_epoch": plan.steps_per_epoch,
        "epochs": config.training.epochs,
        "hours_per_epoch": hours,
        "hours": hours * config.training.epochs,
    }
