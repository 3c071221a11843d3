"""What is learned from the training captions before training: the encoder, the classes, the prototypes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from encoded_text import InputError, TextImageEncoder
from encoded_text.layout import Layout
from encoded_text.tokenizer import Tokenizer
from single_net.common import distributed
from single_net.common.tensor_file import without_prefix
from single_net.config import EncoderConfig, LossConfig
from single_net.inference.model_state import encoder_from_tensors
from single_net.losses.targets import PROTOTYPE_DIM, caption_prototypes, cluster_classes, image_classes
from single_net.training.checkpoints import Checkpoint, other_tensors
from single_net.training.data import TrainingData
from single_net.training.origin import Origin


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
        InputError: the captions hold too few words, or the word vectors cannot be read.
    """

    def fit() -> tuple[tuple[dict[str, np.ndarray], dict[str, Any]], np.ndarray, np.ndarray]:
        captions, extra = data.train.captions, data.extra.captions if data.extra else []
        all_captions = [*itertools.chain.from_iterable((*captions, *extra))]
        fitted = fit_encoder(all_captions, settings, layout, seed) if encoder is None else encoder
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


def given_encoder(settings: EncoderConfig, layout: Layout, origin: Origin | None) -> TextImageEncoder | None:
    """The encoder that is fitted already, of the run to start from or of a file; None if there is none.

    Raises:
        InputError: it cannot be read, or differs from the settings; or these name word vectors that are missing.
    """
    if origin:
        given = origin.encoder(layout)
    elif settings.file:
        given = TextImageEncoder.load(settings.file).with_layout(layout)
    elif settings.vectors and not Path(settings.vectors).exists():  # told now, not after the images are decoded
        raise InputError(f"encoder.vectors={settings.vectors}: no such file of word vectors")
    else:
        return None
    # A record says how captions were encoded: that must be true of an encoder fitted elsewhere, too.
    if settings.vectors:
        raise InputError(f"encoder.vectors={settings.vectors}: the encoder is fitted already: leave the vectors out")
    for name in ("normalization", "tokenizer"):
        own, wanted = getattr(given, name), getattr(settings, name)
        if own != wanted:
            raise InputError(f"encoder.{name}={wanted}: the encoder was fitted with {own}: --set encoder.{name}={own}")
    return given


def restore_targets(checkpoint: Checkpoint) -> Targets:
    """The targets of a checkpoint. Raises InputError if it does not hold them."""
    tensors, meta = checkpoint.tensors, checkpoint.meta
    loss = without_prefix("loss", tensors)
    if "labels" not in loss or loss["labels"].ndim != 2:
        raise other_tensors(checkpoint, "loss.labels")
    return Targets(encoder_from_tensors(tensors, meta), loss["labels"], loss.get("prototypes", torch.empty(0)))
