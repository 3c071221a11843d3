"""Synthetic captions, images, models and configurations: their contents matter to no speed, their sizes do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from encoded_text import TextImageEncoder
from encoded_text.layout import Layout
from encoded_text.renderer import Renderer
from single_net.config import RunConfig
from single_net.inference.model import Model
from single_net.models.build import build_network, encoder_layout
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import BatchLoader
from single_net.training.image_source import image_source

SAMPLES = 48  # of a batch: eight images and their forty captions; of the paper's 45 seven images fit
WORDS = 10_000  # about what COCO's training captions hold, rare words aside
SHORTEST, LONGEST = 8, 15  # words of a caption: most of COCO's


def encoder(size: int, words: int = WORDS) -> TextImageEncoder:
    """An encoder in the paper's layout at `size` px, with words w0, w1, .. of random colors."""
    layout = Layout.paper().scaled_to(size)
    colors = np.random.default_rng(0).integers(1, 255, (words, layout.features), dtype=np.uint8)
    return TextImageEncoder([f"w{i}" for i in range(words)], colors, layout, "zscore", {})


def word_ids(captions: int, capacity: int, words: int = WORDS) -> np.ndarray:
    """int32 (captions, capacity): captions of 8 to 15 words, as frequent as Zipf says."""
    rng = np.random.default_rng(1)
    share = np.cumsum(1 / np.arange(1, words + 1))
    ids = 1 + np.searchsorted(share / share[-1], rng.random((captions, capacity), dtype=np.float32)).astype(np.int32)
    return ids * (np.arange(capacity) < rng.integers(SHORTEST, LONGEST + 1, (captions, 1)))


def sentences(numbers: np.ndarray) -> list[str]:
    """Word ids as captions of `encoder`."""
    return [" ".join(f"w{number - 1}" for number in row if number) for row in numbers]


def images(images: int, size: int) -> np.ndarray:
    """Noise: uint8 (images, size, size, 3)."""
    return np.random.default_rng(2).integers(0, 256, (images, size, size, 3), dtype=np.uint8)


def empty_images(path: Path, images: int, size: int) -> np.ndarray:
    """A memory-mapped file of black images, uint8 (images, size, size, 3). It is one hole: it takes no disk."""
    return np.lib.format.open_memmap(path, "w+", np.uint8, (images, size, size, 3))


def jpeg_files(folder: Path, number: int) -> list[Path]:
    """Files in `folder` like those of a camera: 640 x 480 pixels, smooth and a little noisy."""
    rng = np.random.default_rng(5)
    paths = [folder / f"{i}.jpg" for i in range(number)]
    for path in paths:
        coarse = Image.fromarray(rng.integers(0, 256, (15, 20, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((640, 480), Image.Resampling.BICUBIC), dtype=np.int16)
        noisy = smooth + rng.integers(-8, 9, smooth.shape, dtype=np.int16)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)
    return paths


def config(size: int, precision: str, samples: int = SAMPLES) -> RunConfig:
    """The paper's config-standard at `size` px: `samples` in a batch, whole images with five captions."""
    return RunConfig.from_dict(
        {
            "network": {"image_size": size},
            "batch": {"size": samples},
            "training": {"precision": precision},
        }
    )


def network(config: RunConfig) -> SingleNet | TwoTower:
    """The single network of a configuration, with random weights."""
    layout = encoder_layout(config.encoder, config.network.image_size)
    return build_network(config.network, layout, pretrained=False)


def model(size: int, device: torch.device) -> Model:
    """An untrained model in bfloat16, as `Model.load` would put it on the device."""
    settings = config(size, "bfloat16")
    untrained = network(settings).to(memory_format=torch.channels_last).to(device).eval()
    return Model(untrained, encoder(size), settings, {})


def plan(config: RunConfig, num_images: int) -> BatchPlan:
    """The batches of a training split of `num_images` images with five captions each."""
    counts = np.full(num_images, 5)
    return BatchPlan(counts, config.augmentation.kind, **config.batch.model_dump(), seed=config.training.seed)


def loader(images: np.ndarray, config: RunConfig, device: torch.device) -> BatchLoader:
    """Makes batches of the `images` and five synthetic captions each."""
    text = encoder(config.network.image_size)
    ids = word_ids(5 * len(images), text.layout.capacity)
    return BatchLoader(
        image_source(images, device), ids, Renderer(text), device, crop_handling=config.augmentation.crop_handling
    )


def embeddings(images: int, captions: int, dim: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of images and captions, float32 (n, dim), and the image of each caption. All pairs are similar but for noise, so
    that ranks are as spread as a trained network's."""
    rng = np.random.default_rng(3)
    image_of_caption = np.repeat(np.arange(images), captions // images)
    of_images = rng.standard_normal((images, dim), dtype=np.float32)
    noise = rng.standard_normal((len(image_of_caption), dim), dtype=np.float32)
    return of_images, of_images[image_of_caption] + 2 * noise, image_of_caption
