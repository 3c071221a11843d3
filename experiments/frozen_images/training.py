"""Training on pairs of frozen image features and captions, chosen by validation, and ranks of all pairs' scores."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from experiments.frozen_images.networks import FrozenJointSpace, PairClassifier
from single_net.retrieval.ranks import Ranks
from single_net.retrieval.recall import KS
from single_net.training.schedule import learning_rate

PAIRS = 300_000  # shown in training: 50 looks at each image of Flickr8k, 10 at each caption
EVALUATIONS = 10  # on the validation split; the best weights are kept


@dataclass(frozen=True)
class Split:
    """What a network is given of a split.

    Attributes:
        features: float32 (images, features).
        ids: int64 (captions, LENGTH).
        image_of_caption: int64 (captions,), the image of each caption, in order.
    """

    features: torch.Tensor
    ids: torch.Tensor
    image_of_caption: np.ndarray


def fit(
    network: PairClassifier | FrozenJointSpace, train: Split, val: Split, seed: int, pairs: int = PAIRS
) -> dict[str, Any]:
    """Train a network in place; it ends with the weights that were best on the validation split.

    An epoch shows each image once with a random caption of its own. AdamW with a one-cycle rate.

    Args:
        network: new.
        train, val: splits.
        seed: of order and choices.
        pairs: shown in training.

    Returns:
        "pairs", "seconds" of training alone, and "history": "pairs" and "recall" on the validation split by direction
        and K.
    """
    batches = _batches(train, network.batch, np.random.default_rng(seed))
    optimizer = torch.optim.AdamW(network.parameters(), lr=network.rate, weight_decay=network.weight_decay)
    steps = max(EVALUATIONS, pairs // network.batch)
    seconds, shown, history = 0.0, 0, []
    best, kept = -1.0, network.state_dict()
    for step in progress(range(steps), what=type(network).__name__, unit="step"):
        began = time.monotonic()
        images, ids = next(batches)
        shown += len(images)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate("one_cycle", network.rate, step, steps)
        optimizer.zero_grad(set_to_none=True)
        network.train().loss(train.features[images], ids, torch.from_numpy(images), step, steps).backward()
        optimizer.step()
        seconds += time.monotonic() - began
        if (step + 1) * EVALUATIONS // steps > step * EVALUATIONS // steps:
            recall = score(network, val).recall(KS)
            history.append({"pairs": shown, "recall": recall})
            if (rsum := sum(sum(recalls.values()) for recalls in recall.values())) > best:
                best, kept = rsum, copy.deepcopy(network.state_dict())
    network.load_state_dict(kept)
    return {"pairs": shown, "seconds": round(seconds, 1), "history": history}


def _batches(split: Split, size: int, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
    """Without end: numbers of images, each once in an epoch, and the word ids of a random caption of each."""
    first = np.searchsorted(split.image_of_caption, np.arange(len(split.features)))
    count = np.bincount(split.image_of_caption)
    order = np.empty(0, np.int64)
    while True:
        if len(order) < size:
            order = rng.permutation(len(split.features))
        images, order = order[:size], order[size:]
        yield images, split.ids[first[images] + rng.integers(count[images])]


@torch.inference_mode()
def score(network: PairClassifier | FrozenJointSpace, split: Split) -> Ranks:
    """Ranks of the true items among all of a split."""
    return rank_scores(network.eval().scores(split.features, split.ids).numpy(), split.image_of_caption)


def rank_scores(scores: np.ndarray, image_of_caption: np.ndarray) -> Ranks:
    """Ranks by any score; wrong items with the score of the true one count as ahead, as in retrieval.ranks.

    Args:
        scores: float (images, captions), higher is better.
        image_of_caption: int64 (captions,), the image of each caption.

    Raises:
        InputError: a score is NaN or infinite.
    """
    if not np.isfinite(scores).all():
        raise InputError("the network's scores are not finite: its training has diverged")
    own = image_of_caption == np.arange(len(scores))[:, None]
    true = scores[image_of_caption, np.arange(len(image_of_caption))]
    wrong = np.where(own, -np.inf, scores)
    of_images = np.sort(wrong, axis=1)
    counts = [
        len(image_of_caption)
        - np.array([np.searchsorted(of_images[i], s, side) for i, s in zip(image_of_caption, true, strict=True)])
        for side in ("left", "right")
    ]
    images_ahead, images_above = (wrong >= true).sum(0), (wrong > true).sum(0)
    return Ranks(image_of_caption, counts[0], images_ahead, counts[0] - counts[1], images_ahead - images_above)
