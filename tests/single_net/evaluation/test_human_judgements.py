"""Agreement with human judgements, and Recall@K with what people accept, by hand."""

from __future__ import annotations

import os

import numpy as np
import pytest

from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset
from single_net.evaluation.human_judgements import agreement
from single_net.evaluation.judgement_files import Judgements, read_judgements

DATA = CaptionDataset("made-up", "test", ["a.jpg", "b.jpg", "c.jpg"], [None] * 3, [["1", "2"], ["3", "4"], ["5", "6"]])


def unit(degrees: list[float]) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_agreement_by_hand():
    """Image a at 0 degrees: captions of others at 10, 20, 30, 40; people like the near ones."""
    images, captions = unit([0, 90, 180]), unit([5, 5, 10, 20, 30, 40])
    experts = {
        ("a.jpg", "b.jpg", 0): (4, 4, 4),
        ("a.jpg", "b.jpg", 1): (3, 3, 3),
        ("a.jpg", "c.jpg", 0): (2, 2, 2),
        ("a.jpg", "c.jpg", 1): (1, 1, 1),
        ("a.jpg", "a.jpg", 0): (1, 1, 1),  # its own caption: left out
        ("a.jpg", "unknown.jpg", 0): (1, 1, 1),
    }
    crowd = {("a.jpg", "b.jpg", 0): (0, 3), ("a.jpg", "c.jpg", 1): (3, 0)}
    result = agreement(images, captions, DATA, Judgements(experts, crowd))
    assert result["experts"]["pairs"] == 4 and result["experts"]["fitting"] == 2
    assert result["experts"]["kendall_tau_c"] == pytest.approx(100)
    assert result["experts"]["auc"] == 100
    assert result["crowd"] == {"pairs": 2, "fitting": 1, "kendall_tau_c": pytest.approx(-100), "auc": 0}


def test_experts_decide_by_their_median_and_ties_are_taken_as_in_tau_c():
    from scipy.stats import kendalltau

    images, captions = unit([0, 90, 180]), unit([5, 5, 10, 20, 30, 40])
    experts = {
        ("a.jpg", "b.jpg", 0): (1, 3, 4),  # fits by its median alone
        ("a.jpg", "b.jpg", 1): (3, 3, 4),
        ("a.jpg", "c.jpg", 0): (3, 3, 3),
        ("a.jpg", "c.jpg", 1): (1, 1, 4),
    }
    found = agreement(images, captions, DATA, Judgements(experts, {}))["experts"]
    near, ratings = np.repeat([4, 3, 2, 1], 3), np.ravel(list(experts.values()))  # every rating counts
    by_c, by_b = (100 * kendalltau(near, ratings, variant=variant).statistic for variant in "cb")
    assert found["kendall_tau_c"] == pytest.approx(by_c) != pytest.approx(by_b)
    assert found["fitting"] == 3


def test_recall_counts_what_people_accept_and_ties_against_us():
    images, captions = unit([0, 90, 180]), unit([50, 60, 1, 91, 2, 179])
    nobody = Judgements({}, {("a.jpg", "b.jpg", 1): (0, 3)})
    alone = agreement(images, captions, DATA, nobody)["accepted"]
    assert alone["pairs"] == 0
    assert alone["recall"]["image_to_sentence"]["1"] == pytest.approx(100 * 2 / 3)  # a finds captions of b and c first
    liked = Judgements({("a.jpg", "b.jpg", 0): (3, 3, 3)}, {})
    accepted = agreement(images, captions, DATA, liked)["accepted"]
    assert accepted["pairs"] == 1
    assert accepted["recall"]["image_to_sentence"]["1"] == 100
    # Captions 50, 60 find b before a; 1 finds a (accepted), 91 its own, 2 finds a, 179 its own.
    assert alone["recall"]["sentence_to_image"]["1"] == pytest.approx(100 * 2 / 6)
    assert accepted["recall"]["sentence_to_image"]["1"] == pytest.approx(100 * 3 / 6)
    same = np.ones((3, 2), np.float32), np.ones((6, 2), np.float32)
    assert agreement(*same, DATA, liked)["accepted"]["recall"]["image_to_sentence"]["1"] == 0


def test_nothing_judged_is_none_and_one_opinion_gives_no_order():
    images, captions = unit([0, 90, 180]), unit([5, 5, 10, 20, 30, 40])
    assert agreement(images, captions, DATA, Judgements({("x.jpg", "y.jpg", 0): (4, 4, 4)}, {})) is None
    same = Judgements({("a.jpg", "b.jpg", 0): (3, 3, 3), ("a.jpg", "c.jpg", 0): (3, 3, 3)}, {})
    experts = agreement(images, captions, DATA, same)["experts"]
    assert experts["auc"] is None and experts["kendall_tau_c"] is None


@pytest.mark.skipif("FLICKR8K_ROOT" not in os.environ, reason="FLICKR8K_ROOT is not set")
def test_the_real_files():
    data = load_dataset("flickr8k", split="test").first(1000, 5)
    if data.judgements_folder is None:
        pytest.skip("no judgements beside this Flickr8k, or Karpathy's file")
    judged = read_judgements(data.judgements_folder)
    assert len(judged.experts) == 5822 and len(judged.crowd) == 47830
    rng = np.random.default_rng(0)
    result = agreement(
        rng.normal(size=(1000, 8)).astype(np.float32), rng.normal(size=(5000, 8)).astype(np.float32), data, judged
    )
    assert result["experts"]["pairs"] == 5664  # as Hessel et al. 2021 count them: 158 are an image's own
    assert abs(result["experts"]["kendall_tau_c"]) < 5 and abs(result["experts"]["auc"] - 50) < 5
    assert abs(result["crowd"]["kendall_tau_c"]) < 5 and abs(result["crowd"]["auc"] - 50) < 5
