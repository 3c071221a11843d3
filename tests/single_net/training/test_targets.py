"""What is wrong with the encoder of a run is said with its settings."""

from __future__ import annotations

import pytest

from encoded_text import InputError, Layout, TextImageEncoder
from single_net.config import EncoderConfig
from single_net.training.targets import _require_settings, fit_encoder


@pytest.mark.parametrize(
    ("settings", "named"), [({"min_count": 1000}, "lower min_count"), ({"vectors": "missing"}, "no such file")]
)
def test_the_settings_are_named(settings, named):
    with pytest.raises(InputError, match=rf"settings encoder\.\*.*{named}"):
        fit_encoder(["a red dog"], EncoderConfig(**settings), Layout.paper(), seed=0)


def test_a_fitted_encoder_is_what_the_settings_say():
    given = TextImageEncoder.fit(["a red dog"], Layout.paper(), seed=0, normalization="global")
    _require_settings(given, EncoderConfig(normalization="global"))
    with pytest.raises(InputError, match=r"fitted with global: --set encoder\.normalization=global"):
        _require_settings(given, EncoderConfig())
    with pytest.raises(InputError, match="leave the vectors out"):
        _require_settings(given, EncoderConfig(normalization="global", vectors="some.txt"))
