"""Recall, ranks, mAP and folds: by hand, against a naive loop, at the edges."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from encoded_text.common.errors import InputError
from single_net.retrieval.ranks import rank
from single_net.retrieval.recall import evaluate_retrieval, five_fold, recall_at_k, summarize

I2T, T2I = "image_to_sentence", "sentence_to_image"


def on_circle(*degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


# Three images and six captions on a circle, distances as angles:
#   captions       0: 10 (image 0)  1: 80 (0)  2: 85 (1)  3: 170 (2)  4: 200 (2)  5: 5 (2)
#   image 0 at   0: order 5, 0, 1, 2, 3, 4          -> true at places 2, 3
#   image 1 at  90: order 2, 1, 0, 3, 5, 4          -> true at place 1   (80 away: 0 and 3, tied; 85: 5)
#   image 2 at 180: order 3, 4, 2, 1, 0, 5          -> true at places 1, 2, 6
#   caption 0: images 0, 1, 2 -> place 1    caption 1: 1, 0, 2 -> place 2    caption 2: 1, ... -> place 1
#   caption 3: 2, ...           -> place 1    caption 4: 2, ...  -> place 1    caption 5: 0, 1, 2 -> place 3
IMAGES = on_circle(0, 90, 180)
CAPTIONS = on_circle(10, 80, 85, 170, 200, 5)
OWNER = np.array([0, 0, 1, 2, 2, 2])


def test_every_number_by_hand():
    # Lengths differ, so the main numbers come from the directions alone.
    result = evaluate_retrieval(IMAGES * [[1], [2], [3]], CAPTIONS * 0.5, OWNER)
    i2t, t2i = result[I2T], result[T2I]
    assert i2t["recall"] == pytest.approx({"1": 200 / 3, "5": 100, "10": 100})
    assert t2i["recall"] == pytest.approx({"1": 400 / 6, "5": 100, "10": 100})
    assert (i2t["median_rank"], t2i["median_rank"]) == (1, 1)
    assert i2t["mean_rank"] == pytest.approx((2 + 1 + 1) / 3)
    assert t2i["mean_rank"] == pytest.approx((1 + 2 + 1 + 1 + 1 + 3) / 6)
    precision = [(1 / 2 + 2 / 3) / 2, 1, (1 / 1 + 2 / 2 + 3 / 6) / 3]
    assert i2t["mAP"] == pytest.approx(100 * sum(precision) / 3)
    assert t2i["mAP"] == pytest.approx(100 * (1 + 1 / 2 + 1 + 1 + 1 + 1 / 3) / 6)
    assert (i2t["queries"], i2t["gallery"], t2i["queries"], t2i["gallery"]) == (3, 6, 6, 3)
    # Random ranking at K = 1: 2, 1 and 3 of 6 captions are true.
    assert i2t["chance"] == pytest.approx({"1": 100 * (2 + 1 + 3) / 18, "5": 100 * (1 + 5 / 6 + 1) / 3, "10": 100})
    assert t2i["chance"] == pytest.approx({"1": 100 / 3, "5": 100, "10": 100})
    assert result["rsum"] == pytest.approx(2 * 200 / 3 + 400)


def test_raw_euclidean_by_hand():
    """Lengths count there: the second caption is nearer to both images until it is normalized."""
    images, captions = np.array([[4.0, 0.0], [0.0, 1.0]]), np.array([[40.0, 0.0], [0.0, 2.0]])
    result = evaluate_retrieval(images, captions, [0, 1])
    assert result[I2T]["recall"]["1"] == result[T2I]["recall"]["1"] == 100
    raw = result["extra"]["raw_euclidean"]
    assert (raw[I2T]["1"], raw[T2I]["1"], raw[I2T]["5"]) == (50, 100, 100)


def test_one_caption_by_hand():
    """First captions 0, 2, 3: every image and caption finds its own; with a bad first caption it does not."""
    longer = CAPTIONS * [[1], [1], [9], [1], [1], [1]]  # lengths do not count
    first = evaluate_retrieval(IMAGES, longer, OWNER)["extra"]["one_caption"]
    assert (first[I2T]["1"], first[T2I]["1"]) == (100, 100)
    order = [0, 1, 2, 5, 4, 3]  # image 2 now begins with the caption at 5 degrees
    swapped = evaluate_retrieval(IMAGES, CAPTIONS[order], OWNER[order])["extra"]["one_caption"]
    # Image 0 finds 5 before 10 degrees, 1 finds its own, 2 finds 85, 10, 5; captions 10 and 85 find theirs, 5 not.
    assert swapped[I2T] == pytest.approx({"1": 100 / 3, "5": 100, "10": 100})
    assert swapped[T2I] == pytest.approx({"1": 200 / 3, "5": 100, "10": 100})


def test_modality_gap_by_hand():
    result = evaluate_retrieval([[2.0, 0.0], [0.0, 3.0]], [[-1.0, 0.0], [0.0, -5.0]], [0, 1])
    assert result["extra"]["modality_gap"] == pytest.approx(2**0.5)  # between (.5, .5) and (-.5, -.5)


def naive(images: np.ndarray, captions: np.ndarray, image_of_caption: list[int]) -> dict:
    """Ranks and average precision from plain loops over exact distances of integer points."""
    squared = [[sum((int(a) - int(b)) ** 2 for a, b in zip(p, c, strict=True)) for c in captions] for p in images]
    i2t, i2t_precision, t2i = [], [], []
    for i in range(len(images)):
        # Pessimistic: at equal distance the wrong caption comes first.
        ranking = sorted(range(len(captions)), key=lambda t, i=i: (squared[i][t], image_of_caption[t] == i))
        places = [place for place, t in enumerate(ranking, 1) if image_of_caption[t] == i]
        i2t.append(places[0])
        i2t_precision.append(sum(j / place for j, place in enumerate(places, 1)) / len(places))
    for t in range(len(captions)):
        ranking = sorted(range(len(images)), key=lambda i, t=t: (squared[i][t], image_of_caption[t] == i))
        t2i.append(1 + ranking.index(image_of_caption[t]))
    return {I2T: (i2t, i2t_precision), T2I: (t2i, [1 / place for place in t2i])}


@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_the_naive_loop(seed):
    """1 to 7 captions an image in any order, many ties: integer points, where float32 distances are exact."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 40))
    image_of_caption = rng.permutation(np.repeat(np.arange(count), rng.integers(1, 8, size=count)))
    images = rng.integers(-2, 3, size=(count, 3))
    captions = np.where(
        rng.random((len(image_of_caption), 1)) < 0.4,
        images[image_of_caption],
        rng.integers(-2, 3, size=(len(image_of_caption), 3)),
    )
    expected = naive(images, captions, image_of_caption.tolist())
    tensors = torch.tensor(images, dtype=torch.float32), torch.tensor(captions, dtype=torch.float32)
    ranks = rank(*tensors, image_of_caption)
    np.testing.assert_array_equal(ranks.of_images, expected[I2T][0])
    np.testing.assert_array_equal(ranks.of_captions, expected[T2I][0])
    summary = summarize(ranks, 0, 10)
    for direction, (places, precision) in expected.items():
        got = summary[direction]
        assert got["mAP"] == pytest.approx(100 * sum(precision) / len(precision))
        assert got["mean_rank"] == pytest.approx(sum(places) / len(places))
        assert got["median_rank"] == np.median(places)
        for k in (1, 5, 10):
            assert got["recall"][str(k)] == pytest.approx(100 * sum(place <= k for place in places) / len(places))


