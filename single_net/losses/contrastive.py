"""In-batch contrastive loss between images and captions."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def contrastive_loss(
    embeddings: torch.Tensor, image_index: torch.Tensor, num_images: int, temperature: float
) -> torch.Tensor:
    """InfoNCE in both directions, as in CLIP (Radford et al. 2021), for any number of captions an image.

    Every sample must find the samples of its image among all samples of the other modality; if there are several, the
    probability of any of them counts. Samples without a counterpart in the batch are left out; a batch without any
    pair gives zero.

    Args:
        embeddings: float (n, dim), images first, then captions; L2-normalized here.
        image_index: int64 (n,), the image a sample belongs to.
        num_images: how many of the samples, the first, are images.
        temperature: divides the cosines.

    Returns:
        Scalar.
    """
    z = F.normalize(embeddings, dim=1)
    same = image_index[:num_images, None] == image_index[None, num_images:]
    logits = z[:num_images] @ z[num_images:].T / temperature
    return (_one_way(logits, same) + _one_way(logits.T, same.T)) / 2


def _one_way(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    # Masks instead of selected rows: a selection would wait for the GPU to count them.
    paired = same.any(1)
    found = logits.masked_fill(~(same | ~paired[:, None]), float("-inf"))
    lost = logits.logsumexp(1) - found.logsumexp(1)
    return lost.sum() / paired.sum().clamp(min=1)
