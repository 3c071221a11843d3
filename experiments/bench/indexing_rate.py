"""How fast a folder of images is indexed, beside the model alone."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image

from single_net.inference.model import Model
from single_net.search.embedding_model import read_image_for
from single_net.search.indexing import BATCH, update_index
from single_net.search.source import folder_source

WIDTH, HEIGHT, QUALITY = 500, 375, 90  # px and JPEG quality, as those of Flickr8k
ROUNDS = 3


def measure(folder: Path, model: Model, *, images: int) -> dict[str, Any]:
    """Index a folder of synthetic JPEG files, embed the same files by the model alone, and the decoded images.

    Args:
        folder: receives the images and the indexes.
        model: of `synthetic_index.make_run`.
        images: in the folder.

    Returns:
        "images", their "width" and "height" in px; images per second: "indexed" (new ones), "files" (the same
        by the model alone, in batches), "embedded" (decoded before), "unchanged" (an index that holds them already).
        Medians of rounds in turn.
    """
    photos = folder / "photos"
    write_images(photos, images)
    files = sorted(photos.iterdir())
    decoded = [read_image_for(model, path) for path in files]
    source = folder_source(photos)
    seconds: dict[str, list[float]] = {"indexed": [], "files": [], "embedded": [], "unchanged": []}
    for number in range(1 + ROUNDS):
        place = folder / f"photos-{number}.index"
        new = patch.dict(os.environ, SINGLE_NET_CACHE=str(folder / f"cache-{number}"))  # it remembers files' checksums
        with new:
            for name in ("indexed", "unchanged"):
                began = time.perf_counter()
                update_index(place, model, source)
                seconds[name].append(time.perf_counter() - began)
        for name, given in (("files", files), ("embedded", decoded)):
            began = time.perf_counter()
            for start in range(0, images, BATCH):
                model.encode_image(given[start : start + BATCH])
            seconds[name].append(time.perf_counter() - began)
    rates = {name: images / statistics.median(taken[1:]) for name, taken in seconds.items()}
    return {"images": images, "width": WIDTH, "height": HEIGHT, **rates}


def write_images(folder: Path, images: int) -> None:
    """Write JPEG files of smooth noise, which are as large as files of photos."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(images):
        coarse = Image.fromarray(rng.integers(0, 256, (HEIGHT // 5, WIDTH // 5, 3), np.uint8))
        coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(folder / f"{number:05}.jpg", quality=QUALITY)
