"""Two-tower baselines: a network of its own for captions, to test what the single network costs (paper, section 6)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from encoded_text.common.errors import InputError
from encoded_text.layout import Layout

HIDDEN = 256  # size of the LSTM's state, as in the tutorial this baseline is compared with


class TwoTower(nn.Module):
    """One network for images and another for encoded captions; no weight is shared. Called like SingleNet.

    Args:
        image_tower, caption_tower: networks of inputs (n, 3, height, width) -> (n, embedding_dim).
        embedding_dim: length of an embedding.
    """

    def __init__(self, image_tower: nn.Module, caption_tower: nn.Module, embedding_dim: int):
        super().__init__()
        self.image_tower, self.caption_tower = image_tower, caption_tower
        self.embedding_dim = embedding_dim

    def forward(self, inputs: torch.Tensor, num_images: int | None = None) -> torch.Tensor:
        """Embed images and encoded captions.

        Args:
            inputs: uint8 (n, 3, size, size), images first, then encoded captions.
            num_images: how many of the inputs, the first, are images.

        Returns:
            float32 (n, embedding_dim), not L2-normalized.

        Raises:
            InputError: `num_images` is missing.
        """
        if num_images is None:
            raise InputError("a two-tower network needs num_images: how many of the inputs, the first, are images")
        parts = []
        if num_images:
            parts.append(self.image_tower(inputs[:num_images]))
        if num_images < len(inputs):
            parts.append(self.caption_tower(inputs[num_images:]))
        return torch.cat([part.float() for part in parts])


class CaptionLSTM(nn.Module):
    """An LSTM over the word vectors of an encoded caption; its last state goes through SingleNet's bottleneck.

    It reads each word once from the encoded caption, up to the first blank place, so that it is given exactly what the
    single network is given: word vectors in 256 steps a value, with the same words dropped. In float32 throughout: an
    LSTM in bfloat16 is slow on CPUs.

    Args:
        layout: of the encoded captions.
        embedding_dim: length of an embedding.
    """

    def __init__(self, layout: Layout, embedding_dim: int = 128):
        super().__init__()
        self.layout = layout
        self.lstm = nn.LSTM(layout.features, HIDDEN, batch_first=True)
        self.last_linear = nn.Linear(HIDDEN, embedding_dim, bias=False)
        self.last_bn = nn.BatchNorm1d(embedding_dim, eps=0.001, momentum=0.1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Encoded captions uint8 (n, 3, size, size), neither cropped nor resized -> float32 (n, embedding_dim)."""
        words, lengths = self.read(inputs)
        with torch.autocast(inputs.device.type, enabled=False):
            vectors = (words.float() - 127.5) / 128
            # cuDNN wants the lengths on the CPU; this waits for the GPU.
            packed = pack_padded_sequence(vectors, lengths.cpu(), batch_first=True, enforce_sorted=False)
            last = self.lstm(packed)[1][0][-1]
            return self.last_bn(self.last_linear(last))

    def read(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The words of encoded captions.

        Args:
            inputs: uint8 (n, 3, size, size).

        Returns:
            Word colors uint8 (n, capacity, features), and the number of words before the first blank place, int64
            (n,); a caption without a word counts as one blank word.
        """
        layout, device = self.layout, inputs.device

        def first_pixels(count: int, pitch: int, within: int) -> torch.Tensor:
            words = layout.margin + pitch * torch.arange(count, device=device)
            return (words[:, None] + layout.superpixel * torch.arange(within, device=device)).flatten()

        y = first_pixels(layout.rows, layout.pitch_y, layout.word_height)
        x = first_pixels(layout.columns, layout.pitch_x, layout.word_width)
        corners = inputs.index_select(2, y).index_select(3, x)
        corners = corners.unflatten(2, (layout.rows, layout.word_height)).unflatten(4, (layout.columns, -1))
        blocks = corners.permute(0, 2, 4, 3, 5, 1).reshape(len(inputs), layout.capacity, -1, 3)
        background = torch.stack([torch.full((), value, device=device) for value in layout.blank])
        blank = (blocks == background).all(3).all(2)
        lengths = (blank.cumsum(1) == 0).sum(1).clamp(min=1)
        return blocks.flatten(2)[:, :, : layout.features], lengths
