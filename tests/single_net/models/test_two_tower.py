"""Two-tower baselines: called like the single network, no weight shared; the LSTM reads exactly what was drawn."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from shapes import write_shapes

from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.renderer import Renderer
from single_net.config import RunConfig
from single_net.inference.model import Model
from single_net.models.build import build_network, encoder_layout
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import CaptionLSTM
from single_net.training.loop import train

CAPTIONS = ["a dog runs", "two cats", "a dog and two cats run", "dog"]


@pytest.mark.parametrize("preset", [Layout.paper, Layout.figure])
@pytest.mark.parametrize("fill", ["blank", "repeat"])
def test_the_lstm_reads_the_words_off_the_image(preset, fill):
    layout = dataclasses.replace(preset(), fill=fill)
    encoder = TextImageEncoder.fit(CAPTIONS, layout=layout, seed=0, min_count=1)
    ids = encoder.ids([*CAPTIONS, "unknown"])
    words, lengths = CaptionLSTM(layout).read(Renderer(encoder)(torch.from_numpy(ids)))
    assert lengths.tolist() == [3, 2, 6, 1, 1]
    for row in range(4):
        drawn = encoder.colors[ids[row, : lengths[row]] - 1]
        assert np.array_equal(words[row, : lengths[row]].numpy(), drawn)


def test_the_lstm_ends_at_the_last_word():
    """What follows the words of a caption makes no difference, and neither do longer captions beside it."""
    layout = Layout.paper()
    encoder = TextImageEncoder.fit(CAPTIONS, layout=layout, seed=0, min_count=1)
    ids = encoder.ids(CAPTIONS)
    network = CaptionLSTM(layout).eval()
    embedded = network(Renderer(encoder)(torch.from_numpy(ids)))
    for row, caption in enumerate(CAPTIONS):
        colors = encoder.colors[ids[row, : len(caption.split())] - 1]
        states, _ = network.lstm((torch.from_numpy(colors).float()[None] - 127.5) / 128)
        expected = network.last_bn(network.last_linear(states[:, -1]))
        torch.testing.assert_close(embedded[row : row + 1], expected)


def config(root: Path | str, **network) -> RunConfig:
    return RunConfig.from_dict(
        {
            "data": {"name": "table", "root": str(root)},
            "encoder": {"fill": "repeat"},
            "network": {"image_size": 75} | network,
            "augmentation": {"kind": "pair", "word_dropout": 0.2},
            "loss": {"contrastive_weight": 1.0, "contrastive_start": 0.0},
            "batch": {"size": 6, "counts": "images"},
            "training": {"epochs": 1},
        }
    )


def built(config: RunConfig) -> torch.nn.Module:
    layout = encoder_layout(config.encoder, config.network.image_size)
    return build_network(config.network, layout, pretrained=False)


def test_the_second_network_has_weights_of_its_own():
    network = built(config("", captions="inception"))
    single = sum(p.numel() for p in SingleNet().parameters())
    assert sum(p.numel() for p in network.parameters()) == 2 * single
    images = torch.randint(0, 256, (5, 3, 75, 75), dtype=torch.uint8)
    network.eval()
    with torch.no_grad():
        both = network(images, 2)
        assert torch.allclose(both[:2], network.image_tower(images[:2]), atol=1e-5)
        assert torch.allclose(both[2:], network.caption_tower(images[2:]), atol=1e-5)
        assert network(images, 0).shape == network(images, 5).shape == (5, 128)
    with pytest.raises(InputError, match="how many of the inputs"):
        network(images)


@pytest.mark.parametrize("kind", ["inception", "lstm"])
@pytest.mark.slow
def test_it_trains_moves_both_networks_and_is_loaded_again(tmp_path, kind):
    root = write_shapes(tmp_path / "shapes", {"train": 12, "val": 4, "test": 4})
    torch.manual_seed(0)
    before = built(config(root, captions=kind)).state_dict()
    model = train(config(root, captions=kind), tmp_path / "run", device=torch.device("cpu"))
    after = model.network.state_dict()
    for name in ("image_tower.last_linear", "caption_tower.last_linear"):
        name = name.replace("image_tower.", "image_tower.backbone.")
        name = name if kind == "lstm" else name.replace("caption_tower.", "caption_tower.backbone.")
        assert not torch.equal(before[f"{name}.weight"], after[f"{name}.weight"]), name
    loaded = Model.load(tmp_path / "run", torch.device("cpu"))
    captions = ["a red bar", "one blue cross", ""]
    assert np.array_equal(loaded.embed_captions(captions), model.embed_captions(captions))


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ({"network": {"captions": "lstm"}, "augmentation": {"kind": "config-2"}}, "cropped captions"),
        ({"network": {"captions": "inception"}, "batch": {"order": "mixed"}}, "may lack images"),
    ],
)
def test_what_two_networks_cannot_do_is_refused(sections, what):
    with pytest.raises(InputError, match=what):
        RunConfig.from_dict(sections)
