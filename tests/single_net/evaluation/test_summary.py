"""What the terminal says of a record."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from single_net.evaluation.shared_captions import shared_captions
from single_net.evaluation.summary import summary
from single_net.retrieval.recall import evaluate_retrieval


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    image_of_caption = np.repeat(np.arange(40), 5)
    images = rng.normal(size=(40, 16))
    metrics = evaluate_retrieval(images, images[image_of_caption] + rng.normal(size=(200, 16)), image_of_caption)
    return {
        "title": "Single-Net (small)",
        "dataset": {"name": "table", "split": "test", "images": 40, "captions": 200},
        "available": {"images": 40, "captions": 200, "captions_of_these": 200},
        "shared_captions": shared_captions(np.arange(200)[:, None], image_of_caption),
        "metrics": metrics,
        "full_split": None,
        "coverage": {"test": {"words": 900, "unknown_words": 0, "truncated_captions": 0, "blank_captions": 0}},
    }


def changed(record: dict[str, Any], **values: Any) -> str:
    return summary(copy.deepcopy(record) | values)


def test_three_lines_where_there_is_nothing_to_explain(record):
    lines = summary(record).splitlines()
    assert lines[0] == "Single-Net (small) on table test: 40 images, 200 captions"
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["image-to-sentence", "sentence-to-image"]
    recall = record["metrics"]["image_to_sentence"]["recall"]["5"]
    assert f"R@5 {recall:5.2f} [" in lines[1]


def test_images_and_captions_beyond_the_protocol_are_told(record):
    available = {"images": 5000, "captions": 25010, "captions_of_these": 202}
    title = changed(record, available=available).splitlines()[0]
    assert title.endswith("the first 40 of 5,000 images, 200 of their 202 captions (the first five of each)")


def test_the_whole_split_and_the_five_folds_are_printed(record):
    metrics = copy.deepcopy(record["metrics"])
    full = {"images": 5000, "captions": 25000, "metrics": metrics}
    lines = changed(record, full_split=full).splitlines()
    assert lines[3] == "whole split, 5,000 images and 25,000 captions:" and len(lines) == 6
    by_k = {"1": 1.25, "5": 10.0, "10": 20.0}
    metrics["extra"]["five_fold"] = {
        name: {d: by_k for d in ("image_to_sentence", "sentence_to_image")} for name in ("mean", "standard_deviation")
    }
    lines = changed(record, full_split=full).splitlines()
    assert "five folds of 1,000 images" in lines[6] and "R@1  1.25 ± 1.25" in lines[7] and len(lines) == 9


def test_shared_captions_ties_and_words_left_out_are_told(record):
    shared = shared_captions(np.arange(200)[:, None] // 10, np.repeat(np.arange(40), 5))
    text = changed(record, shared_captions=shared)
    assert "200 of 200 captions are encoded like one of another image, and 40 images have no other" in text
    assert "image-to-sentence: R@1  0.00  R@5  0.00  R@10 100.00" in text
    assert "sentence-to-image" in text.split("no model can reach")[1].split("\n")[2]
    shared["ceiling"]["sentence_to_image"] = {"1": 100.0, "5": 100.0, "10": 100.0}
    assert "sentence-to-image" not in changed(record, shared_captions=shared).split("no model can reach")[1]
    shared["ceiling"]["image_to_sentence"] = shared["ceiling"]["sentence_to_image"]
    assert "no model can reach" not in changed(record, shared_captions=shared)
    metrics = copy.deepcopy(record["metrics"])
    metrics["sentence_to_image"]["expected_recall"]["1"] = 77.0
    assert "random order" in changed(record, metrics=metrics) and "R@1 77.00" in changed(record, metrics=metrics)
    coverage = {"words": 13292, "unknown_words": 6251, "truncated_captions": 3, "blank_captions": 2}
    last = changed(record, coverage={"test": coverage}).splitlines()[-1]
    told = "6,251 of 13,292 words are not in the vocabulary and left out; 2 captions are blank; 3 are cut off"
    assert last == told
