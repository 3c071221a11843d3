"""In-batch contrastive loss between images and captions, and a third modality."""

from __future__ import annotations

import itertools

import torch
from torch.nn import functional as F

from encoded_text.common.arguments import whole_number
from encoded_text.common.errors import InputError
from single_net.losses.arguments import positive_number, require_features, whole_numbers


def contrastive_loss(
    embeddings: torch.Tensor, image_index: torch.Tensor, num_images: int, temperature: float, num_third: int = 0
) -> torch.Tensor:
    """InfoNCE in both directions, as in CLIP (Radford et al. 2021), for any number of captions an image; of three
    modalities the mean over their pairs.

    Every sample must find the samples of its image among all samples of the other modality; if there are several, the
    probability of any of them counts. Samples without a counterpart in the batch are left out, samples without an image
    in both directions, even if they are not finite; a batch without any pair gives zero, also one of a single modality.

    Args:
        embeddings: float (n, dim), images first, then captions, then a third modality; L2-normalized here.
        image_index: int64 (n,), the image a sample belongs to; -1: none.
        num_images: how many of the samples, the first, are images.
        temperature: divides the cosines.
        num_third: how many of the samples, the last, are of the third modality.

    Returns:
        Scalar.

    Raises:
        InputError: an argument of another shape or kind.
    """
    require_features(embeddings)
    image_index = whole_numbers("image_index", image_index, len(embeddings))
    positive_number("temperature", temperature)
    if whole_number("num_images", num_images, 0) + whole_number("num_third", num_third, 0) > len(embeddings):
        raise InputError(f"{num_images} images and {num_third} of a third modality: there are {len(embeddings)} rows")
    # Left out of the products as well: in their gradient zero times nan would be nan.
    embeddings = embeddings.where((image_index >= 0)[:, None], 0)
    z = F.normalize(embeddings, dim=1)
    sizes = [num_images, len(z) - num_images - num_third, *([num_third] if num_third else [])]
    parts = [part for part in zip(z.split(sizes), image_index.split(sizes), strict=True) if len(part[0])]
    if len(parts) < 2:
        return 0 * embeddings.sum()
    pairs = [_between(*one, *other, temperature) for one, other in itertools.combinations(parts, 2)]
    return torch.stack(pairs).mean()


def _between(
    one: torch.Tensor, its_images: torch.Tensor, other: torch.Tensor, others_images: torch.Tensor, temperature: float
) -> torch.Tensor:
    known = (its_images[:, None] >= 0) & (others_images[None] >= 0)
    same = known & (its_images[:, None] == others_images[None])
    # Not minus infinity: a row of it has no logsumexp.
    logits = (one @ other.T / temperature).masked_fill(~known, -1e4)
    return (_one_way(logits, same) + _one_way(logits.T, same.T)) / 2


def _one_way(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    # Masks instead of selected rows: a selection would wait for the GPU to count them.
    paired = same.any(1)
    found = logits.masked_fill(~(same | ~paired[:, None]), float("-inf"))
    lost = logits.logsumexp(1) - found.logsumexp(1)
    return lost.sum() / paired.sum().clamp(min=1)
