"""Word ids -> pixels with torch, for batches on any device: the same bytes as `encoded_text.drawing`.

A module of its own, so that encoding or reading a few captions does not import torch.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from encoded_text.drawing import palette
from encoded_text.encoder import TextImageEncoder

# Bytes are copied in pieces of the widest type that fits; nothing computes with the values.
_PIECES = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64, 16: torch.complex128}


class Renderer(nn.Module):
    """Draws batches of encoded captions on the device it is on.

    It has no parameters and adds nothing to a state dict. The images equal those of
    `encoded_text.drawing.draw_numpy` bit for bit.

    The tiles (word blocks with their separators) are made once. Side by side they cover an image, so that drawing a
    batch is copying rows of tiles, in pieces as wide as the layout allows.

    Args:
        encoder: gives the colors and the layout.

    Example:
        ::

            renderer = Renderer(encoder).to(device)
            images = renderer(torch.from_numpy(encoder.ids(captions)).to(device))  # uint8 (n, 3, height, width)
    """

    tiles: torch.Tensor
    starts: torch.Tensor
    steps: torch.Tensor
    background: torch.Tensor

    def __init__(self, encoder: TextImageEncoder) -> None:
        super().__init__()
        layout = self.layout = encoder.layout
        before = min(layout.margin, layout.separator)  # px of background in a tile, above and left of its word
        self._first = first = layout.margin - before  # px above and left of the first tile
        self._piece = math.gcd(16, layout.pitch_x, first)  # bytes
        # With a margin below the separator the last tiles extend beyond the image; a row is a whole number of pieces.
        self._height = max(layout.image_size, layout.rows * layout.pitch_y)
        width = max(layout.image_size, layout.columns * layout.pitch_x)
        self._width = -(-width // self._piece) * self._piece
        # uint8 (words + 1, 3, pitch_y, pitch_x)
        words = torch.from_numpy(palette(encoder.colors, layout)).permute(0, 3, 1, 2)
        words = words.repeat_interleave(layout.superpixel, dim=2).repeat_interleave(layout.superpixel, dim=3)
        background = torch.tensor(layout.background, dtype=torch.uint8).view(1, 3, 1, 1)
        tiles = background.expand(len(words), 3, layout.pitch_y, layout.pitch_x).contiguous()
        tiles[:, :, before : before + layout.block_height, before : before + layout.block_width] = words
        self.register_buffer("tiles", tiles, persistent=False)
        pieces = layout.pitch_x // self._piece
        starts = torch.arange(len(words)) * (3 * layout.pitch_y * pieces)
        self.register_buffer("starts", starts, persistent=False)
        self.register_buffer("steps", torch.arange(pieces), persistent=False)
        self.register_buffer("background", background, persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Draw encoded captions.

        Args:
            ids: int32 or int64 (n, capacity), word ids on the renderer's device, 0 = blank.

        Returns:
            uint8 (n, 3, image_size, image_size), RGB, contiguous, on the same device.

        Raises:
            ValueError: `ids` has another shape.
            IndexError: an id is beyond the vocabulary (on a GPU: a device-side assertion).
        """
        layout = self.layout
        if ids.ndim != 2 or ids.shape[1] != layout.capacity:
            raise ValueError(f"word ids of shape {tuple(ids.shape)}: expected (n, {layout.capacity})")
        n, rows, pitch, size = len(ids), layout.rows, layout.pitch_y, layout.image_size
        dtype, first = _PIECES[self._piece], self._first // self._piece
        tiles = self.tiles.view(-1).view(dtype)
        pieces = len(self.steps)
        across, down = layout.columns * pieces, rows * pitch

        images = torch.empty(n, 3, self._height, self._width, dtype=torch.uint8, device=ids.device)
        if layout.columns * layout.pitch_x < self._width or down < self._height:
            images.copy_(self.background)  # the tiles do not cover all of it
        target = images.view(dtype)[:, :, self._first : self._first + down, first : first + across]
        target = target.view(n, 3, rows, pitch, across)

        if self._piece < 16 and pieces == 1 and ids.device.type == "cpu":
            # For pieces this small a CPU is faster when it gathers whole tiles and then moves their rows; 64 images at
            # a time keep the gathered tiles in its cache.
            for some_ids, some_target in zip(torch.split(ids, 64), torch.split(target, 64), strict=True):
                words = tiles.view(-1, 3 * pitch).index_select(0, some_ids.reshape(-1))
                some_target.copy_(words.view(-1, rows, across, 3, pitch).permute(0, 3, 1, 4, 2))
        else:
            starts = self.starts.index_select(0, ids.reshape(-1)).view(n, 1, rows, 1, layout.columns, 1)
            index = (starts + self.steps).view(n, 1, rows, 1, across).expand(n, 3, rows, pitch, across)
            # Overlapping views of the tiles, one for each channel c and row y of a tile; they begin at piece (c, y) of
            # the first tile, so that one index, the start of a word's tile, serves every c and y.
            length = len(tiles) - 3 * pitch * pieces + pieces
            table = tiles.as_strided((n, 3, rows, pitch, length), (0, pitch * pieces, 0, pieces, 1))
            torch.gather(table, 4, index, out=target)
        return images[:, :, :size, :size].contiguous()
