"""Folders of small images, and what the cache of decoded images makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from single_net.data.dataset import CaptionDataset


def dataset(images: Sequence[Path | np.ndarray], name: str = "mine") -> CaptionDataset:
    ids = [f"{i}.png" for i in range(len(images))]
    return CaptionDataset(name, "test", ids, images, [[f"caption of {id}"] for id in ids])


def write_images(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i}.png" for i in range(count)]
    for i, path in enumerate(paths):
        Image.new("RGB", (20, 10), (i % 256, i // 256, 255 - i % 256)).save(path)
    return paths


def arrays(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.npy"))


def unfinished(cache: Path) -> list[str]:
    """Files of incomplete arrays, and half-written notes."""
    return [path.name for path in cache.iterdir() if ".part" in path.name]
