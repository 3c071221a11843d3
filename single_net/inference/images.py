"""The images that a model is given, decoded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path

import numpy as np
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.common.parallel import map_in_order
from single_net.data.image import read_image

ImageLike = str | PathLike[str] | Image.Image | np.ndarray


def read_images(images: Iterable[ImageLike], size: int) -> np.ndarray:
    """Decode images, files in threads.

    Args:
        images: paths, PIL images, or uint8 arrays (height, width, 3), of any size.
        size: side of the squares in px.

    Returns:
        uint8 (n, size, size, 3), RGB.

    Raises:
        InputError: one image instead of a list of them, or one that cannot be read; names it.
    """
    alone = isinstance(images, np.ndarray) and images.ndim < 4
    if alone or isinstance(images, str | bytes | PathLike | Image.Image):
        raise InputError("encode_image takes a list of images")

    def pixels(image: Path | np.ndarray) -> np.ndarray:
        return read_image(image, size) if isinstance(image, Path) else image

    # Two threads must not decode one PIL image.
    given = (read_image(x, size) if isinstance(x, Image.Image | np.ndarray) else _path(x) for x in images)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = list(map_in_order(pool, pixels, given))
    return np.stack(decoded) if decoded else np.empty((0, size, size, 3), np.uint8)


def _path(image: object) -> Path:
    if not isinstance(image, str | PathLike):
        raise InputError(f"images are paths, PIL images or uint8 arrays, not {type(image).__name__}")
    return Path(image)
