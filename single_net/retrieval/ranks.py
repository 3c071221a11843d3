"""Ranks of the true items of every query, counted exactly and against the system.

Every wrong item at exactly the distance of the true one counts as nearer, so embeddings that have collapsed score 0
and not 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from encoded_text.common.progress import progress
from single_net.retrieval.distances import chunks, distances, pair_distances
from single_net.retrieval.estimates import BLOCK, GPU_BLOCK, Points

I2T, T2I = "image_to_sentence", "sentence_to_image"


@dataclass(frozen=True)
class Ranks:
    """How many wrong items are ahead of the true ones.

    Attributes:
        image_of_caption: int64 (captions,), the image of each caption.
        captions_ahead: int64 (captions,), seen from its image: wrong captions at most as far as this one.
        images_ahead: int64 (captions,), seen from this caption: wrong images at most as far as its own.
        captions_tied, images_tied: int64 (captions,), how many of these are exactly as far.
    """

    image_of_caption: np.ndarray
    captions_ahead: np.ndarray
    images_ahead: np.ndarray
    captions_tied: np.ndarray
    images_tied: np.ndarray

    @property
    def of_images(self) -> np.ndarray:
        """The rank, from 1, of an image's nearest true caption, as int64 (images,)."""
        best = np.full(self.image_of_caption.max() + 1, np.iinfo(np.int64).max)
        np.minimum.at(best, self.image_of_caption, self.captions_ahead)
        return best + 1

    @property
    def of_captions(self) -> np.ndarray:
        """The rank, from 1, of a caption's image, as int64 (captions,)."""
        return self.images_ahead + 1

    def recall(self, ks: Sequence[int]) -> dict[str, dict[int, float]]:
        """Recall@K in percent, by direction and K."""
        ranks = {I2T: self.of_images, T2I: self.of_captions}
        return {direction: {k: 100 * int((r <= k).sum()) / len(r) for k in ks} for direction, r in ranks.items()}

    def reached(self, ks: Sequence[int]) -> dict[str, str]:
        """How far every query came, as text for a record: a digit a query, the number of values of K that it succeeds
        with. Captions stand image by image, with blanks between the images."""
        images, captions = (
            (ranks[:, None] <= np.asarray(ks)).sum(1).astype(str) for ranks in (self.of_images, self.of_captions)
        )
        by_image = captions[np.argsort(self.image_of_caption, kind="stable")]
        own = np.split(by_image, np.cumsum(np.bincount(self.image_of_caption))[:-1])
        return {I2T: "".join(images), T2I: " ".join(map("".join, own))}

    def average_precision(self) -> dict[str, np.ndarray]:
        """Average precision of every query over all its true items, 0 to 1: float64 (queries,) by direction."""
        # Among an image's captions, nearest first, the j-th has j - 1 true and `captions_ahead` wrong ones before it.
        order = np.lexsort((self.captions_ahead, self.image_of_caption))
        captions = np.bincount(self.image_of_caption)
        j = 1 + np.arange(len(order)) - np.repeat(np.cumsum(captions) - captions, captions)
        of_images = np.bincount(self.image_of_caption[order], j / (j + self.captions_ahead[order])) / captions
        return {I2T: of_images, T2I: 1 / self.of_captions}


