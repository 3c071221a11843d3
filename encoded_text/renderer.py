"""Word numbers -> pixels with torch, for batches on any device; bit for bit what `encoded_text.drawing` draws.

Apart from the NumPy drawing so that drawing or reading a few captions does not wait for torch to be imported.
"""

from __future__ import annotations

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

    One look-up of ready-made word tiles and one strided copy into the pictures, identical to `draw_numpy`.
    """

    tiles: torch.Tensor
    background: torch.Tensor

    def __init__(self, encoder: TextImageEncoder) -> None:
        super().__init__()
        self.layout = encoder.layout
        s = self.layout.superpixel
        small = torch.from_numpy(palette(encoder.colours, self.layout)).permute(0, 3, 1, 2)
        tiles = small.repeat_interleave(s, dim=2).repeat_interleave(s, dim=3).contiguous()
        self.register_buffer("tiles", tiles, persistent=False)
        background = torch.tensor(self.layout.background, dtype=torch.uint8).view(1, 3, 1, 1)
        self.register_buffer("background", background, persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int32 or int64 (n, capacity), 0 = blank -> uint8 (n, 3, height, width). Numbers beyond the vocabulary
        raise IndexError (on a GPU: a device assertion)."""
        layout = self.layout
        if ids.ndim != 2 or ids.shape[1] != layout.capacity:
            raise ValueError(f"word numbers of shape {tuple(ids.shape)}: expected (n, {layout.capacity})")
        n, size = len(ids), layout.image_size
        height, width = self.tiles.shape[2:]
        pictures = self.background.expand(n, 3, size, size).contiguous()
        places = pictures.as_strided(
            (n, layout.rows, layout.columns, 3, height, width),
            (3 * size * size, layout.pitch_y * size, layout.pitch_x, size * size, size, 1),
            layout.margin * size + layout.margin,
        )
        words = self.tiles.index_select(0, ids.reshape(-1))
        places.copy_(words.view(n, layout.rows, layout.columns, 3, height, width))
        return pictures
