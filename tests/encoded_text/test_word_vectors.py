from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.decomposition import PCA

from encoded_text import InputError
from encoded_text.word_vectors import fit_word2vec, reduce_dimensions

VECTORS = np.random.default_rng(0).normal(size=(200, 50)).astype(np.float32)


def test_pca_is_that_of_the_covariance():
    reduced, source = reduce_dimensions(VECTORS, 36, "x")
    centered = VECTORS.astype(np.float64) - VECTORS.mean(axis=0, dtype=np.float64)
    eigenvalues = np.sort(np.linalg.eigvalsh(centered.T @ centered / 199))[::-1]
    np.testing.assert_allclose(reduced.var(axis=0, ddof=1), eigenvalues[:36])
    assert source["variance_kept"] == pytest.approx(eigenvalues[:36].sum() / eigenvalues.sum())


def test_too_few_dimensions_or_words_are_refused():
    with pytest.raises(InputError, match="50 values"):
        reduce_dimensions(VECTORS, 128, "x")
    with pytest.raises(InputError, match="30 words"):
        reduce_dimensions(VECTORS[:30], 36, "x")


def test_word2vec_places_words_of_the_same_context_together():
    themes = (["dog", "puppy", "bone", "leash", "bark"], ["car", "truck", "road", "wheel", "engine"])
    choose = np.random.default_rng(0)
    sentences = [choose.choice(themes[i % 2], 4, replace=False).tolist() for i in range(400)]
    words, vectors, settings = fit_word2vec(sentences, 16, seed=1, epochs=20, sample=0)
    assert sorted(words) == sorted(themes[0] + themes[1])
    assert vectors.shape == (10, 16)
    assert settings["word2vec"]["seed"] == 1
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = unit @ unit.T
    for theme, other in (themes, themes[::-1]):
        inside, outside = [words.index(word) for word in theme], [words.index(word) for word in other]
        assert similarity[np.ix_(inside, inside)].min() > similarity[np.ix_(inside, outside)].max()


def test_of_many_words_the_components_are_the_same():
    many = np.random.default_rng(1).normal(size=(600, 50)) * np.linspace(1, 2, 50)
    reduced, _ = reduce_dimensions(many, 36, "x")
    full = PCA(36, svd_solver="full").fit_transform(many)
    np.testing.assert_allclose(reduced, full, atol=1e-9)


SENTENCES = [["a", "red", "dog", "runs", "on", "the", "beach"], ["a", "cat", "in", "the", "snow"]] * 5


@pytest.mark.parametrize("setting", ["window", "negative"])
def test_settings_of_word2vec_are_obeyed(setting):
    one, five = (fit_word2vec(SENTENCES, 8, seed=1, epochs=2, sample=0, **{setting: n})[1] for n in (1, 5))
    assert (one != five).any()


def test_numpy_numbers_are_recorded_as_plain_ones():
    given = {"min_count": np.int64(1), "sample": np.float32(0.001), "skip_gram": np.bool_(True), "epochs": np.int8(2)}
    record = fit_word2vec(SENTENCES, 8, seed=np.int64(3), **given)[2]
    assert json.loads(json.dumps(record))["word2vec"]["seed"] == 3
    assert record["word2vec"]["skip_gram"] is True
    assert fit_word2vec(SENTENCES, 8, seed=3, epochs=1, sample=0)[2]["word2vec"]["sample"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"seed": seed} for seed in (1.5, "1", True, 2**32)),
        *({"epochs": 1.5}, {"window": 2.5}, {"negative": "5"}, {"min_count": None}),
        *({"sample": "0.1"}, {"sample": None}, {"sample": float("nan")}),
        *({"skip_gram": "no"}, {"skip_gram": 2}, {"skip_gram": None}),
    ],
)
def test_settings_of_other_types_are_refused(wrong):
    with pytest.raises(InputError, match=r"give (a|at|True)"):
        fit_word2vec(SENTENCES, 8, **{"seed": 1, **wrong})
