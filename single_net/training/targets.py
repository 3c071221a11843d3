"""What is learned from the training captions before training: the encoder, the classes, the prototypes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from encoded_text import InputError, TextImageEncoder
from encoded_text.layout import Layout
from encoded_text.tokenizer import Tokenizer
from single_net.common import distributed
from single_net.common.tensor_file import without_prefix
from single_net.config import EncoderConfig, LossConfig
from single_net.inference.encoder_state import encoder_from_tensors
from single_net.losses.targets import PROTOTYPE_DIM, caption_prototypes, cluster_classes, image_classes
from single_net.training.checkpoints import Checkpoint, other_tensors
from single_net.training.data import TrainingData


class Targets(NamedTuple):
    """The encoder, and the targets of the loss."""

    encoder: TextImageEncoder
    labels: torch.Tensor  # int64 (images, granularities)
    prototypes: torch.Tensor  # float32 (images, dim), empty if the loss has no such term


def fit_encoder(captions: list[str], settings: EncoderConfig, layout: Layout, seed: int) -> TextImageEncoder:
    """Learn words and their colors from the training captions alone.

    Args:
        captions: of the training split, and extra ones.
        settings: normalization, tokenizer, and published vectors or the smallest count of a word.
        layout: where the words go.
        seed: of Word2Vec.

    Raises:
        InputError: as TextImageEncoder.fit; says which settings are meant.
    """
    words = {"vectors": settings.vectors} if settings.vectors else {"min_count": settings.min_count}
    how = {"normalization": settings.normalization, "tokenizer": settings.tokenizer}
    try:
        return TextImageEncoder.fit(captions, layout, seed=seed, **how, **words)
    except InputError as error:
        raise InputError(f"the encoder of the training captions (settings encoder.*): {error}") from None


def fit_targets(
    data: TrainingData,
    settings: EncoderConfig,
    layout: Layout,
    loss: LossConfig,
    seed: int,
    encoder: TextImageEncoder | None = None,
) -> Targets:
    """Fit encoder, classes and prototypes on rank zero; all processes get the same.

    Args:
        data: whose captions are learned from.
        settings: of the encoder.
        layout: of the encoded captions.
        loss: its classes, and whether it needs prototypes.
        seed: of everything random.
        encoder: one that is already fitted.

    Raises:
        InputError: a fitted encoder differs from the settings, or they name both one and word vectors.
    """

    def fit() -> tuple[tuple[dict[str, np.ndarray], dict[str, Any]], np.ndarray, np.ndarray]:
        captions, extra = data.train.captions, data.extra.captions if data.extra else []
        all_captions = [*itertools.chain.from_iterable((*captions, *extra))]
        given = encoder or _given_encoder(settings, layout)
        if given:
            _require_settings(given, settings)
        fitted = given or fit_encoder(all_captions, settings, layout, seed)
        split = None if fitted.tokenizer == "spaces" else fitted.tokenize
        return fitted.state(), *fit_loss_targets(captions, loss, seed, extra, split)

    state, labels, prototypes = distributed.on_rank_zero(fit)
    return Targets(TextImageEncoder.from_state(*state), torch.from_numpy(labels), torch.from_numpy(prototypes))


def fit_loss_targets(
    captions: Sequence[list[str]],
    loss: LossConfig,
    seed: int,
    more: Sequence[list[str]] = (),
    tokenize: Tokenizer | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Classes int64 (images, granularities) and prototypes float32 (images, dim), empty if the loss has no such term.
    Arguments as of losses.targets."""
    labels = image_classes(len(captions))
    if loss.classes == "clusters":
        labels = cluster_classes(captions, loss.granularities, seed, more, tokenize)
    prototypes = np.empty(0, np.float32)
    if loss.prototype_weight:
        prototypes = caption_prototypes(captions, PROTOTYPE_DIM, seed, more, tokenize).astype(np.float32)
    return labels, prototypes


def _given_encoder(settings: EncoderConfig, layout: Layout) -> TextImageEncoder | None:
    return TextImageEncoder.load(settings.file).with_layout(layout) if settings.file else None


def _require_settings(given: TextImageEncoder, settings: EncoderConfig) -> None:
    """A record says how captions were encoded: that must be true of an encoder fitted elsewhere, too."""
    if settings.vectors:
        raise InputError(f"encoder.vectors={settings.vectors}: the encoder is fitted already: leave the vectors out")
    for name in ("normalization", "tokenizer"):
        own, wanted = getattr(given, name), getattr(settings, name)
        if own != wanted:
            raise InputError(f"encoder.{name}={wanted}: the encoder was fitted with {own}: --set encoder.{name}={own}")


def restore_targets(checkpoint: Checkpoint) -> Targets:
    """The targets of a checkpoint. Raises InputError if it does not hold them."""
    tensors, meta = checkpoint.tensors, checkpoint.meta
    loss = without_prefix("loss", tensors)
    if "labels" not in loss or loss["labels"].ndim != 2:
        raise other_tensors(checkpoint, "loss.labels")
    return Targets(encoder_from_tensors(tensors, meta), loss["labels"], loss.get("prototypes", torch.empty(0)))
