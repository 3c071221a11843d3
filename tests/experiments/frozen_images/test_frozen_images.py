"""The baselines on frozen image features: scores, ranks, training and the page."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from commands import outcome
from fake_teachers import CoarsePixels
from shapes import write_shapes

from encoded_text import InputError
from experiments.frozen_images import __main__
from experiments.frozen_images.networks import HIDDEN, LENGTH, FrozenJointSpace, PairClassifier, Words
from experiments.frozen_images.page import page
from experiments.frozen_images.training import Split, fit, rank_scores, score
from single_net.losses.retrieval import RetrievalLoss


def split(images: int, seed: int) -> Split:
    """Images whose features say which word their two captions hold."""
    rng = np.random.default_rng(seed)
    word = rng.permutation(images) % 6
    features = torch.eye(6)[word] + 0.05 * torch.from_numpy(rng.normal(size=(images, 6))).float()
    ids = torch.zeros(2 * images, LENGTH, dtype=torch.int64)
    ids[:, 0] = torch.from_numpy(np.repeat(word, 2) + 1)
    ids[:, 1] = torch.from_numpy(rng.integers(7, 20, 2 * images))
    return Split(features, ids, np.repeat(np.arange(images), 2))


def network(kind: str) -> PairClassifier | FrozenJointSpace:
    torch.manual_seed(0)
    if kind == "classifier":
        return PairClassifier(6)
    objective = RetrievalLoss(torch.arange(48)[:, None] % 6, 16, contrastive_weight=1.0)
    return FrozenJointSpace(6, objective, 16, contrastive_start=0.3, contrastive_ramp=0.2)


def test_words_are_numbered_by_frequency_and_unknown_ones_left_out():
    words = Words(["a dog", "a cat and a dog"])
    assert words.ids(["A dog!", "the cat", ""])[:, :3].tolist() == [[1, 2, 0], [3, 0, 0], [0, 0, 0]]
    assert words.ids(["dog " * 50]).shape == (1, LENGTH)


def test_ranks_of_scores_are_counted_against_the_system():
    image_of_caption = np.array([0, 0, 1])
    ranks = rank_scores(np.array([[3.0, 1.0, 3.0], [3.0, 0.0, 2.0]]), image_of_caption)
    assert ranks.captions_ahead.tolist() == [1, 1, 1]  # a wrong caption at the same score is ahead
    assert ranks.images_ahead.tolist() == [1, 0, 1]
    assert ranks.captions_tied.tolist() == [1, 0, 0] and ranks.images_tied.tolist() == [1, 0, 0]
    with pytest.raises(InputError, match="diverged"):
        rank_scores(np.array([[np.nan]]), np.array([0]))


def test_the_classifiers_scores_are_the_odds_of_its_classes():
    classifier, given = PairClassifier(6).eval(), split(5, 0)
    with torch.no_grad():
        scores = classifier.scores(given.features, given.ids)
        hidden = torch.cat(
            [
                classifier.of_image(given.features).repeat_interleave(10, 0),
                classifier.of_caption(classifier.captions(given.ids)).repeat(5, 1),
            ],
            dim=1,
        )
        logits = classifier.classes(torch.relu(hidden[:, :HIDDEN] + hidden[:, HIDDEN:]))
    torch.testing.assert_close(scores.flatten(), logits[:, 1] - logits[:, 0])


def rsum(recall: dict[str, dict[int, float]]) -> float:
    return sum(sum(of.values()) for of in recall.values())


@pytest.mark.parametrize("kind", ["classifier", "joint"])
def test_it_learns_and_ends_with_its_best_weights(kind):
    train, val = split(48, 1), split(24, 2)
    trained = network(kind)
    found = fit(trained, train, val, seed=0, pairs=3000)
    rsums = [rsum(scored["recall"]) for scored in found["history"]]
    assert len(rsums) == 10 and rsum(score(trained, val).recall((1, 5, 10))) == max(rsums)
    # Four images share a word: R@5 of a perfect network is 100, of a random one some 20.
    assert found["history"][-1]["recall"]["sentence_to_image"][5] > 60
    assert found["pairs"] >= 2900 and found["seconds"] > 0


@pytest.mark.slow
def test_the_command_writes_a_record_and_its_page(tmp_path, monkeypatch):
    root = write_shapes(tmp_path / "shapes", {"train": 8, "val": 4, "test": 6})
    monkeypatch.setattr(__main__, "EfficientNetLite2", lambda device: CoarsePixels())
    config = tmp_path / "config.toml"
    config.write_text(
        f'[data]\nname = "table"\nroot = "{root}"\n[loss]\nclasses = "clusters"\ngranularities = [2]\n'
        "prototype_weight = 1.0\ncontrastive_weight = 1.0\n"
    )
    done = outcome(__main__.main, config, "-o", tmp_path / "found.json", "--pairs", 500, "--device", "cpu")
    assert done.status == 0, done.err
    record = json.loads((tmp_path / "found.json").read_text())
    assert record["dataset"]["images"] == 6 and set(record["lines"]) == {"classifier", "joint"}
    assert page(record) in done.out and (tmp_path / "found.md").read_text() == page(record) and "coarse" in page(record)
    assert outcome(__main__.main, config, "--pairs", 0).status == 2
