"""The page "Add a modality" keeps its promises: what it writes down runs, and trains."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from test_readme import ROOT, blocks

from encoded_text import InputError
from single_net.config import RunConfig
from single_net.data import third
from single_net.data.load import load_dataset
from single_net.data.third import load_third
from single_net.evaluation.protocol import evaluate_split
from single_net.evaluation.third import DIRECTIONS
from single_net.inference.model import Model
from single_net.training.loop import train

PAGE = ROOT / "docs" / "add_a_modality.md"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page defines."""
    monkeypatch.setattr(third, "MODALITIES", dict(third.MODALITIES))
    found: dict[str, Any] = {"__name__": "add_a_modality"}
    for block in blocks(PAGE, "python"):
        exec(compile(block, str(PAGE), "exec", dont_inherit=True), found)
    return found


def test_the_encoder_of_the_page_draws(names) -> None:
    images = names["images"]
    assert images.shape == (3, 75, 75, 3) and images.dtype == np.uint8
    rising = images[0, :, :, 0]
    tops = [int(np.flatnonzero(rising[:, 6 * place + 2])[0]) for place in range(5)]
    assert tops == sorted(tops, reverse=True) and len(set(tops)) == 5


def test_the_items_of_the_page_belong_to_captions(names, shapes) -> None:
    data = load_dataset("table", shapes, "test")
    items = load_third("melody", data, 75)
    assert items.images.shape == (30, 75, 75, 3) and items.present.all()
    assert items.about["name"] == "melody" and items.about["encoder"] == {"image_size": 75}


VALUES = {
    "variant": "melodies",
    "network": {"image_size": 75},
    "augmentation": {"kind": "pair"},
    "batch": {"size": 4, "counts": "images"},
    "training": {"epochs": 0.4},
}


class FittedEncoder:
    """Draws a number as a bar that is as long as it is large among the numbers that it was fitted to."""

    def __init__(self, codebook: np.ndarray) -> None:
        self.codebook = codebook

    def transform(self, items):
        images = np.zeros((len(items), 75, 75, 3), np.uint8)
        for image, item in zip(images, items, strict=True):
            image[:, : 1 + 74 * int(np.searchsorted(self.codebook, item)) // len(self.codebook)] = 255
        return images

    def augment(self, image, rng):
        return image

    def state(self):
        return {"codebook": self.codebook}, {}


def test_settings_are_what_a_checkpoint_gives_back(shapes, monkeypatch) -> None:
    """A tuple is a list in a file, and a run would be resumed with other items for ever."""

    class Ranged(FittedEncoder):
        def state(self):
            return {}, {"range": (0, 5), 3: "three"}

    def ranged(data, size, state):
        numbers = np.arange(len(data.flat_captions))
        encoder = Ranged(numbers)
        return third.ThirdItems(encoder.transform(numbers), np.ones(len(numbers), bool), encoder, {"of": (1, 2)})

    monkeypatch.setattr(third, "MODALITIES", {"ranged": ranged})
    about = load_third("ranged", load_dataset("table", shapes, "test"), 75).about
    assert json.loads(json.dumps(about)) == about and about["encoder"] == {"range": [0, 5], "3": "three"}


@pytest.mark.slow
def test_what_an_encoder_was_fitted_to_travels_in_the_model_file(shapes, tmp_path, monkeypatch) -> None:
    used = []

    def lengths(data, size, state):
        numbers = np.array([len(caption) + 100 * i for i, caption in enumerate(data.flat_captions)])
        encoder = FittedEncoder(np.sort(numbers) if state is None else state[0]["codebook"])
        used.append(encoder.codebook)
        return third.ThirdItems(encoder.transform(numbers), np.ones(len(numbers), bool), encoder, {"kind": "lengths"})

    monkeypatch.setattr(third, "MODALITIES", {"lengths": lengths})
    config = RunConfig.from_dict(VALUES | {"data": {"name": "table", "root": str(shapes), "third": "lengths"}})
    train(config, tmp_path / "run", device=torch.device("cpu"))
    fitted = used[0]
    assert len(fitted) == 60 and all(np.array_equal(of, fitted) for of in used)  # the validation split's, too

    model = Model.load(tmp_path / "run", torch.device("cpu"))
    arrays, settings = model.third or ({}, None)
    assert settings == {} and np.array_equal(arrays["codebook"], fitted)
    scores = evaluate_split(model, load_dataset("table", shapes, "test"))
    assert np.array_equal(used[-1], fitted) and scores["third"]["about"]["encoder_sha256"]

    before = model.identity
    arrays["codebook"][0] += 1
    model.save(tmp_path / "other.safetensors")
    other = Model.load(tmp_path / "other.safetensors", torch.device("cpu"))
    assert other.identity != before and other.third is not None
    refitted = load_third("lengths", load_dataset("table", shapes, "test"), 75, other.third)
    assert refitted.about["encoder_sha256"] != scores["third"]["about"]["encoder_sha256"]  # so resuming is refused


@pytest.mark.slow
def test_a_network_trains_on_it_and_is_evaluated_in_six_directions(names, shapes, tmp_path) -> None:
    values = VALUES | {"data": {"name": "table", "root": str(shapes), "third": "melody"}}
    train(RunConfig.from_dict(values), tmp_path / "run", device=torch.device("cpu"))
    model = Model.load(tmp_path / "run", torch.device("cpu"))
    assert model.meta["training"]["samples"] == 12
    scores = evaluate_split(model, load_dataset("table", shapes, "test"))
    assert set(DIRECTIONS) < set(scores["third"]) and scores["third"]["about"]["kind"] == "melodies of words"
    embedded = model.embed_third(names["MelodyEncoder"](model.image_size).transform(names["melodies"]))
    assert embedded.shape == (3, 128) and np.isfinite(embedded).all()
    with pytest.raises(InputError, match="encoder of sounds"):
        model.encode_sound([np.ones(16_000, np.float32)])
