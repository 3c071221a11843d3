"""Steps of training, in inputs/s: a plain loop around facenet-pytorch, this project, and the physical limit."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from facenet_pytorch import InceptionResnetV1
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from experiments.bench import made_up
from experiments.bench.timing import in_turn
from single_net.config import RunConfig
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.targets import picture_classes
from single_net.models.build import build_network, precision
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import Batch, BatchDrawer
from single_net.training.step import TrainingStep

SIZES = (96, 160)
PICTURES = 1000  # made-up training pictures, and so classes


def measure(device: torch.device, *, quick: bool, compiled: bool) -> dict:
    """For every size in px, in turn within one run:

    inputs_per_second  "plain": `plain_step` in float32; "float32", "bfloat16" and, where asked for, "compiled"
                       (in bfloat16): this project, photographs read and captions drawn
    inputs             in a batch
    flops_per_input    of the network, forward and backward, by torch's counter
    precision          the arithmetic that the rows "bfloat16" and "compiled" really had
    """
    scale = (SIZES[:1], 20, 12, 1) if quick else (SIZES, PICTURES, made_up.INPUTS, 5)
    sizes, pictures, inputs, rounds = scale
    return {str(size): _measure_size(size, pictures, inputs, rounds, device, compiled) for size in sizes}


def plain_step(size: int, classes: int, inputs: int, device: torch.device) -> Callable[[], object]:
    """A step as one would write it first: InceptionResnetV1, a softmax layer and centres as parameters, Adam as it
    comes, all in float32 and in torch's usual memory order. Its batch is already on the device, as float32."""
    network = InceptionResnetV1().to(device).train()
    head = nn.Linear(512, classes).to(device)
    centers = nn.Parameter(torch.zeros(classes, 512, device=device))
    optimizer = torch.optim.Adam([*network.parameters(), *head.parameters(), centers], lr=1e-3)
    pictures = (torch.randint(0, 256, (inputs, 3, size, size), device=device) - 127.5) / 128
    labels = torch.randint(0, classes, (inputs,), device=device)

    def step() -> None:
        embeddings = network(pictures)
        loss = F.cross_entropy(head(embeddings), labels)
        loss = loss + 0.01 * ((embeddings - centers[labels]) ** 2).sum(1).mean() / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


class ProjectStep:
    """A step of this project, as single_net.training does it: batches drawn ahead, one forward pass, fused Adam."""

    def __init__(self, config: RunConfig, drawer: BatchDrawer, pictures: int, device: torch.device):
        plan = BatchPlan(np.full(pictures, 5), config.augmentation.kind, config.batch, config.training.seed)
        self.plan = plan
        loss = RetrievalLoss(torch.from_numpy(picture_classes(pictures)), config.network.embedding_dim)
        network = build_network(config, pretrained=False)
        self._step = TrainingStep(network, loss, config, device, plan.inputs_per_batch).train()
        self._rate = config.training.learning_rate
        every = itertools.chain.from_iterable(plan.epoch(number) for number in itertools.count())
        self._batches: Iterator[Batch] = drawer.batches(every)

    def __call__(self) -> None:
        self._step(next(self._batches), self._rate)

    def close(self) -> None:
        self._batches.close()  # ends the thread that reads ahead


def flops(size: int, *, backward: bool) -> float:
    """Floating point operations of the network for one input, forward alone or forward and backward."""
    network = build_network(made_up.config(size, "float32"), pretrained=False).to("meta")
    inputs = 2
    pictures = torch.empty(inputs, 3, size, size, dtype=torch.uint8, device="meta")
    with FlopCounterMode(display=False) as counter, contextlib.nullcontext() if backward else torch.no_grad():
        embeddings = network(pictures)
        if backward:
            embeddings.sum().backward()
    return counter.get_total_flops() / inputs


def _measure_size(size: int, pictures: int, inputs: int, rounds: int, device: torch.device, compiled: bool) -> dict:
    photographs = made_up.photographs(pictures, size)
    usual = made_up.config(size, "bfloat16", inputs)
    configs = {"float32": made_up.config(size, "float32", inputs), "bfloat16": usual}
    if compiled:
        configs["compiled"] = replace(usual, training=replace(usual.training, compile=True))
    with contextlib.ExitStack() as stack:
        steps: dict[str, Callable[[], object]] = {"plain": plain_step(size, pictures, inputs, device)}
        for name, config in configs.items():
            own = ProjectStep(config, made_up.drawer(photographs, config, device), pictures, device)
            stack.callback(own.close)
            steps[name] = own
        taken = in_turn(steps, device, rounds=rounds, lasting=0 if device.type == "cpu" else 1)
    return {
        "inputs": inputs,
        "inputs_per_second": {name: inputs / of_step for name, of_step in taken.items()},
        "flops_per_input": flops(size, backward=True),
        "precision": precision(usual, device),
    }
