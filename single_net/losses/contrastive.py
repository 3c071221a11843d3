"""In-batch contrastive loss between images and captions (InfoNCE in both directions)."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def contrastive_loss(
    embeddings: torch.Tensor, group: torch.Tensor, photographs: int, temperature: float
) -> torch.Tensor:
    """In-batch contrastive loss between the two modalities (InfoNCE in both directions, as in CLIP), a scalar.

    embeddings (n, dim), the first `photographs` of photographs and the others of captions, are scaled to length one
    here; group (n,) int64 says which picture an input belongs to. Every input must find the inputs of its own group
    among all inputs of the other modality; with several of them, the probability of any of them counts. Inputs whose
    group has no input of the other modality in the batch are left out; a batch without any pair gives zero.
    """
    z = F.normalize(embeddings, dim=1)
    same = group[:photographs, None] == group[None, photographs:]
    logits = z[:photographs] @ z[photographs:].T / temperature

    def one_way(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
        # Masks instead of picked rows: for those the processor would have to wait until a GPU has counted them.
        paired = same.any(1)
        found = logits.masked_fill(~(same | ~paired[:, None]), float("-inf"))  # all of an input that is left out
        lost = logits.logsumexp(1) - found.logsumexp(1)
        return lost.sum() / paired.sum().clamp(min=1)

    return (one_way(logits, same) + one_way(logits.T, same.T)) / 2