@pytest.mark.parametrize("seed", range(4))
def test_normalized_numbers_agree_with_the_naive_loop(seed):
    """Points whose normalized coordinates are exact (one coordinate, or all four equal), of any length."""
    rng = np.random.default_rng(seed)
    directions = np.concatenate([2 * np.eye(4), -2 * np.eye(4), np.ones((1, 4)), -np.ones((1, 4))]).astype(int)
    image_of_caption = np.repeat(np.arange(12), rng.integers(1, 8, size=12))
    images, captions = (directions[rng.integers(len(directions), size=n)] for n in (12, len(image_of_caption)))
    expected = naive(images, captions, image_of_caption.tolist())
    lengths = 2.0 ** rng.integers(-3, 4, size=(len(image_of_caption), 1))
    got = recall_at_k(images * 3.0, captions * lengths, image_of_caption, ks=(1, 2, 3))
    for direction, (places, _) in expected.items():
        assert got[direction] == pytest.approx({k: 100 * np.mean(np.array(places) <= k) for k in (1, 2, 3)})


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_collapsed_embeddings_score_nothing(value):
    image_of_caption = np.repeat(np.arange(20), 5)
    result = evaluate_retrieval(np.full((20, 8), value), np.full((100, 8), value), image_of_caption)
    for direction, wrong in ((I2T, 95), (T2I, 19)):
        assert result[direction]["recall"] == {"1": 0, "5": 0, "10": 0}
        assert result[direction]["mean_rank"] == result[direction]["median_rank"] == wrong + 1
    assert result["extra"]["raw_euclidean"][T2I] == {"1": 0, "5": 0, "10": 0}
    assert result["rsum"] == 0


def test_raw_distances_beyond_float32_count_as_ties():
    """Finite embeddings whose distances overflow must not look perfect."""
    far = np.array([[3e38], [-3e38]])
    raw = evaluate_retrieval(far, -far, [0, 1])["extra"]["raw_euclidean"]
    assert (raw[I2T]["1"], raw[T2I]["1"]) == (0, 0)
    ranks = rank(torch.tensor(far).float(), torch.tensor(-far).float(), np.arange(2))
    assert ranks.of_images.tolist() == ranks.of_captions.tolist() == [2, 2]


