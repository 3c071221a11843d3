"""Word vectors that are in memory already draw as those of a file do."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from encoded_text import InputError, Layout, TextImageEncoder

WORDS = [f"word{i}" for i in range(60)]
VECTORS = np.random.default_rng(0).normal(size=(60, 40)).astype(np.float32)
CAPTIONS = [" ".join(WORDS[:50])]


def keyed():
    from gensim.models import KeyedVectors

    table = KeyedVectors(VECTORS.shape[1])
    table.add_vectors(WORDS, VECTORS)
    return table


def test_gensims_vectors_and_mappings_draw_as_a_file_of_them(tmp_path):
    path = tmp_path / "vectors.txt"
    keyed().save_word2vec_format(path)
    of_file = TextImageEncoder.fit(CAPTIONS, Layout.figure(), vectors=path)
    by_word = dict(zip(WORDS, VECTORS.tolist(), strict=True))
    for vectors, name in ((keyed(), "KeyedVectors"), (by_word, "dict")):
        encoder = TextImageEncoder.fit(CAPTIONS, Layout.figure(), vectors=vectors)
        assert encoder.words == of_file.words and np.array_equal(encoder.colors, of_file.colors)
        assert encoder.parameters == of_file.parameters | {"source": name}
        assert TextImageEncoder.from_published(vectors, Layout.figure()).words == WORDS


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (3, "word vectors are int: give a file, gensim's KeyedVectors"),
        ({"word1": [1.0] * 40, "word2": [1.0] * 39}, "dict: the vector of 'word2' is not 40 finite numbers"),
        ({"word1": [1.0, float("nan")]}, "dict: the vector of 'word1' is not 2 finite numbers"),
        ({"word1": "dog"}, "dict: the vector of 'word1' is not"),
        ({"word1": []}, "dict: the vector of 'word1' is not some finite numbers"),
        ({"word1": 1.0}, "dict: the vector of 'word1' is not 1 finite numbers"),
        ({1: [1.0]}, "dict: the word 1 is int, not text"),
        ({}, "dict: none of its entries is a word that is looked for"),
        (SimpleNamespace(index_to_key=WORDS, vectors=VECTORS[:3]), "SimpleNamespace: 60 words, but 3 vectors"),
    ],
)
def test_what_does_not_fit_is_told(vectors, message):
    with pytest.raises(InputError, match=message):
        TextImageEncoder.fit(CAPTIONS, Layout.figure(), vectors=vectors)


def test_gensims_own_file_says_how_to_save_it(tmp_path):
    keyed().save(str(tmp_path / "mine.kv"))
    with pytest.raises(InputError, match=r"mine\.kv: gensim's own format: .* save it with save_word2vec_format"):
        TextImageEncoder.fit(CAPTIONS, Layout.figure(), vectors=tmp_path / "mine.kv")
