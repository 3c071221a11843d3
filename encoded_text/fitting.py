"""Words and their colors: learned from captions, or made of published word vectors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from encoded_text.colors import NORMALIZATIONS, blank_colors, normalize, separate
from encoded_text.common.arguments import require_choice
from encoded_text.given_vectors import Vectors, name_of
from encoded_text.layout import Layout
from encoded_text.vector_files import read_vectors
from encoded_text.word_vectors import fit_word2vec, reduce_dimensions

QUERY_WORDS = 50_000  # words beside those of the training captions; their tiles take 150 MB in the paper's layout


def learned_colors(
    sentences: Sequence[Sequence[str]], layout: Layout, normalization: str, seed: int, **word2vec: Any
) -> tuple[list[str], np.ndarray, dict[str, Any]]:
    """Learn words and colors from captions by Word2Vec.

    Args:
        sentences: the words of each caption.
        layout: gives the number of features.
        normalization: how vectors become colors, see `encoded_text.colors.normalize`.
        seed: of Word2Vec.
        **word2vec: settings of `encoded_text.word_vectors.fit_word2vec`.

    Returns:
        The words, most frequent first; their colors, uint8 (words, features), all different; and a JSON-able record.

    Raises:
        InputError: a setting is out of range, or words cannot be told apart.
    """
    words, values, source = fit_word2vec(sentences, layout.features, seed, **word2vec)
    colors, statistics = normalize(values, normalization)
    colors, changed = separate(colors, words, blank_colors(layout))
    return words, colors, {**source, "colors": {**statistics, "separated": changed}}


def published_colors(
    vectors: Vectors, layout: Layout, normalization: str, known: Collection[str] | None = None
) -> tuple[list[str], np.ndarray, dict[str, Any]]:
    """Make words and colors of published vectors.

    Components and statistics are fitted to the words of the training captions alone. Other words are kept for queries:
    the first `QUERY_WORDS`, which are the most frequent ones in all published files. They are drawn with
    the same components and statistics, so that words of similar vectors have similar colors.

    Args:
        vectors: a file, gensim's KeyedVectors or a mapping, see `encoded_text.vector_files.read_vectors`.
        layout: gives the number of features.
        normalization: how vectors become colors, see `encoded_text.colors.normalize`.
        known: the words of the training captions; None fits to every word that has a vector.

    Returns:
        The words, those fitted to first; their colors, uint8 (words, features), all different; and a JSON-able record.

    Raises:
        InputError: an unknown normalization, or the vectors cannot be read, have none of the known words, or do not fit
            the layout.
    """
    require_choice("normalization", normalization, NORMALIZATIONS)  # before a large file is read
    words, values = read_vectors(vectors, known, 0 if known is None else QUERY_WORDS)
    fitted = len(words)
    if known is not None:
        is_known = np.array([word in known for word in words])
        order = np.argsort(~is_known, kind="stable")
        words, values, fitted = [words[i] for i in order], values[order], int(is_known.sum())
    values, source = reduce_dimensions(values, layout.features, name_of(vectors), fitted)
    colors, statistics = normalize(values, normalization, fitted)
    blank = blank_colors(layout)
    own, changed = separate(colors[:fitted], words[:fitted], blank)
    # A word for queries whose colors are taken is left out: it could not be told from the one that has them.
    taken = {color.tobytes() for color in own} | ({blank.tobytes()} if blank is not None else set())
    free = []
    for i in range(fitted, len(words)):
        if (color := colors[i].tobytes()) not in taken:
            taken.add(color)
            free.append(i)
    parameters = {**source, "query_words": len(free), "colors": {**statistics, "separated": changed}}
    return words[:fitted] + [words[i] for i in free], np.concatenate([own, colors[free]]), parameters
