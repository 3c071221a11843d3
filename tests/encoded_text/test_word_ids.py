from __future__ import annotations

from dataclasses import replace

import numpy as np

from encoded_text import Layout
from encoded_text.word_ids import Coverage


def test_words_become_ids_and_unknown_ones_are_skipped(encoders):
    encoder = encoders["paper"]
    ids = encoder.ids(["A red dog zebra!", "cat"])
    assert ids.dtype == np.int32
    assert ids.shape == (2, 64)
    vocabulary = encoder.vocabulary
    assert ids[0, :4].tolist() == [vocabulary["a"], vocabulary["red"], vocabulary["dog"], 0]
    assert encoder.words[vocabulary["cat"] - 1] == "cat"
    assert ids[1, 0] == vocabulary["cat"]
    assert not ids[1, 1:].any()


def test_repeat_puts_one_blank_slot_after_each_copy(encoders):
    encoder = encoders["paper"].with_layout(replace(Layout.paper(), fill="repeat"))
    red, dog = encoder.vocabulary["red"], encoder.vocabulary["dog"]
    assert encoder.ids(["red dog"])[0].tolist() == ([red, dog, 0] * 22)[:64]


def test_laying_out_in_chunks_changes_nothing(encoders, monkeypatch):
    encoder = encoders["figure"].with_layout(replace(Layout.figure(), fill="repeat"))
    captions = ["a red dog", "cat", "the horse runs", "bird in the snow", "at a farm"]
    whole = encoder.ids(captions)
    monkeypatch.setattr("encoded_text.word_ids._CHUNK", 2)
    np.testing.assert_array_equal(encoder.ids(captions), whole)


def test_coverage_counts(encoders):
    coverage = encoders["paper"].coverage(["a dog", "a purple dog", "zyx", "dog " * 70])
    assert coverage == Coverage(captions=4, words=76, unknown_words=2, truncated_captions=1, blank_captions=1)


def test_coverage_splits_each_caption_once(encoders):
    fitted = encoders["paper"]
    seen = []

    def tokenize(caption):
        seen.append(caption)
        return caption.split()

    coverage = Coverage.count(["a dog", "zyx"], fitted.vocabulary, tokenize, 64)
    assert seen == ["a dog", "zyx"] and (coverage.words, coverage.unknown_words) == (3, 1)
