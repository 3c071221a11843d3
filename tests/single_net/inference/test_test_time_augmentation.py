"""Test-time augmentation: the embedding of an image is the mean over its views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from single_net.inference.model import Model
from single_net.inference.test_time_augmentation import image_views
from single_net.inference.views import CORNER


def test_mirrored_images_have_the_same_embedding_where_both_are_averaged(untrained_run):
    model = Model.load(untrained_run)
    network = model.config.network.model_copy(update={"test_time_augmentation": "mirror"})
    averaging = replace(model, config=model.config.model_copy(update={"network": network}))
    images = np.random.default_rng(0).integers(0, 256, (3, 75, 75, 3), np.uint8)
    mirrored = np.ascontiguousarray(images[:, :, ::-1])
    one, other = model.embed_images(images), model.embed_images(mirrored)
    assert np.abs(one - other).max() > 1e-5
    mean = averaging.embed_images(images)
    np.testing.assert_allclose(averaging.embed_images(mirrored), mean, atol=1e-6)
    unit = [values / np.linalg.norm(values, axis=1, keepdims=True) for values in (one, other)]
    np.testing.assert_allclose(mean, (unit[0] + unit[1]) / 2, atol=1e-6)


@pytest.mark.slow
def test_corner_crops_and_their_mirror_images_are_averaged_with_the_whole_image(untrained_run):
    model = Model.load(untrained_run)
    network = model.config.network.model_copy(update={"test_time_augmentation": "corners"})
    averaging = replace(model, config=model.config.model_copy(update={"network": network}))
    size = 75
    images = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)
    side = CORNER * size
    boxes = [(x, y, x + side, y + side) for x in (0, size - side) for y in (0, size - side)]
    seen = []
    for box in [(0, 0, size, size), *boxes]:
        crops = [Image.fromarray(p).resize((size, size), Image.Resampling.BILINEAR, box) for p in images]
        seen += [np.stack(crops), np.stack(crops)[:, :, ::-1]]
    drawn = [draw(torch.from_numpy(images)).permute(0, 2, 3, 1).numpy() for draw in image_views("corners")]
    assert len(drawn) == len(seen) == 10
    for one, wanted in zip(drawn, seen, strict=True):
        assert np.abs(one.astype(int) - wanted).max() <= 2  # of 255: rounded in another way
    each = [model.embed_images(np.ascontiguousarray(one)) for one in drawn]
    wanted = np.mean([e / np.linalg.norm(e, axis=1, keepdims=True) for e in each], axis=0)
    np.testing.assert_allclose(averaging.embed_images(images), wanted, atol=1e-6)
    assert averaging.embed_images(images[:0]).shape == (0, model.config.network.embedding_dim)
