from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from encoded_text import InputError, Layout, TextImageEncoder, fitting
from encoded_text.colors import blank_colors
from encoded_text.fitting import learned_colors, published_colors

KNOWN = [f"word{i}" for i in range(40)]
OTHERS = [f"other{i}" for i in range(60)]


def write(path: Path, vectors: np.ndarray, words: list[str]) -> Path:
    path.write_text("".join(f"{w} {' '.join(map(str, v))}\n" for w, v in zip(words, vectors, strict=True)))
    return path


@pytest.mark.parametrize("normalization", ["zscore", "per_feature", "global"])
def test_words_for_queries_change_nothing_for_those_of_the_captions(tmp_path, normalization):
    vectors = np.random.default_rng(0).normal(size=(100, 50)).astype("f4")
    mixed = [word for pair in zip(OTHERS, [*KNOWN, *["x y"] * 20], strict=True) for word in pair if word != "x y"]
    row = {word: vectors[i] for i, word in enumerate(KNOWN + OTHERS)}
    both = write(tmp_path / "both.txt", np.stack([row[word] for word in mixed]), mixed)
    alone = write(tmp_path / "alone.txt", vectors[:40], KNOWN)
    words, colors, record = published_colors(both, Layout.figure(), normalization, set(KNOWN))
    expected_words, expected, alone_record = published_colors(alone, Layout.figure(), normalization, set(KNOWN))
    assert words == KNOWN + OTHERS and expected_words == KNOWN
    np.testing.assert_array_equal(colors[:40], expected)
    assert record["words_found"] == 40 and record["query_words"] == 60 and alone_record["query_words"] == 0
    assert {k: record[k] for k in record if k != "query_words" and k != "source"} == {
        k: alone_record[k] for k in alone_record if k != "query_words" and k != "source"
    }


def test_words_for_queries_are_drawn_and_read_back(tmp_path):
    vectors = np.random.default_rng(1).normal(size=(100, 36)).astype("f4")
    path = write(tmp_path / "v.txt", vectors, KNOWN + OTHERS)
    encoder = TextImageEncoder.fit([" ".join(KNOWN)], Layout.figure(), vectors=path)
    assert encoder.coverage(["word3 other7"]).unknown_words == 0
    assert encoder.inverse_transform(encoder.transform(["word3 other7"])) == ["word3 other7"]


def test_words_whose_colors_are_taken_are_left_out_and_never_too_many(tmp_path, monkeypatch):
    vectors = np.random.default_rng(2).normal(size=(100, 36)).astype("f4")
    vectors[50] = vectors[3]  # other10 looks like word3
    vectors[60] = vectors[55]  # other20 like other15
    path = write(tmp_path / "v.txt", vectors, KNOWN + OTHERS)
    words, colors, _ = published_colors(path, Layout.figure(), "zscore", set(KNOWN))
    assert set(KNOWN + OTHERS) - set(words) == {"other10", "other20"}
    assert len(np.unique(colors, axis=0)) == len(colors) and not (colors == blank_colors(Layout.figure())).all(1).any()
    monkeypatch.setattr(fitting, "QUERY_WORDS", 5)
    assert published_colors(path, Layout.figure(), "zscore", set(KNOWN))[0] == KNOWN + OTHERS[:5]


def test_a_file_without_a_word_of_the_captions_is_refused(tmp_path):
    path = write(tmp_path / "v.txt", np.ones((60, 36)), OTHERS)
    with pytest.raises(InputError, match="none of its entries is a word that is looked for"):
        published_colors(path, Layout.figure(), "zscore", {"dog"})


def test_no_learned_word_looks_like_a_blank_slot(monkeypatch):
    layout = Layout(64, 3, 1, 1, 4, 0, 0)
    monkeypatch.setattr(fitting, "fit_word2vec", lambda *_, **__: (["a", "b"], np.array([[0.0, 0, 0], [1, 1, 1]]), {}))
    words, colors, record = learned_colors([["a", "b"]], layout, "per_feature", 0)
    TextImageEncoder(words, colors, layout, "per_feature", {})
    assert record["colors"]["separated"] == 1


def test_no_word_for_queries_looks_like_a_blank_slot(tmp_path):
    layout = Layout(64, 3, 1, 1, 4, 0, 0)
    rows = {"a": "1 1 9", "b": "9 5 1", "c": "5 9 5", "far": "-9 -9 -9"}
    path = tmp_path / "v.txt"
    path.write_text("".join(f"{w} {v}\n" for w, v in rows.items()))
    words, _, _ = published_colors(path, layout, "per_feature", {"a", "b", "c"})
    assert words == ["a", "b", "c"]
