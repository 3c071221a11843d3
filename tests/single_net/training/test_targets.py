"""What is wrong with the encoder of a run is said with its settings."""

from __future__ import annotations

import pytest

from encoded_text import InputError, Layout, TextImageEncoder
from single_net.config import EncoderConfig
from single_net.training.targets import fit_encoder, given_encoder


@pytest.mark.parametrize(
    ("settings", "named"), [({"min_count": 1000}, "lower min_count"), ({"vectors": "missing"}, "no such file")]
)
def test_the_settings_are_named(settings, named):
    with pytest.raises(InputError, match=rf"settings encoder\.\*.*{named}"):
        fit_encoder(["a red dog"], EncoderConfig(**settings), Layout.paper(), seed=0)


def test_a_fitted_encoder_is_what_the_settings_say(tmp_path):
    file, layout = tmp_path / "encoder.safetensors", Layout.paper()
    TextImageEncoder.fit(["a red dog"], layout, seed=0, normalization="global").save(file)

    def given(**settings) -> TextImageEncoder | None:
        return given_encoder(EncoderConfig(**settings), layout, None)

    assert given() is None and given(file=str(file), normalization="global").words
    with pytest.raises(InputError, match=r"fitted with global: --set encoder\.normalization=global"):
        given(file=str(file))
    with pytest.raises(InputError, match="leave the vectors out"):
        given(file=str(file), normalization="global", vectors="some.txt")
    with pytest.raises(InputError, match="vectors=missing: no such file"):
        given(vectors="missing")
    assert given(vectors=str(file)) is None  # to be read once the captions are known
