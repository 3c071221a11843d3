"""The images that a model is given, decoded piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.common.parallel import map_in_order, usable_cores
from single_net.data.image import read_image

ImageLike = str | PathLike[str] | bytes | Image.Image | np.ndarray

PIECE = 2048  # images held at once, decoded: 157 MB at 160 px


def read_images(images: Iterable[ImageLike], size: int, piece: int = PIECE) -> Iterator[np.ndarray]:
    """Decode images, files in threads, a piece of them at a time.

    Args:
        images: paths, contents of image files, PIL images, or uint8 arrays (height, width, 3), of any size.
        size: side of the squares in px.
        piece: number of images in a piece.

    Yields:
        uint8 (n, size, size, 3), RGB, with n = piece, but for the last; nothing where there are no images.

    Raises:
        InputError: no list of images, or one that cannot be read; says which.
    """
    require_list(images, "image", ndim=3)
    total = f" of {len(images)}" if isinstance(images, Sized) else ""

    def decoded(numbered: tuple[int, Any]) -> np.ndarray:
        number, image = numbered
        try:
            return read_one(image, size)
        except InputError as error:
            raise InputError(f"image {number}{total}: {error}") from None

    # Two threads must not decode one PIL image.
    given = (
        (number, image if isinstance(image, str | PathLike | bytes) else decoded((number, image)))
        for number, image in enumerate(images, 1)
    )
    with ThreadPoolExecutor(usable_cores()) as pool:
        ready = map_in_order(pool, decoded, given)
        while pixels := list(islice(ready, piece)):
            yield np.stack(pixels)


def require_list(inputs: object, what: str, ndim: int) -> None:
    """Check that a model is given several inputs, and not one alone.

    Args:
        inputs: what it is given.
        what: "image" or "sound".
        ndim: of one as an array.

    Raises:
        InputError: it is no list.
    """
    alone = isinstance(inputs, str | bytes | PathLike)
    if isinstance(inputs, np.ndarray):
        alone = inputs.ndim <= ndim and not (inputs.ndim == 1 and inputs.dtype.kind in "OUS")  # those are paths
    if alone or not isinstance(inputs, Iterable):
        raise InputError(f"encode_{what} takes a list of {what}s, not {_kind(inputs)}")


def read_one(image: ImageLike, size: int) -> np.ndarray:
    """Decode one image: uint8 (size, size, 3), RGB.

    Args:
        image: path, contents of an image file, PIL image, or uint8 array (height, width, 3), of any size.
        size: side of the square in px.

    Raises:
        InputError: nothing of that kind, or it cannot be read.
    """
    if not isinstance(image, str | PathLike | bytes | Image.Image | np.ndarray):
        raise InputError(f"an image is a path, bytes, a PIL image or a uint8 array, not {_kind(image)}")
    return read_image(Path(image) if isinstance(image, str | PathLike) else image, size)


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
