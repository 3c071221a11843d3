"""Four directions of a third modality against ranks counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_sound import SoundImageEncoder
from encoded_text import InputError
from single_net.data.third import ThirdItems
from single_net.evaluation.third import DIRECTIONS, evaluate_third

OWNER = np.repeat(np.arange(20), 5)


def items(present: np.ndarray) -> ThirdItems:
    return ThirdItems(np.zeros((len(present), 8, 8), np.uint8), present, SoundImageEncoder(96), {"name": "speech"})


def clouds(noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(20, 16))
    captions = images[OWNER] + 0.5 * rng.normal(size=(100, 16))
    third = captions + noise * rng.normal(size=(100, 16))
    return tuple(of.astype(np.float32) for of in (images, captions, third))  # type: ignore[return-value]


def ranks(queries: np.ndarray, gallery: np.ndarray, true: list[set[int]]) -> np.ndarray:
    """From 1: the rank of the nearest true item."""
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (queries, gallery)]
    order = np.argsort(-(unit[0] @ unit[1].T), axis=1)
    return np.array([1 + min(list(row).index(t) for t in of) for row, of in zip(order, true, strict=True)])


def test_the_recalls_are_those_counted_by_hand():
    images, captions, third = clouds(1.0)
    present = np.ones(100, bool)
    present[[0, 7, 8]] = present[45:50] = False  # single captions, and all of image 9
    found = evaluate_third(images, captions, third, items(present), OWNER)
    kept = np.flatnonzero(present)
    some = [i for i in range(20) if i != 9]
    own = [some.index(o) for o in OWNER[kept]]
    of_image = [{j for j, o in enumerate(own) if o == i} for i in range(19)]
    expected = {
        "third_to_image": ranks(third[kept], images[some], [{o} for o in own]),
        "image_to_third": ranks(images[some], third[kept], of_image),
        "third_to_sentence": ranks(third[kept], captions[kept], [{j} for j in range(len(kept))]),
        "sentence_to_third": ranks(captions[kept], third[kept], [{j} for j in range(len(kept))]),
    }
    assert set(expected) == set(DIRECTIONS)
    for direction, rank in expected.items():
        for k in (1, 5, 10):
            assert found[direction]["recall"][str(k)] == pytest.approx(100 * (rank <= k).mean()), (direction, k)
            low, high = found[direction]["interval_95"][str(k)]
            assert low <= found[direction]["recall"][str(k)] <= high
    assert found["third_to_sentence"]["chance"]["10"] == pytest.approx(100 * 10 / len(kept))
    assert found["third_to_image"]["gallery"] == 19 and found["sentence_to_third"]["queries"] == len(kept)
    assert found["about"] == {"name": "speech"}


def test_the_captions_of_an_image_are_drawn_together():
    """Where an image's captions succeed or fail together, an interval over single captions would be too narrow."""
    images, captions, _ = clouds(0.0)
    third = captions.copy()
    third[:50] = -third[:50]  # all captions of ten images fail
    found = evaluate_third(images, captions, third, items(np.ones(100, bool)), OWNER)["third_to_sentence"]
    assert found["recall"]["1"] == 50
    low, high = found["interval_95"]["1"]
    assert 35 < high - low < 50  # of 20 images: 4 * sqrt(.25 / 20) = 45; of 100 captions it would be 20


def test_collapsed_or_broken_embeddings_do_not_score():
    images, captions, third = clouds(1.0)
    same = np.ones_like(third)
    found = evaluate_third(np.ones_like(images), np.ones_like(captions), same, items(np.ones(100, bool)), OWNER)
    assert all(found[direction]["recall"]["10"] == 0 for direction in DIRECTIONS)
    third[3, 3] = np.nan
    with pytest.raises(InputError):
        evaluate_third(images, captions, third, items(np.ones(100, bool)), OWNER)
