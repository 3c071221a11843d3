"""What is wrong with the encoder of a run is said with its settings."""

from __future__ import annotations

import pytest

from encoded_text import InputError, Layout
from single_net.config import EncoderConfig
from single_net.training.encoder import fit_encoder


@pytest.mark.parametrize(
    ("settings", "named"), [({"min_count": 1000}, "lower min_count"), ({"vectors": "missing"}, "no such file")]
)
def test_the_settings_are_named(settings, named):
    with pytest.raises(InputError, match=rf"settings encoder\.\*.*{named}"):
        fit_encoder(["a red dog"], EncoderConfig(**settings), Layout.paper(), seed=0)
