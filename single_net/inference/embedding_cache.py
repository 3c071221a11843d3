"""Embeddings of a data set, kept on disk with its decoded images, so that a second search or plot of it is fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from encoded_text.common.errors import InputError
from encoded_text.common.files import write_atomic
from single_net.common.notice import notice
from single_net.data.cache import cache_key, mark_used
from single_net.data.dataset import CaptionDataset
from single_net.data.image_cache import prepare_images
from single_net.inference.model import Model


class Embedded(NamedTuple):
    """A data set and its embeddings.

    Attributes:
        data: the data set, without skipped images.
        images: float32 (n, d) in the order of data.images, not L2-normalized.
        captions: float32 (m, d) in the order of data.flat_captions, not L2-normalized.
    """

    data: CaptionDataset
    images: np.ndarray
    captions: np.ndarray


def embed_dataset(model: Model, data: CaptionDataset, *, skip_bad: bool = False) -> Embedded:
    """Embed all images and captions of a data set, or read their embeddings from the cache.

    The cache is the folder of image_cache.prepare_images. A file in it is found by the model's identity, the contents
    of the images and of the captions, and by device type and precision; a damaged one is computed anew.

    Args:
        model: that embeds.
        data: images, with or without captions.
        skip_bad: leave out and count images that cannot be read, instead of stopping.

    Raises:
        InputError: as image_cache.prepare_images.
    """
    data, images = prepare_images(data, model.image_size, skip_bad=skip_bad)
    file = Path(str(cast("np.memmap[Any, Any]", images).filename))  # named after the contents of all images
    arithmetic = [model.device.type, model.precision]
    path = file.parent / f"embedded-{cache_key(model.identity, file.name, data.checksums(), arithmetic)}.safetensors"
    captions = data.flat_captions
    shapes = {
        "images": (len(data), model.embedding_dim),
        "captions": (len(captions), model.embedding_dim),
    }
    arrays = _read(path, shapes)
    mark_used(path)
    if arrays is None:
        of_captions = model.embed_captions(captions) if captions else np.empty(shapes["captions"], np.float32)
        arrays = {"images": model.embed_images(images), "captions": of_captions}
        try:
            write_atomic(path, save(arrays))  # not save_file, see tensor_file.save
        except (InputError, OSError) as error:  # a cache that can only be read, or a full disk
            notice(f"{path} is not kept: {error}")
    return Embedded(data, arrays["images"], arrays["captions"])


def _read(path: Path, shapes: dict[str, tuple[int, int]]) -> dict[str, np.ndarray] | None:
    """The arrays of a file; None if it is missing, damaged or of other shapes."""
    try:
        arrays = load_file(path)
    except (FileNotFoundError, SafetensorError, TypeError, KeyError):
        return None
    fits = {name: array.shape for name, array in arrays.items()} == shapes
    return arrays if fits and all(array.dtype == np.float32 for array in arrays.values()) else None
