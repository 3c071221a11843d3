"""COCO's full size, made up: memory through an epoch, the cost of many classes, hours of its configurations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from experiments.bench import made_up
from experiments.bench.timing import in_own_process, in_turn, resident, seconds
from experiments.bench.training_step import ProjectStep, flops
from single_net.config import RunConfig, load_config
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.targets import picture_classes
from single_net.models.build import build_network, precision
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import Batch
from single_net.training.step import TrainingStep

GROUPS = 113_287  # pictures of COCO's training split ("restval" included), five captions each
CLASSES = (1_000, 10_000, GROUPS)
HEAD_SIZE, HEAD_INPUTS = 96, 12  # px and inputs in a batch: few, so that the head's share of a step shows
CONFIGS = Path(__file__).resolve().parents[1] / "configs"
COCO = ("config-standard", "config-2")


def measure(device: torch.device, *, quick: bool) -> dict:
    """{"bookkeeping": `measure_bookkeeping`, "head": `measure_head`, "coco": {row: `measure_coco`}}."""
    groups = GROUPS // 1000 if quick else GROUPS
    classes = (10, 100) if quick else CLASSES
    return {
        "bookkeeping": in_own_process(measure_bookkeeping, groups),
        "head": measure_head(classes, device, quick=quick),
        "coco": {row: measure_coco(row, groups, device, quick=quick) for row in COCO},
    }


def coco_config(row: str) -> RunConfig:
    return load_config(CONFIGS / f"coco_{row.replace('-', '_')}.toml")


def measure_bookkeeping(groups: int) -> dict:
    """Every batch of one epoch decided upon, none drawn: "steps", "seconds", and "bytes", the memory of the process
    at the epoch's first batch, in the middle and at its last."""
    standard, second = (coco_config(row) for row in COCO)
    plans = {
        "config-standard, grouped": standard,
        "config-2, mixed": replace(second, batch=replace(second.batch, order="mixed")),
    }
    return {name: _one_epoch(config, groups) for name, config in plans.items()}


def _one_epoch(config: RunConfig, groups: int) -> dict:
    plan = BatchPlan(np.full(groups, 5), config.augmentation.kind, config.batch, config.training.seed)
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
    and the optimiser's step on its weights."""
    batch = _batch(min(classes), HEAD_INPUTS, device)
    works: dict[str, Callable[[], object]] = {}
    for count in classes:
        works[f"step {count}"] = _step(batch, count, device)
        works[f"head {count}"] = _head(batch, count, device)
    taken = in_turn(works, device, rounds=1 if quick else 15, lasting=0 if device.type == "cpu" else 0.5)
    return {
        "inputs": len(batch.group),
        "size": HEAD_SIZE,
        "step": {str(count): taken[f"step {count}"] for count in classes},
        "head": {str(count): taken[f"head {count}"] for count in classes},
    }


def _batch(pictures: int, inputs: int, device: torch.device) -> Batch:
    config = made_up.config(HEAD_SIZE, "bfloat16", inputs)
    drawer = made_up.drawer(made_up.photographs(pictures, HEAD_SIZE), config, device)
    plan = BatchPlan(np.full(pictures, 5), config.augmentation.kind, config.batch, config.training.seed)
    return drawer(*next(plan.epoch(0)))


def _step(batch: Batch, classes: int, device: torch.device) -> Callable[[], object]:
    config = made_up.config(HEAD_SIZE, "bfloat16")
    loss = RetrievalLoss(torch.from_numpy(picture_classes(classes)), config.network.embedding_dim)
    step = TrainingStep(build_network(config, pretrained=False), loss, config, device, len(batch.group)).train()
    return lambda: step(batch, config.training.learning_rate)


def _head(batch: Batch, classes: int, device: torch.device) -> Callable[[], object]:
    head = nn.Linear(128, classes).to(device)
    optimizer = torch.optim.Adam(head.parameters(), fused=True)
    features = torch.randn(len(batch.group), 128, device=device, requires_grad=True)

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(head(features), batch.group).backward()
        optimizer.step()

    return run


def measure_coco(row: str, groups: int, device: torch.device, *, quick: bool) -> dict:
    """Real steps of COCO's configuration `row`, all groups being classes, and what they mean for a whole run:
    "inputs" in a batch, "inputs_per_second", "steps_per_epoch", "epochs", "hours_per_epoch", "hours"."""
    config = coco_config(row)
    if quick:
        config = replace(config, network=replace(config.network, image_size=HEAD_SIZE))
    with tempfile.TemporaryDirectory() as folder:
        photographs = made_up.empty_photographs(Path(folder) / "photographs.npy", groups, config.network.image_size)
        step = ProjectStep(config, made_up.drawer(photographs, config, device), groups, device)
        try:
            lasting = 0 if device.type == "cpu" else 2
            taken = in_turn({"step": step}, device, rounds=1 if quick else 3, lasting=lasting)["step"]
        finally:
            step.close()
        del photographs
    plan = step.plan
    hours = plan.steps_per_epoch * taken / 3600
    return {
        "size": config.network.image_size,
        "precision": precision(config, device),
        "inputs": plan.inputs_per_batch,
        "inputs_per_second": plan.inputs_per_batch / taken,
        "flops_per_input": flops(config.network.image_size, backward=True),
        "steps_per_epoch": plan.steps_per_epoch,
        "epochs": config.training.epochs,
        "hours_per_epoch": hours,
        "hours": hours * config.training.epochs,
    }
