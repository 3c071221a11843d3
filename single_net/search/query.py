"""A query by sentence or image, and its nearest items."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.common.errors import InputError
from single_net.data.readers.folder import SUFFIXES

if TYPE_CHECKING:
    from single_net.inference.embedding_cache import Embedded
    from single_net.inference.model import Model


@dataclass(frozen=True)
class Answer:
    """The nearest items of a query.

    Attributes:
        query: a sentence, or the file of an image.
        is_image: the query is an image, and the results are captions.
        gallery: what was searched.
        distances: float32 (k,), ascending, 0 to 2.
        indices: int64 (k,), captions of the gallery for an image, images for a sentence.
    """

    query: str
    is_image: bool
    gallery: Embedded
    distances: np.ndarray
    indices: np.ndarray


def is_image_file(query: str) -> bool:
    """Whether a query is the file of an image, and not a sentence.

    Raises:
        InputError: the query is empty, or named like an image file that does not exist.
    """
    if not query.strip():
        raise InputError("the query is empty: give a sentence in quotation marks, or the file of an image")
    if os.path.isfile(query):  # unlike Path.is_file also false for a sentence too long to be a file name
        return True
    if Path(query).suffix.lower() in SUFFIXES:
        raise InputError(f"{query}: no such image")
    return False


def unknown_words(model: Model, sentence: str) -> list[str]:
    """The words of a sentence that are not in the vocabulary of the model and cannot be encoded, each once.

    Raises:
        InputError: no word of the sentence is in the vocabulary.
    """
    from encoded_text.tokenizer import tokenize

    words = tokenize(sentence)
    unknown = [word for word in dict.fromkeys(words) if word not in model.encoder.vocabulary]
    if not set(words) - set(unknown):
        raise InputError(f"{sentence!r}: none of its words are known to the run: use words of its training captions")
    return unknown


def search(model: Model, query: str, is_image: bool, gallery: Embedded, k: int) -> Answer:
    """Find the nearest images of a sentence, or the nearest captions of an image.

    Distances are Euclidean between L2-normalized embeddings.

    Args:
        model: with which the gallery was embedded.
        query: a sentence, or the file of an image.
        is_image: which of the two.
        gallery: to be searched.
        k: number of results; fewer where the gallery is smaller.

    Raises:
        InputError: an image that cannot be read.
    """
    from single_net.data.image import read_image
    from single_net.retrieval.embeddings import normalize
    from single_net.retrieval.neighbors import nearest

    if is_image:
        embedded = model.embed_images(read_image(Path(query), model.image_size)[None])
        items = gallery.captions
    else:
        embedded, items = model.embed_captions([query]), gallery.images
    distances, indices = nearest(normalize(embedded).numpy(), normalize(items), min(k, len(items)))
    return Answer(query, is_image, gallery, distances[0], indices[0])
