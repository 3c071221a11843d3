"""Steps of training, in samples/s: a plain loop around facenet-pytorch, this project, and the physical limit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import torch
from facenet_pytorch import InceptionResnetV1
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from experiments.bench import synthetic
from experiments.bench.timing import in_turn
from single_net.common.device import autocast, supported_precision
from single_net.config import RunConfig
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.targets import image_classes
from single_net.training.batches import BatchLoader
from single_net.training.cuda_graph import WARM_UP, GraphedStep
from single_net.training.step import TrainingStep

SIZES = (96, 160)
IMAGES = 1000  # synthetic training images, and so classes


def measure(device: torch.device, *, quick: bool) -> dict:
    """For every size in px, in turn within one run:

    samples_per_second  "plain", "plain bfloat16": `plain_step`; "float32", "bfloat16" and, unless quick, "compiled"
                       (in bfloat16): this project, images read and captions drawn
    samples            in a batch
    flops_per_sample   of the network, forward and backward, by torch's counter
    precision          the arithmetic that the rows "bfloat16" and "compiled" really had
    """
    scale = (SIZES[:1], 20, 12, 1) if quick else (SIZES, IMAGES, synthetic.SAMPLES, 5)
    sizes, images, inputs, rounds = scale
    return {str(size): _measure_size(size, images, inputs, rounds, device, compiled=not quick) for size in sizes}


def plain_step(
    size: int, classes: int, inputs: int, device: torch.device, precision: str = "float32"
) -> Callable[[], object]:
    """A step as one would write it first: InceptionResnetV1, a softmax layer and centers as parameters, Adam as it
    comes, in torch's usual memory order. Its batch is already on the device, as float32. In bfloat16 the network runs
    under autocast and in the memory order that torch recommends then, channels last."""
    network = InceptionResnetV1().to(device).train()
    head = nn.Linear(512, classes).to(device)
    centers = nn.Parameter(torch.zeros(classes, 512, device=device))
    optimizer = torch.optim.Adam([*network.parameters(), *head.parameters(), centers], lr=1e-3)
    images = (torch.randint(0, 256, (inputs, 3, size, size), device=device) - 127.5) / 128
    labels = torch.randint(0, classes, (inputs,), device=device)
    if precision == "bfloat16":
        network, images = (value.to(memory_format=torch.channels_last) for value in (network, images))

    def step() -> None:
        with autocast(precision, device):
            embeddings = network(images)
        embeddings = embeddings.float()
        loss = F.cross_entropy(head(embeddings), labels)
        loss = loss + 0.01 * ((embeddings - centers[labels]) ** 2).sum(1).mean() / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


class ProjectStep:
    """A step of this project, as single_net.training does it: batches prefetched, one forward pass, fused Adam.

    Args:
        config: of a run.
        loader: makes its batches.
        images: of training, and so classes.
        device: of the network.
        graphed: launch it as one CUDA graph, as training does on a GPU; the first calls capture it.
    """

    def __init__(
        self, config: RunConfig, loader: BatchLoader, images: int, device: torch.device, *, graphed: bool = False
    ):
        self.plan = plan = synthetic.plan(config, images)
        shape = (plan.samples_per_batch, plan.images_per_batch, config.network.image_size)
        step = project_step(config, images, device, shape if config.training.compile else None)
        self._step = GraphedStep(step) if graphed else step
        self._rate = config.training.learning_rate
        self._batches = loader.batches(plan.from_step(0))

    def __call__(self) -> None:
        self._step(next(self._batches), self._rate)

    def close(self) -> None:
        self._batches.close()  # ends the prefetching thread


def project_step(
    config: RunConfig, classes: int, device: torch.device, compile_for: tuple[int, int, int] | None = None
) -> TrainingStep:
    """A training step of an untrained single network, each image a class of its own."""
    loss = RetrievalLoss(torch.from_numpy(image_classes(classes)), config.network.embedding_dim)
    precision = config.training.precision
    network = synthetic.network(config)
    return TrainingStep(network, loss, device, precision=precision, compile_for=compile_for).train()


def flops(size: int, *, backward: bool) -> float:
    """Floating point operations of the network for one sample, forward alone or forward and backward."""
    on_meta = synthetic.network(synthetic.config(size, "float32")).to("meta")
    inputs = 2
    images = torch.empty(inputs, 3, size, size, dtype=torch.uint8, device="meta")
    with FlopCounterMode(display=False) as counter, contextlib.nullcontext() if backward else torch.no_grad():
        embeddings = on_meta(images)
        if backward:
            embeddings.sum().backward()
    return counter.get_total_flops() / inputs


def _measure_size(size: int, classes: int, samples: int, rounds: int, device: torch.device, *, compiled: bool) -> dict:
    noise = synthetic.images(classes, size)
    usual = synthetic.config(size, "bfloat16", samples)
    configs = {"float32": synthetic.config(size, "float32", samples), "bfloat16": usual}
    if compiled:
        configs["compiled"] = usual.model_copy(update={"training": usual.training.model_copy(update={"compile": True})})
    with contextlib.ExitStack() as stack:
        precision = supported_precision("bfloat16", device)
        steps: dict[str, Callable[[], object]] = {"plain": plain_step(size, classes, samples, device)}
        if precision == "bfloat16":
            steps["plain bfloat16"] = plain_step(size, classes, samples, device, precision)
        for name, config in configs.items():
            graphed = device.type == "cuda"
            own = ProjectStep(config, synthetic.loader(noise, config, device), classes, device, graphed=graphed)
            stack.callback(own.close)
            for _ in range(WARM_UP + 2 if graphed else 0):
                own()
            steps[name] = own
        taken = in_turn(steps, device, rounds=rounds, lasting=0 if device.type == "cpu" else 1)
    return {
        "samples": samples,
        "samples_per_second": {name: samples / of_step for name, of_step in taken.items()},
        "flops_per_sample": flops(size, backward=True),
        "precision": precision,
    }
