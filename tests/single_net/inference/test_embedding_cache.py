"""Embeddings are computed once, and anew when model, images or captions change."""

from __future__ import annotations

import errno
import os
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.inference import embedding_cache
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model


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
    return Broken(**{field.name: getattr(model, field.name) for field in fields(model)})


def test_the_same_as_without_a_cache_and_not_computed_twice(model, data, cache):
    first = embed_dataset(model, data)
    _, images = prepare_images(data, model.image_size)
    assert np.array_equal(first.images, model.embed_images(images))
    assert np.array_equal(first.captions, model.embed_captions(data.flat_captions))
    again = embed_dataset(broken(model), data)
    assert np.array_equal(again.images, first.images) and np.array_equal(again.captions, first.captions)


@pytest.mark.parametrize("change", ["captions", "images", "weights", "weights in memory"])
@pytest.mark.slow
def test_computed_anew_when_something_else_went_into_it(model, data, cache, change, tmp_path):
    embed_dataset(model, data)
    if change == "captions":
        data = replace(data, captions=[["a red bar"], *data.captions[1:]])
    elif change == "images":
        data = replace(data, images=[np.zeros((80, 80, 3), np.uint8), *list(data.images)[1:]])
    else:
        next(model.network.parameters()).data += 1
        if change == "weights":
            model.save(tmp_path / "other.safetensors")
            model = Model.load(tmp_path / "other.safetensors")
    with pytest.raises(AssertionError, match="again"):
        embed_dataset(broken(model), data)


def test_a_full_disk_loses_no_embedding(model, data, cache, monkeypatch):
    expected = embed_dataset(model, data)
    for file in cache.glob("embedded-*.safetensors"):
        file.unlink()

    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(embedding_cache, "write_atomic", full)
    with pytest.warns(UserWarning, match="is not kept: .*No space left"):
        found = embed_dataset(model, data)
    assert np.array_equal(found.images, expected.images) and np.array_equal(found.captions, expected.captions)


def test_a_damaged_file_is_made_anew(model, data, cache):
    first = embed_dataset(model, data)
    [file] = cache.glob("embedded-*.safetensors")
    for damage in (100, 0):
        os.truncate(file, damage)
        assert np.array_equal(embed_dataset(model, data).captions, first.captions)
