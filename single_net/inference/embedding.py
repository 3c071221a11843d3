"""Running a trained network over many inputs, in batches and views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from encoded_text.common.progress import progress
from single_net.common import distributed
from single_net.common.batches import batches
from single_net.common.device import autocast, without_autotuning
from single_net.common.prefetch import pinned, prefetch
from single_net.inference.test_time_augmentation import View
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower
from single_net.retrieval.embeddings import normalize

BATCH = 128  # inputs at once


@torch.inference_mode()
def embed(
    network: SingleNet | TwoTower,
    pieces: Iterable[np.ndarray],
    views: Sequence[View],
    *,
    precision: str,
    are_images: bool,
    what: str,
    total: int | None,
) -> np.ndarray:
    """Embed inputs in evaluation mode, without gradients; each process embeds its share, all get the whole.

    Args:
        network: on the device that is to compute.
        pieces: arrays (n, ...) of what the views are made from, memory-mapped or not, one after the other.
        views: each makes uint8 (batch, 3, size, size) of a batch, on the device.
        precision: "float32" or "bfloat16".
        are_images: whether these are images, and no encoded captions.
        what: the label of the progress bar.
        total: number of inputs, if it is known.

    Returns:
        float32 (total, d), not L2-normalized; of several views the mean of their L2-normalized embeddings.
    """
    device = next(network.parameters()).device
    found = [np.empty((0, network.embedding_dim), np.float32)]
    share = None if total is None else len(range(total)[distributed.shard(total)])
    shown = total is None or total > BATCH  # one batch needs no bar
    with (
        _evaluating(network),
        without_autotuning(),
        autocast("float32", device),  # a crop in bfloat16 would be off by up to half a pixel
        progress(what=what, total=share, unit="input", shown=shown) as bar,
    ):
        for values in pieces:
            rows = range(len(values))[distributed.shard(len(values))]
            own = torch.empty(len(rows), network.embedding_dim, device=device)
            done = 0
            for read in prefetch(pinned(values[np.asarray(part)], device) for part in batches(rows, BATCH)):
                batch = read.to(device, non_blocking=True)
                place = own[done : done + len(batch)].zero_()  # float32, and on a GPU not waited for
                for view in views:
                    pixels = view(batch)
                    with autocast(precision, device):
                        embedded = network(pixels, len(batch) if are_images else 0)
                    alone = len(views) == 1
                    place += embedded if alone else functional.normalize(embedded.double()).float() / len(views)
                done += len(batch)
                bar.update(len(batch))
            found.append(distributed.gather_rows(own, len(values)).cpu().numpy())
    return np.concatenate(found)


def normalize_rows(embeddings: np.ndarray) -> np.ndarray:
    """L2-normalized rows of an array; of none, an empty array."""
    return np.asarray(normalize(embeddings)) if len(embeddings) else embeddings


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode within the block; then each module is again in the mode that it was in."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
