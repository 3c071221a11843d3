"""Two networks instead of one, to test what the single one is worth: the paper's central claim (sections 1 and 6)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from encoded_text.common.errors import InputError
from encoded_text.layout import Layout

HIDDEN = 256  # values of the LSTM's state, as in the tutorial this is compared with


class TwinNet(nn.Module):
    """One network for photographs and another for drawn captions; no weight is shared. Used as SingleNet is."""

    def __init__(self, of_photographs: nn.Module, of_captions: nn.Module, embedding_dim: int):
        super().__init__()
        self.of_photographs, self.of_captions = of_photographs, of_captions
        self.embedding_dim = embedding_dim

    def forward(self, pictures: torch.Tensor, photographs: int | None = None) -> torch.Tensor:
        """Pictures (n, 3, size, size), the first `photographs` of them photographs, the others drawn captions ->
        embeddings (n, embedding_dim), float32. Raises InputError where `photographs` is missing."""
        if photographs is None:
            raise InputError("two networks need photographs: how many of the inputs, the first, are any")
        parts = []
        if photographs:
            parts.append(self.of_photographs(pictures[:photographs]))
        if photographs < len(pictures):
            parts.append(self.of_captions(pictures[photographs:]))
        return torch.cat([part.float() for part in parts])


class CaptionLSTM(nn.Module):
    """An LSTM over the word vectors of a drawn caption; its last state goes through SingleNet's bottleneck.

    It reads the words off the picture (each once, up to the first blank place), so that it is given exactly what the
    network for pictures is given: word vectors in 256 steps a value, with words dropped or moved as in the drawing.
    In float32 throughout: little work, and an LSTM in bfloat16 is slow on processors.
    """

    def __init__(self, layout: Layout, embedding_dim: int = 128):
        super().__init__()
        self.layout = layout
        self.lstm = nn.LSTM(layout.features, HIDDEN, batch_first=True)
        self.last_linear = nn.Linear(HIDDEN, embedding_dim, bias=False)
        self.last_bn = nn.BatchNorm1d(embedding_dim, eps=0.001, momentum=0.1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Drawn captions uint8 (n, 3, size, size), neither cropped nor resized -> embeddings float32 (n, dim)."""
        words, lengths = self.read(pictures)
        with torch.autocast(pictures.device.type, enabled=False):
            vectors = (words.float() - 127.5) / 128
            # The lengths go to the processor (a GPU is waited for): cuDNN wants them there.
            packed = pack_padded_sequence(vectors, lengths.cpu(), batch_first=True, enforce_sorted=False)
            last = self.lstm(packed)[1][0][-1]
            return self.last_bn(self.last_linear(last))

    def read(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The colours of the words: uint8 (n, capacity, features), and how many words there are before the first blank
        place, int64 (n,); a caption without a word counts as one blank word."""
        layout, device = self.layout, pictures.device

        def first_pixels(count: int, pitch: int, within: int) -> torch.Tensor:
            words = layout.margin + pitch * torch.arange(count, device=device)
            return (words[:, None] + layout.superpixel * torch.arange(within, device=device)).flatten()

        y = first_pixels(layout.rows, layout.pitch_y, layout.word_height)
        x = first_pixels(layout.columns, layout.pitch_x, layout.word_width)
        corners = pictures.index_select(2, y).index_select(3, x)
        corners = corners.unflatten(2, (layout.rows, layout.word_height)).unflatten(4, (layout.columns, -1))
        blocks = corners.permute(0, 2, 4, 3, 5, 1).reshape(len(pictures), layout.capacity, -1, 3)
        background = torch.stack([torch.full((), value, device=device) for value in layout.blank])
        blank = (blocks == background).all(3).all(2)
        lengths = (blank.cumsum(1) == 0).sum(1).clamp(min=1)
        return blocks.flatten(2)[:, :, : layout.features], lengths
