"""Word vectors that the caller has in memory: gensim's KeyedVectors, or a mapping of words to vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from encoded_text.common.errors import InputError


class KeyedVectors(Protocol):
    """What is read of gensim's class of this name: `model.wv` of its Word2Vec and FastText, and what it loads.

    Attributes:
        index_to_key: the words, most frequent first.
        vectors: float (words, dimensions).
    """

    @property
    def index_to_key(self) -> Sequence[str]: ...

    @property
    def vectors(self) -> np.ndarray: ...


# A file (see `encoded_text.vector_files`), or vectors by word, the most frequent words first.
Vectors = str | PathLike[str] | KeyedVectors | Mapping[str, Any]


def name_of(vectors: Vectors) -> str:
    """The name of vectors in messages and records: that of the file, or of the type."""
    return Path(vectors).name if isinstance(vectors, str | PathLike) else type(vectors).__name__


def given_entries(vectors: KeyedVectors | Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    """Words and vectors, float32 (dimensions,), in order.

    Args:
        vectors: gensim's KeyedVectors or a mapping.

    Raises:
        InputError: it is something else, a word is no text, or the vectors are not finite numbers of one length.
    """
    name, dimensions = name_of(vectors), 0
    for word, value in _pairs(vectors, name):
        if not isinstance(word, str):
            raise InputError(f"{name}: the word {word!r} is {type(word).__name__}, not text")
        try:
            vector = np.asarray(value, np.float32)
        except (TypeError, ValueError, RuntimeError):  # RuntimeError: a torch tensor with a gradient
            vector = np.empty(0, np.float32)
        dimensions = dimensions or len(np.atleast_1d(vector))
        if vector.shape != (dimensions,) or not dimensions or not np.isfinite(vector).all():
            raise InputError(f"{name}: the vector of {word!r} is not {dimensions or 'some'} finite numbers")
        yield word, vector


def _pairs(vectors: Any, name: str) -> Iterable[tuple[Any, Any]]:
    if isinstance(vectors, Mapping):
        return vectors.items()
    if not (hasattr(vectors, "index_to_key") and hasattr(vectors, "vectors")):
        raise InputError(
            f"word vectors are {name}: give a file, gensim's KeyedVectors (model.wv) or a mapping of words to vectors"
        )
    if len(vectors.index_to_key) != len(vectors.vectors):
        raise InputError(f"{name}: {len(vectors.index_to_key)} words, but {len(vectors.vectors)} vectors")
    return zip(vectors.index_to_key, vectors.vectors, strict=True)
