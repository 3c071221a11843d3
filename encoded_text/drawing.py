"""Word ids -> pixels with NumPy. `encoded_text.renderer` draws the same images with torch."""

from __future__ import annotations

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.layout import Layout


def palette(colors: np.ndarray, layout: Layout) -> np.ndarray:
    """The block of every word, with one pixel a superpixel.

    Consecutive triplets of features are the R, G and B of superpixels in raster order. A short last triplet is padded
    with zeros, and superpixels after it have the blank color. (The authors' code for related work, which uses OpenCV,
    writes the triplets as B, G, R.)

    Args:
        colors: uint8 (words, features).
        layout: the layout, of as many features.

    Returns:
        uint8 (words + 1, word_height, word_width, 3), RGB, indexed by word id: entry 0 is the blank slot, entry i the
        word of row i - 1 of `colors`.
    """
    words, features = colors.shape
    blocks = np.empty((words + 1, layout.word_height * layout.word_width, 3), np.uint8)
    blocks[:] = layout.blank
    padded = np.zeros((words, layout.superpixels * 3), np.uint8)
    padded[:, :features] = colors
    blocks[1:, : layout.superpixels] = padded.reshape(words, layout.superpixels, 3)
    return blocks.reshape(words + 1, layout.word_height, layout.word_width, 3)


def draw_numpy(ids: np.ndarray, blocks: np.ndarray, layout: Layout) -> np.ndarray:
    """Draw encoded captions.

    Args:
        ids: int (n, capacity), word ids, 0 = blank.
        blocks: the word blocks, from `palette`.
        layout: the layout that the blocks were made for.

    Returns:
        uint8 (n, image_size, image_size, 3), RGB.

    Raises:
        InputError: `ids` has another shape or type, or an id is negative or beyond the vocabulary.
    """
    ids = np.asarray(ids)
    if ids.dtype.kind not in "iu":
        raise InputError(f"word ids are {ids.dtype}: whole numbers are needed, see TextImageEncoder.ids")
    if ids.ndim != 2 or ids.shape[1] != layout.capacity:
        raise InputError(f"word ids of shape {ids.shape}: expected (n, {layout.capacity})")
    if ids.size and not 0 <= ids.min() <= ids.max() < len(blocks):  # below 0 NumPy would count from the last word
        known = f"0, the blank slot, to {len(blocks) - 1} are known, see TextImageEncoder.ids"
        raise InputError(f"word ids from {ids.min()} to {ids.max()}: {known}")
    images = np.empty((len(ids), layout.image_size, layout.image_size, 3), np.uint8)
    images[:] = layout.background
    if len(ids):
        grid = blocks[ids].reshape(-1, layout.rows, layout.columns, layout.word_height, layout.word_width, 3)
        _by_superpixel(images, layout)[:] = grid[:, :, :, :, None, :, None, :]  # one color for all pixels of each
    return images


def read_numpy(images: np.ndarray, layout: Layout) -> np.ndarray:
    """Read the word blocks of encoded captions, from the upper left pixel of every superpixel.

    Args:
        images: uint8 (n, image_size, image_size, 3), RGB.
        layout: the layout they were drawn in.

    Returns:
        uint8 (n, capacity, word_height, word_width, 3): blocks as in `palette`.
    """
    if not len(images):
        return np.empty((0, layout.capacity, layout.word_height, layout.word_width, 3), np.uint8)
    corners = _by_superpixel(np.ascontiguousarray(images), layout)[:, :, :, :, 0, :, 0, :]
    return corners.reshape(len(images), layout.capacity, layout.word_height, layout.word_width, 3)


def _by_superpixel(images: np.ndarray, layout: Layout) -> np.ndarray:
    """A view of contiguous images as (n, rows, columns, word_height, superpixel, word_width, superpixel, 3)."""
    inside = images[:, layout.margin :, layout.margin :]
    n, y, x, c = inside.strides
    s = layout.superpixel
    return np.lib.stride_tricks.as_strided(
        inside,
        (len(images), layout.rows, layout.columns, layout.word_height, s, layout.word_width, s, 3),
        (n, y * layout.pitch_y, x * layout.pitch_x, y * s, y, x * s, x, c),
    )
