"""Embeddings are computed once, and anew when model, pictures or captions change."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import CORNER, Model


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def model(untrained_run):
    return Model.load(untrained_run)


@pytest.fixture
def data(model):
    return load_dataset("table", model.config.data.root, "test").first(4)


class Broken(Model):
    """Must not be asked."""

    def _embed(self, *_, **__):
        raise AssertionError("embedded again")


def broken(model: Model) -> Model:
    return Broken(**vars(model))


def test_the_same_as_without_a_cache_and_not_computed_twice(model, data, cache):
    first = embed_dataset(model, data)
    _, pictures = prepare_images(data, model.image_size)
    assert np.array_equal(first.pictures, model.embed_pictures(pictures))
    assert np.array_equal(first.captions, model.embed_captions(data.flat_captions))
    again = embed_dataset(broken(model), data)
    assert np.array_equal(again.pictures, first.pictures) and np.array_equal(again.captions, first.captions)


@pytest.mark.parametrize("change", ["captions", "pictures", "weights"])
def test_computed_anew_when_something_else_went_into_it(model, data, cache, change, tmp_path):
    embed_dataset(model, data)
    if change == "captions":
        data = replace(data, captions=[["a red bar"], *data.captions[1:]])
    elif change == "pictures":
        data = replace(data, images=[np.zeros((80, 80, 3), np.uint8), *list(data.images)[1:]])
    else:
        next(model.network.parameters()).data += 1
        model.save(tmp_path / "other.safetensors")
        model = Model.load(tmp_path / "other.safetensors")
    with pytest.raises(AssertionError, match="again"):
        embed_dataset(broken(model), data)


def test_a_damaged_file_is_made_anew(model, data, cache):
    first = embed_dataset(model, data)
    [file] = cache.glob("embedded-*.safetensors")
    for damage in (100, 0):
        os.truncate(file, damage)
        assert np.array_equal(embed_dataset(model, data).captions, first.captions)


def test_mirrored_pictures_have_the_same_embedding_where_both_are_averaged(untrained_run):
    model = Model.load(untrained_run)
    network = replace(model.config.network, average_mirrored=True)
    averaging = replace(model, config=replace(model.config, network=network))
    pictures = np.random.default_rng(0).integers(0, 256, (3, 75, 75, 3), np.uint8)
    mirrored = np.ascontiguousarray(pictures[:, :, ::-1])
    one, other = model.embed_pictures(pictures), model.embed_pictures(mirrored)
    assert np.abs(one - other).max() > 1e-5
    mean = averaging.embed_pictures(pictures)
    np.testing.assert_allclose(averaging.embed_pictures(mirrored), mean, atol=1e-6)
    unit = [values / np.linalg.norm(values, axis=1, keepdims=True) for values in (one, other)]
    np.testing.assert_allclose(mean, (unit[0] + unit[1]) / 2, atol=1e-6)


def test_corner_crops_and_their_mirror_images_are_averaged_with_the_whole_picture(untrained_run):
    model = Model.load(untrained_run)
    network = replace(model.config.network, average_corners=True, average_mirrored=True)
    averaging = replace(model, config=replace(model.config, network=network))
    size = 75
    pictures = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)
    side = CORNER * size
    boxes = [(x, y, x + side, y + side) for x in (0, size - side) for y in (0, size - side)]
    seen = []
    for box in [(0, 0, size, size), *boxes]:
        crops = [Image.fromarray(p).resize((size, size), Image.Resampling.BILINEAR, box) for p in pictures]
        seen += [np.stack(crops), np.stack(crops)[:, :, ::-1]]
    drawn = [draw(torch.from_numpy(pictures)).permute(0, 2, 3, 1).numpy() for draw in averaging._views()]
    assert len(drawn) == len(seen) == 10
    for one, wanted in zip(drawn, seen, strict=True):
        assert np.abs(one.astype(int) - wanted).max() <= 2  # of 255: rounded in another way
    each = [model.embed_pictures(np.ascontiguousarray(one)) for one in drawn]
    wanted = np.mean([e / np.linalg.norm(e, axis=1, keepdims=True) for e in each], axis=0)
    np.testing.assert_allclose(averaging.embed_pictures(pictures), wanted, atol=1e-6)
    assert averaging.embed_pictures(pictures[:0]).shape == (0, model.config.network.embedding_dim)
