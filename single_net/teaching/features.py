"""What the frozen teachers say of images and captions: computed once, kept in the cache, resumed block by block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from encoded_text.common.files import replacing
from encoded_text.common.progress import progress
from single_net.data.augmentation import Views, random_views, view
from single_net.data.cache import mark_used
from single_net.data.image_array import ImageArray
from single_net.models.teachers import CaptionTeacher, ImageTeacher

MIN_CROP = 0.3  # smallest area of a view as a share of the image
BLOCK = 1000  # rows of a file in the cache: at most as many are computed again after an interruption
BATCH = {"cpu": 32, "cuda": 256}  # images or captions at once


def draw_views(images: int, views: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the views of all images: the first is the whole image, the others are random crops, half
    of them of the mirrored image.

    The views with a number are the same whatever the number of views.

    Args:
        images: number of images.
        views: number of views of each.
        seed: of the boxes.

    Returns:
        Boxes float16 (images, views, 4), see data.augmentation.Views, and which are mirrored, bool (images, views).
    """
    boxes = np.tile(np.array([1, 1, 0.5, 0.5], np.float16), (images, views, 1))
    mirrored = np.zeros((images, views), bool)
    for number in range(1, views):
        rng = np.random.default_rng([seed, number])
        drawn, _ = random_views(images, min_crop=MIN_CROP, color=0.0, rng=rng)
        assert drawn is not None
        boxes[:, number], mirrored[:, number] = drawn, rng.random(images) < 0.5
    return boxes, mirrored


def image_features(
    teacher: ImageTeacher,
    images: ImageArray,
    boxes: np.ndarray,
    mirrored: np.ndarray,
    folder: Path,
    device: torch.device,
    what: str,
) -> np.ndarray:
    """Features of views of images.

    Args:
        teacher: a frozen network.
        images: uint8 (n, size, size, 3), with the teacher's size.
        boxes: float16 (n, 4), a view of each image.
        mirrored: bool (n,).
        folder: of the cache, for these images and views alone.
        device: of the teacher.
        what: label of the progress bar.

    Returns:
        float16 (n, teacher.dim).
    """

    def compute(rows: slice) -> np.ndarray:
        pixels = torch.from_numpy(np.array(images[rows])).to(device).permute(0, 3, 1, 2)
        flip = torch.from_numpy(mirrored[rows]).to(device)[:, None, None, None]
        box = torch.from_numpy(boxes[rows].astype(np.float32)).to(device)
        return teacher(view(torch.where(flip, pixels.flip(3), pixels), Views(box, None))).cpu().numpy()

    return _in_blocks(compute, (len(images), teacher.dim), folder, BATCH[device.type], what)


def caption_features(
    teacher: CaptionTeacher, captions: Sequence[str], folder: Path, device: torch.device
) -> np.ndarray:
    """Features of captions.

    Args:
        teacher: a frozen encoder.
        captions: sentences.
        folder: of the cache, for these captions alone.
        device: of the teacher.

    Returns:
        float16 (n, teacher.dim).
    """
    order = np.argsort([len(caption) for caption in captions], kind="stable")  # a batch is padded to its longest

    def compute(rows: slice) -> np.ndarray:
        return teacher([captions[i] for i in order[rows]]).numpy()

    in_order = _in_blocks(
        compute, (len(captions), teacher.dim), folder, 4 * BATCH[device.type], "captions to the teacher"
    )
    found = np.empty_like(in_order)
    found[order] = in_order
    return found


def _in_blocks(
    compute: Callable[[slice], np.ndarray], shape: tuple[int, int], folder: Path, batch: int, what: str
) -> np.ndarray:
    """All rows, in files of BLOCK rows; what an earlier process has written is read."""
    rows, dim = shape
    found = np.empty(shape, np.float16)
    with progress(what=what, total=rows, unit="row") as bar:
        for start in range(0, rows, BLOCK):
            block = slice(start, min(start + BLOCK, rows))
            path = folder / f"{start:07d}.npy"
            stored = _read(path, (block.stop - start, dim))
            if stored is None:
                for first in range(start, block.stop, batch):
                    part = slice(first, min(first + batch, block.stop))
                    found[part] = compute(part)
                    bar.update(part.stop - first)
                with replacing(path) as temporary, open(temporary, "wb") as file:
                    np.save(file, found[block], allow_pickle=False)
            else:
                found[block] = stored
                bar.update(len(stored))
    return found


def _read(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    """The features of a file; None if it is missing or damaged."""
    try:
        stored: np.ndarray = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    mark_used(path)
    return stored if stored.shape == shape and stored.dtype == np.float16 else None
