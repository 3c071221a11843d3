"""ECCV Caption and CxC by their package."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np
import pytest

from single_net.evaluation.eccv_caption import eccv_measures

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("eccv_caption") is None, reason="eccv-caption is not installed (the extra coco)"
)


@pytest.fixture(scope="module")
def truth():
    """Images and captions of COCO's test split by number, and which caption belongs to which image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an optional faster reader of JSON is missing
        from eccv_caption import Metrics

    metrics = Metrics()
    owner = {caption: images[0] for caption, images in metrics.coco_gts["t2i"].items()}
    images = list(metrics.coco_gts["i2t"])
    place = {image: i for i, image in enumerate(images)}
    captions = sorted(owner, key=lambda caption: place[owner[caption]])
    return metrics, images, captions, np.array([place[owner[caption]] for caption in captions])


def embeddings(owner: np.ndarray, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(owner.max() + 1, 16))
    captions = images[owner] + noise * rng.normal(size=(len(owner), 16))
    return tuple((x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32) for x in (images, captions))


@pytest.mark.slow
def test_the_same_numbers_as_with_full_rankings(truth):
    metrics, images, captions, owner = truth
    of_images, of_captions = embeddings(owner, 0.7)
    result = eccv_measures(of_images, of_captions, images, captions)
    asked = {way: set(metrics.eccv_gts[way]) for way in ("i2t", "t2i")}  # not all: they would not fit into memory
    texts, pictures = np.array(captions), np.array(images)
    full = {
        "i2t": {p: texts[np.argsort(of_captions @ -of_images[i])] for i, p in enumerate(images) if p in asked["i2t"]},
        "t2i": {
            c: pictures[np.argsort(of_images @ -of_captions[i])] for i, c in enumerate(captions) if c in asked["t2i"]
        },
    }
    expected = metrics.eccv_metrics(full, "all")
    for name, by_way in expected.items():
        assert result["image_to_sentence"][name] == pytest.approx(100 * by_way["i2t"], abs=0.1), name
        assert result["sentence_to_image"][name] == pytest.approx(100 * by_way["t2i"], abs=0.1), name
    assert set(result["image_to_sentence"]) == {
        *("cxc_r1", "cxc_r5", "cxc_r10"),
        *("eccv_r1", "eccv_map_at_r", "eccv_rprecision"),
    }


@pytest.mark.slow
def test_perfect_retrieval_finds_every_own_pair(truth):
    """Where an image and its captions have one embedding, a caption that CxC leaves out of COCO's own counts first."""
    metrics, images, captions, owner = truth
    result = eccv_measures(*embeddings(owner, 0.0), images, captions)
    for direction, way in (("image_to_sentence", "i2t"), ("sentence_to_image", "t2i")):
        complete = [set(metrics.coco_gts[way][query]) <= set(found) for query, found in metrics.cxc_gts[way].items()]
        assert 0.99 < np.mean(complete) <= 1
        assert result[direction]["cxc_r1"] == pytest.approx(100 * np.mean(complete))


def test_other_images_than_karpathys_test_split_have_no_such_measures(truth):
    _, images, captions, owner = truth
    of_images, of_captions = embeddings(owner, 0.5)
    assert eccv_measures(of_images[1:], of_captions, images[1:], captions) is None
