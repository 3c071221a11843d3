"""Word numbers -> pixels and back with NumPy: what a drawn caption is, and what the torch drawing must equal."""

from __future__ import annotations

import numpy as np

from encoded_text.layout import Layout


def palette(colours: np.ndarray, layout: Layout) -> np.ndarray:
    """What each word looks like, one pixel a superpixel: uint8 (words + 1, word_height, word_width, 3), RGB.

    colours  uint8 (words, features). Consecutive triplets colour one superpixel's R, G and B, superpixels in raster
             order; a short last triplet is padded with zeros, superpixels behind it have the blank colour.
             (The authors' related code writes the triplets as B, G, R, OpenCV's order; here it is Pillow's.)
    Entry 0 is the blank place; word number i is row i - 1 of `colours`.
    """
    words, features = colours.shape
    blocks = np.empty((words + 1, layout.word_height * layout.word_width, 3), np.uint8)
    blocks[:] = layout.blank
    padded = np.zeros((words, layout.superpixels * 3), np.uint8)
    padded[:, :features] = colours
    blocks[1:, : layout.superpixels] = padded.reshape(words, layout.superpixels, 3)
    return blocks.reshape(words + 1, layout.word_height, layout.word_width, 3)


def draw_numpy(ids: np.ndarray, blocks: np.ndarray, layout: Layout) -> np.ndarray:
    """Draw captions: ids int (n, capacity), blocks from `palette` -> uint8 (n, height, width, 3)."""
    if ids.ndim != 2 or ids.shape[1] != layout.capacity:
        raise ValueError(f"word numbers of shape {ids.shape}: expected (n, {layout.capacity})")
    pictures = np.empty((len(ids), layout.image_size, layout.image_size, 3), np.uint8)
    pictures[:] = layout.background
    if len(ids):
        # Every superpixel is one source pixel written to a square: the two axes of length 1 are broadcast.
        superpixels(pictures, layout)[:] = _grid(blocks[ids], layout)[:, :, :, :, None, :, None, :]
    return pictures


def read_numpy(pictures: np.ndarray, layout: Layout) -> np.ndarray:
    """The upper left pixel of every superpixel: uint8 (n, h, w, 3) -> (n, capacity, word_height, word_width, 3)."""
    if not len(pictures):
        return np.empty((0, layout.capacity, layout.word_height, layout.word_width, 3), np.uint8)
    corners = superpixels(np.ascontiguousarray(pictures), layout)[:, :, :, :, 0, :, 0, :]
    return corners.reshape(len(pictures), layout.capacity, layout.word_height, layout.word_width, 3)


def superpixels(pictures: np.ndarray, layout: Layout) -> np.ndarray:
    """A view of contiguous pictures (n, h, w, 3) by word and superpixel:
    (n, rows, columns, word_height, superpixel, word_width, superpixel, 3)."""
    inside = pictures[:, layout.margin :, layout.margin :]
    n, y, x, c = inside.strides
    s = layout.superpixel
    return np.lib.stride_tricks.as_strided(
        inside,
        (len(pictures), layout.rows, layout.columns, layout.word_height, s, layout.word_width, s, 3),
        (n, y * layout.pitch_y, x * layout.pitch_x, y * s, y, x * s, x, c),
    )


def _grid(blocks: np.ndarray, layout: Layout) -> np.ndarray:
    return blocks.reshape(-1, layout.rows, layout.columns, layout.word_height, layout.word_width, 3)
