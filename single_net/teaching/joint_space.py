"""The teachers' joint space: two small towers over their frozen features, in which images and captions meet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress

DIM, HIDDEN, DROPOUT = 256, 1024, 0.3
EPOCHS, BATCH, RATE, WEIGHT_DECAY = 30, 512, 1e-3, 0.1
TEMPERATURE = 0.05


@dataclass(frozen=True)
class Features:
    """Features of a split by the frozen teachers.

    Attributes:
        views: float16 (images, views, image dim); the first view is the whole image.
        captions: float16 (captions, caption dim), image by image.
        image_of_caption: int64 (captions,).
    """

    views: np.ndarray
    captions: np.ndarray
    image_of_caption: np.ndarray


class JointSpace(nn.Module):
    """A tower of two layers for each modality; both end in the same space.

    Args:
        image_dim, caption_dim: of the features.
        dim: of the joint space.
    """

    def __init__(self, image_dim: int, caption_dim: int, dim: int = DIM):
        super().__init__()
        self.images, self.captions = _tower(image_dim, dim), _tower(caption_dim, dim)

    @torch.inference_mode()
    def project(self, tower: str, features: np.ndarray) -> torch.Tensor:
        """Features (n, feature dim) through the tower "images" or "captions": float32 (n, dim), L2-normalized."""
        self.eval()
        network: nn.Module = getattr(self, tower)
        device = next(self.parameters()).device
        parts = torch.from_numpy(np.ascontiguousarray(features)).split(8192)
        done = [F.normalize(network(part.to(device).float()), dim=1).cpu() for part in parts]
        return torch.cat(done)


def _tower(features: int, dim: int) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm1d(features, affine=False),  # standardizes the features
        nn.Dropout(DROPOUT),
        nn.Linear(features, HIDDEN),
        nn.GELU(),
        nn.Dropout(DROPOUT),
        nn.Linear(HIDDEN, dim),
    )


def fit_joint_space(train: Features, seed: int, device: torch.device) -> JointSpace:
    """Train the two towers to find each other (InfoNCE in both directions, Radford et al. 2021).

    In an epoch an image is taken once at most (what does not fill a batch is left out), in a random view, with a random
    caption of its own. AdamW, one cosine.

    Args:
        train: features of the training split.
        seed: of weights, order and choices.
        device: where it is trained.

    Returns:
        The towers, in evaluation mode.
    """
    rng = np.random.default_rng(seed)
    images, views, image_dim = train.views.shape
    if images < 2:
        raise InputError("a joint space needs two training images at least")
    first = np.searchsorted(train.image_of_caption, np.arange(images))
    count = np.bincount(train.image_of_caption, minlength=images)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        joint = JointSpace(image_dim, train.captions.shape[1]).to(device).train()
        optimizer = torch.optim.AdamW(joint.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
        batch = min(BATCH, images)
        steps = EPOCHS * (images // batch)
        order = np.empty(0, np.int64)
        for step in progress(range(steps), what="joint space", unit="step"):
            if len(order) < batch:
                order = rng.permutation(images)
            chosen, order = order[:batch], order[batch:]
            shown = train.views[chosen, rng.integers(views, size=batch)]
            said = train.captions[first[chosen] + rng.integers(count[chosen])]
            x, y = (torch.from_numpy(features).to(device).float() for features in (shown, said))
            logits = F.normalize(joint.images(x), dim=1) @ F.normalize(joint.captions(y), dim=1).T / TEMPERATURE
            own = torch.arange(batch, device=device)
            loss = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * step / steps)) / 2
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return joint.eval()
