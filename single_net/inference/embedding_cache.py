"""The embeddings of a data set by a trained network, kept beside the decoded images: a second look is at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from encoded_text.common.files import replacing
from single_net.data.dataset import CaptionDataset
from single_net.data.image_cache import prepare_images
from single_net.inference.model import Model


class Embedded(NamedTuple):
    """data: the data set, without what was skipped; images float32 (n, dim) and captions float32 (m, dim), in the
    order of data.images and data.flat_captions, not yet L2-normalized."""

    data: CaptionDataset
    images: np.ndarray
    captions: np.ndarray


def embed_dataset(model: Model, data: CaptionDataset, *, skip_bad: bool = False) -> Embedded:
    """All images and captions of `data` through a loaded `model`, read from the cache where they are in it.

    Found again by the contents of the model file, of the images (as in image_cache.prepare_images, whose folder and
    errors are also these) and of the captions, and by the arithmetic used. A damaged file of the cache is made anew.
    """
    data, images = prepare_images(data, model.image_size, skip_bad=skip_bad)
    file = Path(images.filename)  # named after the contents of all images
    with model.file.open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    arithmetic = [model.device.type, model.precision]
    made_from = json.dumps([digest, file.name, data.checksums(), arithmetic])
    path = file.parent / f"embedded-{hashlib.sha256(made_from.encode()).hexdigest()[:24]}.safetensors"
    captions = data.flat_captions
    shapes = {
        "images": (len(data), model.embedding_dim),
        "captions": (len(captions), model.embedding_dim),
    }
    arrays = _read(path, shapes)
    if arrays is None:
        of_captions = model.embed_captions(captions) if captions else np.empty(shapes["captions"], np.float32)
        arrays = {"images": model.embed_images(images), "captions": of_captions}
        with replacing(path) as temporary:
            save_file(arrays, temporary)
    return Embedded(data, arrays["images"], arrays["captions"])


def _read(path: Path, shapes: dict[str, tuple[int, int]]) -> dict[str, np.ndarray] | None:
    try:
        arrays = load_file(path)
    except (FileNotFoundError, SafetensorError):
        return None
    return arrays if {name: array.shape for name, array in arrays.items()} == shapes else None
