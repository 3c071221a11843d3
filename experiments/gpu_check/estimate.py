"""What a GPU should do, computed from operations and bytes: for cards on which nothing was measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from experiments.bench import synthetic
from experiments.bench.training_step import flops
from experiments.gpu_check.memory_traffic import bytes_moved, parameters
from experiments.study import HERE
from experiments.tables import markdown_table
from single_net.config import load_config
from single_net.data.load import label
from single_net.models.single_net import SingleNet
from single_net.training.out_of_memory import saved_bytes

REACHED = 0.5  # share of the nearer of both limits that a training is taken to reach
OF_PARAMETER = 16  # bytes: weight, gradient and two moments in float32
GIB = 1 << 30


@dataclass(frozen=True)
class Card:
    """A GPU by its data sheet.

    Attributes:
        name: as sold.
        flops: a second, in bfloat16 with float32 sums, not sparse.
        bandwidth: of its memory, bytes a second.
        memory: bytes.
    """

    name: str
    flops: float
    bandwidth: float
    memory: float


CARDS = (
    Card("H100 SXM", 989e12, 3.35e12, 80e9),
    Card("A100 SXM 80 GB", 312e12, 2.04e12, 80e9),
    Card("RTX 4090", 165e12, 1.01e12, 24e9),
    Card("RTX 3090", 71e12, 0.94e12, 24e9),
    Card("L4", 121e12, 0.30e12, 24e9),
)
BATCHES = ((96, 45), (96, 512), (160, 96), (256, 45))  # image size and samples
# Of the published training splits; COCO's and Flickr30K's are Karpathy's.
TRAIN_IMAGES = {"flickr8k": 6_000, "flickr30k": 29_000, "coco": 113_287}
VARIANTS = ("config-standard", "config-2", "nested")


def samples_per_second(card: Card, size: int, samples: int) -> float:
    """Of training: REACHED of what arithmetic and memory bandwidth allow, whichever is less."""
    arithmetic = samples * _flops(size) / card.flops
    bandwidth = bytes_moved(size, samples, backward=True) / card.bandwidth
    return REACHED * samples / max(arithmetic, bandwidth)


def memory(size: int, samples: int) -> float:
    """Bytes that training takes in bfloat16: weights, gradients, Adam's moments, and activations kept for backward."""
    return parameters() * OF_PARAMETER + samples * _saved(size)


def speeds() -> str:
    """Samples a second by card, size and batch, as a Markdown table."""
    header = ("Card", *(f"{size} px, batch {samples}" for size, samples in BATCHES))
    rows = [(card.name, *(_number(samples_per_second(card, *batch)) for batch in BATCHES)) for card in CARDS]
    return markdown_table(header, rows, "l" + "r" * (len(header) - 1))


def hours() -> str:
    """Hours of training for each line of the tables, as a Markdown table."""
    header = ("Data set", "Variant", "Image size", "Batch", "Samples", *(card.name for card in CARDS))
    rows = []
    for data, images in TRAIN_IMAGES.items():
        for variant in VARIANTS:
            config = load_config(HERE / "configs" / f"{data}_{variant.replace('-', '_')}.toml")
            plan = synthetic.plan(config, config.data.train_images or images)
            size, batch = config.network.image_size, plan.samples_per_batch
            seen = config.training.epochs * plan.steps_per_epoch * batch
            times = (_hours(seen / samples_per_second(card, size, batch) / 3600) for card in CARDS)
            rows.append((*(label(data), variant, f"{size} px", str(batch), _number(seen)), *times))
    return markdown_table(header, rows, "ll" + "r" * (len(header) - 2))


def memories() -> str:
    """GiB by size and batch, as a Markdown table."""
    header = ("Batch", *(f"{size} px" for size in (96, 160, 256)))
    rows = [
        (f"{samples} samples", *(f"{memory(size, samples) / GIB:.1f} GiB" for size in (96, 160, 256)))
        for samples in (45, 96, 512)
    ]
    return markdown_table(header, rows, "l" + "r" * (len(header) - 1))


def resident() -> str:
    """GiB of a data set's decoded training images, as a Markdown table."""
    header = ("Images on the GPU", *(f"{size} px" for size in (96, 160, 256)))
    rows = [
        (label(data), *(f"{3 * size * size * images / GIB:.1f} GiB" for size in (96, 160, 256)))
        for data, images in TRAIN_IMAGES.items()
    ]
    return markdown_table(header, rows, "l" + "r" * (len(header) - 1))


@cache
def _flops(size: int) -> float:
    return flops(size, backward=True)


@cache
def _saved(size: int) -> int:
    return saved_bytes(SingleNet(), size, "bfloat16")


def _hours(value: float) -> str:
    if value >= 0.1:
        return f"{value:.1f} h"
    return f"{60 * value:.1f} min" if 60 * value >= 1 else f"{3600 * value:.0f} s"


def _number(value: float) -> str:
    """Two digits: more would pretend to know."""
    return f"{float(f'{value:.2g}'):,.0f}"
