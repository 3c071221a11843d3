"""ECCV Caption and CxC by their package."""

from __future__ import annotations

import importlib.machinery
import sys
import types
import warnings

import numpy as np
import pytest

from encoded_text.tokenizer import tokenize
from single_net.data.dataset import CaptionDataset
from single_net.evaluation.diagnostics import diagnostics
from single_net.evaluation.eccv_caption import MEASURES, eccv_measures
from single_net.retrieval.recall import KS


@pytest.fixture(scope="module")
def truth():
    """Images and captions of COCO's test split by number, and which caption belongs to which image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an optional faster reader of JSON is missing
        pytest.importorskip("eccv_caption", reason="eccv-caption is not installed (the extra coco)")
        from eccv_caption import Metrics

    metrics = Metrics()
    image_of_caption = {caption: images[0] for caption, images in metrics.coco_gts["t2i"].items()}
    images = list(metrics.coco_gts["i2t"])
    place = {image: i for i, image in enumerate(images)}
    captions = sorted(image_of_caption, key=lambda caption: place[image_of_caption[caption]])
    return metrics, images, captions, np.array([place[image_of_caption[caption]] for caption in captions])


def embeddings(image_of_caption: np.ndarray, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(image_of_caption.max() + 1, 16))
    captions = images[image_of_caption] + noise * rng.normal(size=(len(image_of_caption), 16))
    return tuple((x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32) for x in (images, captions))


@pytest.mark.slow
def test_the_same_numbers_as_with_full_rankings(truth):
    metrics, images, captions, image_of_caption = truth
    of_images, of_captions = embeddings(image_of_caption, 0.7)
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
    metrics, images, captions, image_of_caption = truth
    result = eccv_measures(*embeddings(image_of_caption, 0.0), images, captions)
    for direction, way in (("image_to_sentence", "i2t"), ("sentence_to_image", "t2i")):
        complete = [set(metrics.coco_gts[way][query]) <= set(found) for query, found in metrics.cxc_gts[way].items()]
        assert 0.99 < np.mean(complete) <= 1
        assert result[direction]["cxc_r1"] == pytest.approx(100 * np.mean(complete))


def test_other_images_than_karpathys_test_split_have_no_such_measures(truth):
    _, images, captions, image_of_caption = truth
    of_images, of_captions = embeddings(image_of_caption, 0.5)
    assert eccv_measures(of_images[1:], of_captions, images[1:], captions) is None


# Six images with two captions each, by their numbers. The first is judged to match a caption of the last as well.
IMAGES = {number: [10 * number, 10 * number + 1] for number in (7, 3, 9, 4, 8, 5)}
CAPTIONS = {caption: [image] for image, captions in IMAGES.items() for caption in captions}
CXC = {"i2t": IMAGES | {7: [70, 71, 50]}, "t2i": CAPTIONS | {50: [5, 7]}}
ECCV = {"i2t": {9: [40, 80], 5: [30]}, "t2i": {40: [9], 71: [7, 8, 4], 31: [5]}}


class Metrics:
    """In place of the package's: finds where in a ranking the first true item is."""

    def __init__(self):
        self.coco_gts, self.cxc_gts, self.eccv_gts = {"i2t": IMAGES, "t2i": CAPTIONS}, CXC, ECCV

    def compute_all_metrics(self, i2t, t2i, target_metrics, Ks):
        assert tuple(Ks) == KS
        truth = self.cxc_gts if target_metrics == ("cxc_recalls",) else self.eccv_gts
        scores = {way: first_true(ranked, truth[way]) for way, ranked in (("i2t", i2t), ("t2i", t2i))}
        return dict.fromkeys(target_metrics, scores)


def first_true(ranked, true):
    return np.mean([[item in true[query] for item in ranked[query]].index(True) for query in true])


def test_the_evaluation_ranks_the_whole_split_by_normalized_embeddings(monkeypatch):
    package = types.ModuleType("eccv_caption")
    package.__spec__, package.Metrics = importlib.machinery.ModuleSpec("eccv_caption", None), Metrics
    monkeypatch.setitem(sys.modules, "eccv_caption", package)
    data = CaptionDataset(
        *("coco", "test", [str(number) for number in IMAGES], [np.zeros((8, 8, 3), np.uint8)] * 6),
        captions=[["a red dog", "a blue boat"]] * 6,
        numbers=list(IMAGES.items()),
    )
    rng = np.random.default_rng(0)
    images, captions = (rng.normal(size=(count, 4)).astype(np.float32) for count in (6, 12))
    found = diagnostics(images, captions, data, data.first(3), tokenize)["eccv"]
    unit = images / np.linalg.norm(images, axis=1)[:, None], captions / np.linalg.norm(captions, axis=1)[:, None]
    nearness = unit[0] @ unit[1].T
    to_captions = dict(zip(IMAGES, np.array([*CAPTIONS])[np.argsort(-nearness)].tolist(), strict=True))
    to_images = dict(zip(CAPTIONS, np.array([*IMAGES])[np.argsort(-nearness.T)].tolist(), strict=True))
    for direction, way, ranked in (("image_to_sentence", "i2t", to_captions), ("sentence_to_image", "t2i", to_images)):
        cxc, eccv = (100 * first_true(ranked, truth[way]) for truth in (CXC, ECCV))
        assert found[direction] == pytest.approx(dict(zip(MEASURES, (cxc, eccv, eccv, eccv), strict=True)))
