from __future__ import annotations

import numpy as np
import pytest

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