def test_perfect_embeddings_score_everything():
    images = np.random.default_rng(2).standard_normal((50, 16))
    result = evaluate_retrieval(images, np.repeat(images, 3, axis=0), np.repeat(np.arange(50), 3))
    assert result["rsum"] == 600
    for direction in (I2T, T2I):
        assert result[direction]["mAP"] == 100
        assert result[direction]["interval_95"]["1"] == [100, 100]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("which", [0, 1])
def test_values_that_are_not_finite_are_refused(bad, which):
    embeddings = [np.ones((4, 3)), np.ones((8, 3))]
    embeddings[which][1, 2] = bad
    for measure in (recall_at_k, evaluate_retrieval):
        with pytest.raises(InputError, match=r"not finite.*row 1,"):
            measure(*embeddings, np.repeat(np.arange(4), 2))


@pytest.mark.parametrize(
    ("image_of_caption", "message"),
    [
        ([0, 0, 2], "1 images have no caption .*number 1"),
        ([0, 1], "one whole number for each of the 3 captions"),
        ([0.0, 1.0, 2.0], "whole number"),
        ([[0], [0, 1]], "image_of_caption are a list of rows of different lengths"),
        ([0, 1, 3], r"must lie in 0\.\.2"),
        ([-1, 1, 2], r"must lie in 0\.\.2"),
    ],
)
def test_captions_that_do_not_fit_are_refused(image_of_caption, message):
    with pytest.raises(InputError, match=message):
        recall_at_k(np.eye(3), np.eye(3), image_of_caption)


def test_dimensions_that_differ_are_refused():
    with pytest.raises(InputError, match="3 dimensions and captions 2"):
        recall_at_k(np.eye(3), np.ones((3, 2)), [0, 1, 2])


def test_arrays_tensors_and_lists_give_the_same():
    rng = np.random.default_rng(5)
    image_of_caption = np.repeat(np.arange(9), 2)
    images, captions = rng.standard_normal((9, 8)).astype("f4"), rng.standard_normal((18, 8)).astype("f4")
    arrays = evaluate_retrieval(images, captions, image_of_caption)
    tensors = evaluate_retrieval(torch.tensor(images), torch.tensor(captions), torch.tensor(image_of_caption))
    assert arrays == tensors == evaluate_retrieval(images.tolist(), captions.tolist(), image_of_caption.tolist())
    assert arrays == json.loads(json.dumps(arrays, allow_nan=False))


def test_folds_are_consecutive_thousands():
    """Image i is found by its caption except in fold 2, where neighbors have swapped captions."""
    angle = np.linspace(0, np.pi, 5001)
    images = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    captions = images[:5000].copy()
    captions[2000:3000] = captions[2000:3000].reshape(500, 2, 2)[:, ::-1].reshape(1000, 2)
    folds = five_fold(
        torch.tensor(images, dtype=torch.float32), torch.tensor(captions, dtype=torch.float32), np.arange(5000)
    )
    for direction in (I2T, T2I):
        assert folds["mean"][direction] == {"1": 80, "5": 100, "10": 100}
        assert folds["standard_deviation"][direction]["1"] == pytest.approx(np.std([100, 100, 0, 100, 100], ddof=1))
    small = evaluate_retrieval(IMAGES, CAPTIONS, OWNER)
    assert small["extra"]["five_fold"] is None


@pytest.mark.parametrize(
    "make",
    [
        lambda image_of_caption: image_of_caption[::-1][::-1],
        lambda image_of_caption: image_of_caption.astype(">i8"),
        list,
        torch.tensor,
    ],
)
def test_owners_in_any_layout(make):
    embeddings = np.eye(3, dtype=np.float32)
    found = recall_at_k(embeddings, embeddings, make(np.arange(3)))
    assert found["image_to_sentence"][1] == 100


@pytest.mark.parametrize("name", ["seed", "bootstrap"])
@pytest.mark.parametrize("value", [2.5, -1, "3"])
def test_other_seeds_and_numbers_of_bootstrap_samples_are_refused(name, value):
    with pytest.raises(InputError, match=f"{name} is .*: give a whole number"):
        evaluate_retrieval(np.eye(3), np.eye(3), [0, 1, 2], **{name: value})


@pytest.mark.parametrize("ks", [(0,), (1.5,), (1, -2)])
def test_other_values_of_k_are_refused(ks):
    with pytest.raises(InputError, match="whole numbers"):
        recall_at_k(np.eye(2), np.eye(2), [0, 1], ks)


def test_folds_are_of_normalized_embeddings():
    rng = np.random.default_rng(0)
    images = rng.standard_normal((5000, 8))
    found = evaluate_retrieval(images, images * rng.uniform(1, 20, (5000, 1)), np.arange(5000), bootstrap=1)
    assert found["extra"]["five_fold"]["mean"] == {
        d: {"1": 100, "5": 100, "10": 100} for d in ("image_to_sentence", "sentence_to_image")
    }
