"""How fast images are prepared, and what the coarse decoding of large JPEG files changes in them."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from experiments.bench.timing import seconds
from single_net.common.parallel import usable_cores
from single_net.data.dataset import CaptionDataset
from single_net.data.image import GAP, read_image
from single_net.data.image_cache import prepare_images

# The files are in the page cache of the system, and every speed is the best of so many runs in turn: what is asked
# for is the work of the processor, not of the disk or of the neighbors.
REPEATS = 3
CPU = torch.device("cpu")


def measure(paths: Sequence[Path], sizes: Sequence[int]) -> dict:
    """Speeds of preparing the JPEG files `paths` (upright, RGB or gray), and differences, for every size in pixels.

    Returns {"images", "median_pixels": [width, height], "threads", "sizes": {size: ...}} with, for every size,
    images_per_second  "decoded": images.read_image as it is; "whole": the same images decoded at full size and
                         shrunk by the bicubic filter alone; "prepared": all of prepare_images into an empty cache,
                         with checksums and syncing; "again": prepare_images of the cached images
    coarse               share of the files that the JPEG decoder itself shrinks at this size
    difference           read_image against whole (the decoder's shrinking and Pillow's averaging of whole pixels
                         before the filter), in gray levels of 255: "mean" and "max" of the absolute differences of
                         all values, and "psnr_db" = 10 log10(255^2 / mean square) of all (None if none differs)
    """
    for path in paths:
        path.read_bytes()
    shapes = [_shape(path) for path in paths]
    return {
        "images": len(paths),
        "median_pixels": [int(side) for side in np.median(shapes, axis=0)],
        "threads": usable_cores(),
        "sizes": {str(size): _measure_size(paths, shapes, size) for size in sizes},
    }


def read_whole(path: Path, size: int) -> np.ndarray:
    """uint8 (size, size, 3): the file decoded at full size, then the bicubic filter over all its pixels."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))


def _shape(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def _measure_size(paths: Sequence[Path], shapes: Sequence[tuple[int, int]], size: int) -> dict:
    best = {"decoded": math.inf, "whole": math.inf, "prepared": math.inf, "again": math.inf}  # seconds
    for _ in range(REPEATS):
        with ThreadPoolExecutor(usable_cores()) as pool:
            for name, read in (("decoded", read_image), ("whole", read_whole)):
                best[name] = min(best[name], seconds(partial(_all, pool, read, paths, size), CPU))
        with tempfile.TemporaryDirectory() as cache:
            for name in ("prepared", "again"):
                best[name] = min(best[name], seconds(partial(_prepare, paths, size, cache), CPU))
    highest, total, squares = 0, 0, 0
    for path in paths:
        apart = np.abs(read_image(path, size).astype(np.int64) - read_whole(path, size))
        highest, total, squares = max(highest, int(apart.max())), total + apart.sum(), squares + (apart**2).sum()
    values = len(paths) * size * size * 3
    return {
        "images_per_second": {name: round(len(paths) / value, 1) for name, value in best.items()},
        "coarse": sum(_is_coarse(path, shape, size) for path, shape in zip(paths, shapes, strict=True)) / len(paths),
        "difference": {
            "mean": round(float(total / values), 4),
            "max": highest,
            "psnr_db": round(10 * math.log10(255**2 * values / squares), 2) if squares else None,
        },
    }


def _is_coarse(path: Path, shape: tuple[int, int], size: int) -> bool:
    with Image.open(path) as image:
        image.draft("RGB", (round(size * GAP), round(size * GAP)))
        return image.size != shape


def _all(pool: ThreadPoolExecutor, read: Callable[[Path, int], np.ndarray], paths: Sequence[Path], size: int) -> None:
    for _ in pool.map(lambda path: read(path, size), paths):
        pass


def _prepare(paths: Sequence[Path], size: int, cache: str) -> None:
    ids = [str(i) for i in range(len(paths))]
    prepare_images(CaptionDataset("bench", "test", ids, paths, [[id] for id in ids]), size, cache=cache)
