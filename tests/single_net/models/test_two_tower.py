"""Two networks instead of one: used alike, apart in every weight, and the LSTM reads exactly what was drawn."""

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
from single_net.models.build import build_network
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import CaptionLSTM
from single_net.training.loop import train

CAPTIONS = ["a dog runs", "two cats", "a dog and two cats run", "dog"]


@pytest.mark.parametrize("preset", [Layout.paper, Layout.figure])
@pytest.mark.parametrize("fill", ["blank", "repeat"])
def test_the_lstm_reads_the_words_off_the_picture(preset, fill):
    layout = dataclasses.replace(preset(), fill=fill)
    encoder = TextImageEncoder.fit(CAPTIONS, layout=layout, seed=0, min_count=1)
    ids = encoder.ids([*CAPTIONS, "unknown"])
    words, lengths = CaptionLSTM(layout).read(Renderer(encoder)(torch.from_numpy(ids)))
    assert lengths.tolist() == [3, 2, 6, 1, 1]
    for row in range(4):
        drawn = encoder.colours[ids[row, : lengths[row]] - 1]
        assert np.array_equal(words[row, : lengths[row]].numpy(), drawn)


def config(root: Path | str, **network) -> RunConfig:
    return RunConfig.from_dict(
        {
            "data": {"name": "table", "root": str(root)},
            "encoder": {"fill": "repeat"},
            "network": {"image_size": 75} | network,
            "augmentation": {"kind": "pair", "word_dropout": 0.2},
            "loss": {"contrastive_weight": 1.0, "contrastive_start": 0.0},
            "batch": {"size": 6, "counts": "groups"},
            "training": {"epochs": 1},
        }
    )


def test_the_second_network_has_weights_of_its_own():
    network = build_network(config("", caption_network="inception"), pretrained=False)
    single = sum(p.numel() for p in SingleNet().parameters())
    assert sum(p.numel() for p in network.parameters()) == 2 * single
    pictures = torch.randint(0, 256, (5, 3, 75, 75), dtype=torch.uint8)
    network.eval()
    with torch.no_grad():
        both = network(pictures, 2)
        assert torch.allclose(both[:2], network.of_photographs(pictures[:2]), atol=1e-5)
        assert torch.allclose(both[2:], network.of_captions(pictures[2:]), atol=1e-5)
        assert network(pictures, 0).shape == network(pictures, 5).shape == (5, 128)
    with pytest.raises(InputError, match="how many of the inputs"):
        network(pictures)


@pytest.mark.parametrize("kind", ["inception", "lstm"])
def test_it_trains_moves_both_networks_and_is_loaded_again(tmp_path, kind):
    root = write_shapes(tmp_path / "shapes", {"train": 12, "val": 4, "test": 4})
    torch.manual_seed(0)
    before = build_network(config(root, caption_network=kind), pretrained=False).state_dict()
    model = train(config(root, caption_network=kind), tmp_path / "run", device=torch.device("cpu"))
    after = model.network.state_dict()
    for name in ("of_photographs.last_linear", "of_captions.last_linear"):
        name = name.replace("photographs.", "photographs.backbone.")
        name = name if kind == "lstm" else name.replace("captions.", "captions.backbone.")
        assert not torch.equal(before[f"{name}.weight"], after[f"{name}.weight"]), name
    loaded = Model.load(tmp_path / "run", torch.device("cpu"))
    captions = ["a red bar", "one blue cross", ""]
    assert np.array_equal(loaded.embed_captions(captions), model.embed_captions(captions))


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ({"network": {"caption_network": "lstm"}, "augmentation": {"kind": "config-2"}}, "cropped captions"),
        ({"network": {"caption_network": "inception", "batchnorm": "per_modality"}}, "for the single network"),
        ({"network": {"caption_network": "inception"}, "batch": {"order": "mixed"}}, "may lack photographs"),
    ],
)
def test_what_two_networks_cannot_do_is_refused(sections, what):
    with pytest.raises(InputError, match=what):
        RunConfig.from_dict(sections)
