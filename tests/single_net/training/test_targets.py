"""What is learned from captions before training; what is wrong with the encoder of a run is said with its settings."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError, Layout, TextImageEncoder
from single_net.config import EncoderConfig, LossConfig
from single_net.data.contamination import Fingerprints
from single_net.data.dataset import CaptionDataset
from single_net.training.data import TrainingData
from single_net.training.targets import Targets, fit_encoder, fit_targets, given_encoder


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


def targets_of(captions: list[str], extra: list[str], **settings) -> Targets:
    """Of images with one caption each, in two clusters and with prototypes."""
    train, more = (
        CaptionDataset("made-up", "train", [str(i) for i in range(len(each))], each, [[caption] for caption in each])
        for each in (captions, extra)
    )
    none = Fingerprints(np.empty((0, 0)), np.empty(0, np.int64))
    data = TrainingData(train, np.empty(0), None, more if extra else None, None, none)
    loss = LossConfig(classes="clusters", granularities=(2,), prototype_weight=1.0)
    return fit_targets(data, EncoderConfig(**settings), Layout.paper(), loss, seed=0)


def test_extra_captions_teach_words_and_which_of_them_belong_together(monkeypatch):
    for name in ("training.targets.PROTOTYPE_DIM", "losses.targets.CLUSTERED_DIM"):  # fewer than there are words
        monkeypatch.setattr(f"single_net.{name}", 2)
    encoder, labels, prototypes = targets_of(["dog", "puppy", "boat", "ship"], ["dog puppy kennel", "boat ship"] * 5)
    assert set(encoder.vocabulary) == {"dog", "puppy", "boat", "ship", "kennel"}
    assert labels.shape == (4, 1) and labels[0] == labels[1] != labels[2] == labels[3]
    alike = prototypes @ prototypes.T
    assert min(alike[0, 1], alike[2, 3]) > 0.9 and alike[:2, 2:].abs().max() < 0.1


def test_classes_and_prototypes_are_made_of_the_words_of_another_tokenizer():
    """Single letters are words of it; by default they are dropped."""
    pytest.importorskip("icu4py", reason="pip install 'single-net[icu]' to run this")
    _, labels, prototypes = targets_of(["x a", "x b", "y c", "y d"], [], tokenizer="icu")
    assert labels[0] == labels[1] != labels[2] == labels[3] and len(prototypes) == 4
    with pytest.raises(InputError, match="no words to cluster images by"):
        targets_of(["x a", "x b", "y c", "y d"], [])
