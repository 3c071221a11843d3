"""Fitting the encoder of a run on its training captions."""

from __future__ import annotations

from encoded_text import TextImageEncoder
from single_net.config import RunConfig
from single_net.models.build import drawing_layout


def fit_encoder(config: RunConfig, captions: list[str]) -> TextImageEncoder:
    """The encoder of a configuration, learnt from the training captions alone."""
    return TextImageEncoder.fit(
        captions,
        layout=drawing_layout(config),
        seed=config.training.seed,
        normalisation=config.encoder.normalisation,
        **({"vectors": config.encoder.vectors} if config.encoder.vectors else {"min_count": config.encoder.min_count}),
    )
