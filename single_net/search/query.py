"""A query by sentence or image, and its nearest items."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.tokenizer import tokenize
from single_net.data.readers.folder import SUFFIXES

if TYPE_CHECKING:
    from single_net.inference.embedding_cache import Embedded
    from single_net.inference.model import Model

# Endings of images that Pillow does not read, or only with a plugin; of the others it knows the endings itself.
_OTHER_SUFFIXES = (
    *(".heic", ".heif", ".hif", ".avif", ".avifs", ".jxl", ".jxr", ".svg"),
    *(".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw", ".x3f"),
)


@dataclass(frozen=True)
class Answer:
    """The nearest items of a query.

    Attributes:
        query: a sentence, or the file of an image.
        is_image: the query is an image, and the results are captions.
        encoded: the words of a sentence that were encoded.
        left_out: its other words, each once.
        gallery: what was searched.
        distances: float32 (k,), ascending, 0 to 2.
        indices: int64 (k,), captions of the gallery for an image, images for a sentence.
        images: int64 (k,), how many images a caption belongs to; 1 for an image.
    """

    query: str
    is_image: bool
    encoded: list[str]
    left_out: list[str]
    gallery: Embedded
    distances: np.ndarray
    indices: np.ndarray
    images: np.ndarray


def is_image_file(query: str) -> bool:
    """Whether a query is the file of an image, and not a sentence.

    Raises:
        InputError: the query is empty, or named like an image file that does not exist.
    """
    if not query.strip():
        raise InputError("the query is empty: give a sentence in quotation marks, or the file of an image")
    if os.path.isfile(query):  # unlike Path.is_file also false for a sentence too long to be a file name
        return True
    if _is_named_like_an_image(query):
        raise InputError(f"{query}: no such image")
    return False


def _is_named_like_an_image(query: str) -> bool:
    suffix = Path(query).suffix.lower()
    if suffix in SUFFIXES:
        return True
    if not suffix or (len(query.split()) > 1 and os.sep not in query):
        return False
    from PIL import Image

    return suffix in _OTHER_SUFFIXES or suffix in Image.registered_extensions()


def split_words(model: Model, sentence: str) -> tuple[list[str], list[str]]:
    """The words of a sentence that the model encodes, in order, and those that it leaves out, each once.

    Words are left out that are not in the vocabulary, or beyond the last place of an encoded caption.

    Raises:
        InputError: no word of the sentence is in the vocabulary.
    """
    words, vocabulary = model.encoder.tokenize(sentence), model.encoder.vocabulary
    known = [word for word in words if word in vocabulary]
    if not known:
        raise InputError(f"{sentence!r}: none of its words are known to the run: use words of its training captions")
    encoded = known[: model.encoder.layout.capacity]
    beyond = known[len(encoded) :]
    return encoded, list(dict.fromkeys([word for word in words if word not in vocabulary] + beyond))


def search(model: Model, query: str, is_image: bool, gallery: Embedded, k: int) -> Answer:
    """Find the nearest images of a sentence, or the nearest captions of an image.

    Distances are Euclidean between L2-normalized embeddings. Captions of the same words are one result.

    Args:
        model: with which the gallery was embedded.
        query: a sentence, or the file of an image.
        is_image: which of the two.
        gallery: to be searched.
        k: number of results; fewer where the gallery is smaller.

    Raises:
        InputError: an image that cannot be read, or a sentence without a known word.
    """
    from single_net.data.image import read_image
    from single_net.retrieval.embeddings import normalize
    from single_net.retrieval.neighbors import nearest

    if is_image:
        embedded = model.embed_images(read_image(Path(query), model.image_size)[None])
        encoded: list[str] = []
        left_out: list[str] = []
        first, images = _distinct(gallery)
        items = gallery.captions[first]
    else:
        encoded, left_out = split_words(model, query)
        embedded, items = model.embed_captions([query]), gallery.images
        first, images = np.arange(len(items)), np.ones(len(items), np.int64)
    distances, found = nearest(normalize(embedded).numpy(), normalize(items), min(k, len(items)))
    return Answer(query, is_image, encoded, left_out, gallery, distances[0], first[found[0]], images[found[0]])


def _distinct(gallery: Embedded) -> tuple[np.ndarray, np.ndarray]:
    """The first caption of each sequence of words, int64, and how many images have one of these words."""
    owner = gallery.data.image_of_caption
    images: dict[str, tuple[int, set[int]]] = {}
    for caption, text in enumerate(gallery.data.flat_captions):
        images.setdefault(" ".join(tokenize(text)), (caption, set()))[1].add(owner[caption])
    return np.array([first for first, _ in images.values()]), np.array([len(of) for _, of in images.values()])
