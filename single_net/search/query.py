"""A query: what it is, which of its words are known, and its nearest items."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.common.errors import InputError
from single_net.data.readers.folder import SUFFIXES

if TYPE_CHECKING:
    from single_net.inference.embedding_cache import Embedded
    from single_net.inference.model import Model


def is_photograph(query: str) -> bool:
    """Whether a query is the file of a photograph and not a sentence. Raises InputError where it looks like the name of
    a picture file that does not exist, or says nothing."""
    if not query.strip():
        raise InputError("the query is empty: give a sentence in quotation marks, or the file of a photograph")
    if os.path.isfile(query):  # unlike Path.is_file also false for a sentence too long to be a file's name
        return True
    if Path(query).suffix.lower() in SUFFIXES:
        raise InputError(f"{query}: no such picture")
    return False


def known_words(model: Model, sentences: list[str]) -> None:
    """Tell which words the run has never learnt. Raises InputError for a sentence of such words alone."""
    from encoded_text.tokenizer import tokenise

    for sentence in sentences:
        words = tokenise(sentence)
        unknown = [word for word in dict.fromkeys(words) if word not in model.encoder.vocabulary]
        if not set(words) - set(unknown):
            raise InputError(
                f"{sentence!r}: none of its words are known to the run: use words of its training captions"
            )
        if unknown:
            print(f"not drawn, since the run never learnt them: {', '.join(unknown)}")


def nearest_items(
    model: Model, query: str, photograph: bool, gallery: Embedded, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest pictures of a sentence, or captions of a photograph: distances (1, k), numbers in the gallery (1, k).

    Euclidean distance between embeddings of length one, 0 to 2. Fewer than k where the gallery is smaller.
    """
    from single_net.data.image import read_image
    from single_net.retrieval.neighbors import nearest, normalise

    if photograph:
        embedded = model.embed_pictures(read_image(Path(query), model.image_size)[None])
        items = gallery.captions
    else:
        embedded, items = model.embed_captions([query]), gallery.pictures
    distances, numbers = nearest(normalise(embedded), normalise(items), min(k, len(items)))
    return np.asarray(distances), np.asarray(numbers)