def rank(images: torch.Tensor, captions: torch.Tensor, image_of_caption: np.ndarray) -> Ranks:
    """Rank both directions in one pass over the distances.

    Args:
        images: float32 (images, d).
        captions: float32 (captions, d).
        image_of_caption: int64 (captions,), the image of each caption; every image has at least one.
    """
    device = images.device
    # Row i of `thresholds` holds the distances of image i to its captions, padded with NaN.
    order = np.argsort(image_of_caption, kind="stable")
    per_image = np.bincount(image_of_caption)
    slot = np.empty_like(image_of_caption)
    slot[order] = np.arange(len(image_of_caption)) - np.repeat(np.cumsum(per_image) - per_image, per_image)
    row, column = torch.as_tensor(image_of_caption, device=device), torch.as_tensor(slot, device=device)
    true = pair_distances(images, row, captions, torch.arange(len(row), device=device))
    thresholds = torch.full((len(images), int(per_image.max())), torch.nan, device=device)
    thresholds[row, column] = true

    # Two counts each: at most as far, and exactly as far.
    of_captions = torch.zeros(*thresholds.shape, 2, dtype=torch.int64, device=device)
    of_images = torch.zeros(len(captions), 2, dtype=torch.int64, device=device)
    image_points, caption_points = Points.of(images), Points.of(captions)
    block_rows, block_columns = BLOCK if device.type == "cpu" else GPU_BLOCK
    for rows in progress(list(chunks(len(images), 1, block_rows)), what="ranking", unit="chunk"):
        for columns in chunks(len(captions), 1, block_columns):
            own_captions = ((row[columns] >= rows.start) & (row[columns] < rows.stop)).nonzero().flatten()
            block = _Block(
                images=image_points[rows],
                captions=caption_points[columns],
                thresholds=thresholds[rows],
                true=true[columns],
                own=(row[columns][own_captions] - rows.start, own_captions),
            )
            counts = _estimated_counts(block) or _exact_counts(block)
            of_captions[rows] += torch.stack(counts[:-1], dim=1)
            of_images[columns] += counts[-1]
    captions_ahead, captions_tied = of_captions[row, column].T.cpu().numpy()
    images_ahead, images_tied = of_images.T.cpu().numpy()
    return Ranks(image_of_caption, captions_ahead, images_ahead, captions_tied, images_tied)


@dataclass(frozen=True)
class _Block:
    """A block of images x captions.

    Attributes:
        images: of the block's rows.
        captions: of the block's columns.
        thresholds: float32 (rows, slots), the distances of each image to its captions, anywhere; NaN: no caption.
        true: float32 (columns,), the distance of each caption to its image, anywhere.
        own: rows and columns of the true pairs inside the block.
    """

    images: Points
    captions: Points
    thresholds: torch.Tensor
    true: torch.Tensor
    own: tuple[torch.Tensor, torch.Tensor]


def _exact_counts(block: _Block) -> list[torch.Tensor]:
    """Count the wrong items of a block that are at most as far as the true ones, and those that are exactly as far.

    Returns:
        For every slot int64 (rows, 2): wrong captions within that threshold, and at it; and last int64 (columns, 2):
        wrong images.
    """
    table = distances(block.images.vectors, block.captions.vectors)
    table[block.own] = torch.nan  # never counted: every comparison with NaN is false
    comparisons = [(table, limits) for limits in block.thresholds.T] + [(table.T, block.true)]
    return [torch.stack([_at_most(t, limits), _equal(t, limits)], dim=1) for t, limits in comparisons]


def _estimated_counts(block: _Block) -> list[torch.Tensor] | None:
    """The counts of `_exact_counts`, faster; None if the estimate leaves too many pairs undecided."""
    table = block.images.estimate(block.captions)
    if table is None:
        return None
    table[block.own] = torch.nan
    comparisons = [(table, block.images, block.captions, limits) for limits in block.thresholds.T]
    comparisons += [(table.T, block.captions, block.images, block.true)]
    counts = []
    for estimate, a, b, limits in comparisons:
        low, high = a.brackets(limits, b)
        count, possible = _at_most(estimate, low), _at_most(estimate, high)
        if int((possible - count).sum()) > table.numel() // 64:
            return None
        which = (possible > count).nonzero().flatten()
        part = estimate[which]
        i, j = ((part > low[which, None]) & (part <= high[which, None])).nonzero(as_tuple=True)
        i = which[i]
        distance = pair_distances(a.vectors, i, b.vectors, j)
        within, tied = (
            torch.bincount(i[w], minlength=len(count)) for w in (distance <= limits[i], distance == limits[i])
        )
        counts.append(torch.stack([count + within, tied], dim=1))  # what the estimate settles is never tied
    return counts


def _at_most(table: torch.Tensor, limits: torch.Tensor) -> torch.Tensor:
    """Count the values of each row of (n, m) that are at most the row's limit: int64 (n,)."""
    # Summing float32 zeros and ones (exact below 2^24) is several times faster than summing booleans.
    return torch.le(table, limits[:, None], out=torch.empty_like(table)).sum(dim=1).to(torch.int64)


def _equal(table: torch.Tensor, limits: torch.Tensor) -> torch.Tensor:
    """Count the values of each row of (n, m) that equal the row's limit: int64 (n,)."""
    return torch.eq(table, limits[:, None], out=torch.empty_like(table)).sum(dim=1).to(torch.int64)
