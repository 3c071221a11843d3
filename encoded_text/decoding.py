"""Pixels -> word ids: reads encoded captions back exactly, or says which pixel is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.drawing import draw_numpy, read_numpy
from encoded_text.layout import Layout
from encoded_text.word_ids import WordIds


class Decoder:
    """Reads the images that one encoder draws.

    Args:
        blocks: uint8 (words + 1, word_height, word_width, 3), all different, from `encoded_text.drawing.palette`.
        layout: the layout of the images; its fill does not matter.
    """

    def __init__(self, blocks: np.ndarray, layout: Layout) -> None:
        self._blocks = blocks
        self._layout = layout
        self._id_of_block = {block.tobytes(): number for number, block in enumerate(blocks)}

    def decode(self, images: np.ndarray) -> WordIds:
        """Read word ids from encoded captions. A caption ends at its first blank slot.

        Args:
            images: uint8 (n, image_size, image_size, 3), RGB.

        Returns:
            The word ids of the n captions.

        Raises:
            InputError: the shape or type is wrong, or the pixels are not exactly those of an encoded caption; the
                message names the image, row and column.
        """
        size = self._layout.image_size
        images = np.asarray(images)
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (size, size, 3):
            raise InputError(
                f"images of shape {images.shape} and type {images.dtype}: this encoder reads uint8 "
                f"(n, {size}, {size}, 3)"
            )
        slots = self._slots(images)
        ended = np.cumsum(slots == 0, axis=1) > 0
        words = WordIds(slots[~ended], (~ended).sum(axis=1))
        for number, different in enumerate(self._differences(images, slots, words)):
            if different.any():
                y, x = np.argwhere(different)[0]
                raise InputError(
                    f"image {number}: the pixel in row {y}, column {x} (from 0) is not as this encoder draws it: "
                    "was the image changed, or drawn in another layout?"
                )
        return words

    def _slots(self, images: np.ndarray) -> np.ndarray:
        """The word ids of all slots, int32 (n, capacity)."""
        blocks = read_numpy(images, self._layout)
        blocks = blocks.reshape(-1, *blocks.shape[2:])
        ids = [self._id_of_block.get(block.tobytes(), -1) for block in blocks]
        slots = np.array(ids, np.int32).reshape(len(images), self._layout.capacity)
        if len(unknown := np.argwhere(slots < 0)):
            image, slot = unknown[0]
            row, column = divmod(int(slot), self._layout.columns)
            raise InputError(
                f"image {image}: the block in row {row}, column {column} (from 0) is not a word of this encoder: "
                "was it drawn by another encoder or layout, resized, or saved as JPEG?"
            )
        return slots

    def _differences(self, images: np.ndarray, slots: np.ndarray, words: WordIds) -> Iterator[np.ndarray]:
        """For each image the pixels that differ from what these words look like, bool (image_size, image_size)."""
        capacity = self._layout.capacity
        blank, repeated = words.lay_out(capacity, "blank"), words.lay_out(capacity, "repeat")
        is_repeated = (slots == repeated).all(axis=1, keepdims=True)
        expected = np.where(is_repeated, repeated, blank)
        for number, image in enumerate(images):
            yield (draw_numpy(expected[number, None], self._blocks, self._layout)[0] != image).any(axis=-1)
