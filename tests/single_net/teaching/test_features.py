"""What teachers say is computed once, and an interrupted pass goes on where it stopped."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fake_teachers import CoarsePixels, Words

from single_net.data.augmentation import Views, view
from single_net.teaching import features
from single_net.teaching.features import caption_features, draw_views, image_features

CPU = torch.device("cpu")


def test_the_first_view_is_the_whole_image_and_more_views_leave_the_others_as_they_were():
    boxes, mirrored = draw_views(50, 4, seed=0)
    assert boxes.dtype == np.float16 and (boxes[:, 0] == np.array([1, 1, 0.5, 0.5])).all() and not mirrored[:, 0].any()
    more, mirrored_more = draw_views(50, 6, seed=0)
    assert np.array_equal(more[:, :4], boxes) and np.array_equal(mirrored_more[:, :4], mirrored)
    area = boxes[:, 1:, 0].astype(float) * boxes[:, 1:, 1]
    assert area.min() > features.MIN_CROP - 0.01 and area.max() > 0.9
    assert 0.3 < mirrored[:, 1:].mean() < 0.7
    assert not np.array_equal(draw_views(50, 4, seed=1)[0], boxes)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (12, 75, 75, 3), dtype=np.uint8)


def test_a_view_is_the_crop_of_the_mirrored_image(pixels, tmp_path):
    boxes, mirrored = draw_views(12, 2, seed=0)
    teacher = CoarsePixels()
    found = image_features(teacher, pixels, boxes[:, 1], mirrored[:, 1], tmp_path, CPU, "images")
    assert found.dtype == np.float16 and found.shape == (12, 108)
    for i in range(12):
        image = torch.from_numpy(pixels[i]).permute(2, 0, 1)[None]
        image = image.flip(3) if mirrored[i, 1] else image
        crop = view(image, Views(torch.from_numpy(boxes[i : i + 1, 1].astype(np.float32)), None))
        np.testing.assert_allclose(found[i], CoarsePixels()(crop)[0], atol=1e-3)


def test_what_is_in_the_cache_is_not_computed_again(pixels, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "BLOCK", 5)
    monkeypatch.setattr(features, "BATCH", {"cpu": 4})
    boxes, mirrored = draw_views(12, 1, seed=0)

    class Interrupted(CoarsePixels):
        def __call__(self, images):
            if self.seen >= 8:
                raise KeyboardInterrupt
            return super().__call__(images)

    with pytest.raises(KeyboardInterrupt):
        image_features(Interrupted(), pixels, boxes[:, 0], mirrored[:, 0], tmp_path, CPU, "images")
    assert [path.name for path in sorted(tmp_path.glob("*.npy"))] == ["0000000.npy"]
    teacher, fresh = CoarsePixels(), CoarsePixels()
    found = image_features(teacher, pixels, boxes[:, 0], mirrored[:, 0], tmp_path, CPU, "images")
    assert teacher.seen == 7
    expected = image_features(fresh, pixels, boxes[:, 0], mirrored[:, 0], tmp_path / "other", CPU, "images")
    assert np.array_equal(found, expected)
    (tmp_path / "0000005.npy").write_bytes(b"damaged")
    image_features(again := CoarsePixels(), pixels, boxes[:, 0], mirrored[:, 0], tmp_path, CPU, "images")
    assert again.seen == 5


def test_captions_come_back_in_their_order(tmp_path):
    captions = ["a dog runs over the grass", "a cat", "two men on a boat"] * 20
    found = caption_features(Words(), captions, tmp_path, CPU)
    assert np.array_equal(found, Words()(captions).numpy().astype(np.float16))
    caption_features(again := Words(), captions, tmp_path, CPU)
    assert again.read == 0
