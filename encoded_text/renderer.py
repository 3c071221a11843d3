"""Word numbers -> pixels with torch, for batches on any device; bit for bit what `encoded_text.drawing` draws.

Apart from the NumPy drawing so that drawing or reading a few captions does not wait for torch to be imported.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

from encoded_text.drawing import draw_numpy, palette

if TYPE_CHECKING:
    from encoded_text.encoder import TextImageEncoder

__all__ = ["Renderer", "draw_numpy", "palette"]


class Renderer(nn.Module):
    """Draws batches of captions on the device it lives on; it has no parameters and adds nothing to a state dict.

    renderer = Renderer(encoder).to(device)
    renderer(ids)   # int32 or int64 (n, capacity) on that device -> uint8 (n, 3, height, width)

    Identical to `draw_numpy`. Ready-made tiles (a word with its separator) cover the pictures without gaps; every
    row of pixels is written from left to right, in pieces as wide as the layout allows.
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
        self._piece = math.gcd(16, layout.pitch_x, first)  # bytes moved at once
        # Where the margin is the smaller one, the last tiles may reach over the edge; rows are whole pieces.
        self._height = max(layout.image_size, layout.rows * layout.pitch_y)
        width = max(layout.image_size, layout.columns * layout.pitch_x)
        self._width = -(-width // self._piece) * self._piece
        # Tiles row by row, each as bytes (3, pitch_y, pitch_x).
        words = torch.from_numpy(palette(encoder.colours, layout)).permute(0, 3, 1, 2)
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
        """ids int32 or int64 (n, capacity), 0 = blank -> uint8 (n, 3, height, width). Numbers beyond the vocabulary
        raise IndexError (on a GPU: a device assertion)."""
        layout = self.layout
        if ids.ndim != 2 or ids.shape[1] != layout.capacity:
            raise ValueError(f"word numbers of shape {tuple(ids.shape)}: expected (n, {layout.capacity})")
        n, rows, pitch, size = len(ids), layout.rows, layout.pitch_y, layout.image_size
        dtype, first = _PIECES[self._piece], self._first // self._piece
        tiles = self.tiles.view(-1).view(dtype)
        pieces = len(self.steps)
        across, down = layout.columns * pieces, rows * pitch

        pages = torch.empty(n, 3, self._height, self._width, dtype=torch.uint8, device=ids.device)
        if layout.columns * layout.pitch_x < self._width or down < self._height:
            pages.copy_(self.background)  # the tiles leave something free
        places = pages.view(dtype)[:, :, self._first : self._first + down, first : first + across]
        places = places.unflatten(2, (rows, pitch))

        if self._piece < 16 and pieces == 1 and ids.device.type == "cpu":
            # A processor looks up so small a piece slower than it copies whole tiles and then each of their rows to its
            # place; few pictures at a time, so that the copied tiles stay in a cache.
            for some, here in zip(ids.split(64), places.split(64), strict=True):
                words = tiles.view(-1, 3 * pitch).index_select(0, some.reshape(-1))
                here.copy_(words.view(-1, rows, across, 3, pitch).permute(0, 3, 1, 4, 2))
        else:
            starts = self.starts.index_select(0, ids.reshape(-1)).view(n, 1, rows, 1, layout.columns, 1)
            index = (starts + self.steps).view(n, 1, rows, 1, across).expand(n, 3, rows, pitch, across)
            # All tiles from channel c and row y on, for every c and y: entry i is piece i of what follows in memory.
            follows = len(tiles) - 3 * pitch * pieces + pieces
            table = tiles.as_strided((n, 3, rows, pitch, follows), (0, pitch * pieces, 0, pieces, 1))
            torch.gather(table, 4, index, out=places)
        return pages[:, :, :size, :size].contiguous()


# Numbers are only carried from place to place, never looked at: any type of the right size will do.
_PIECES = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64, 16: torch.complex128}
