"""Fitting the encoder of a run on its training captions."""

from __future__ import annotations

from encoded_text import InputError, TextImageEncoder
from encoded_text.layout import Layout
from single_net.config import EncoderConfig


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
