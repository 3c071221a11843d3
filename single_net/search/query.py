"""A query by sentence, image or sound, and its nearest items."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.tokenizer import tokenize
from single_net.data.readers.folder import SUFFIXES
from single_net.search.embedding_model import (
    EmbeddingModel,
    caption_encoder,
    check_model,
    embed_captions,
    embed_images,
    embed_sound,
    read_image_for,
    read_sound_for,
)
from single_net.search.indexes import Hit, Index, Kind

# Endings of images that Pillow does not read, or only with a plugin; of the others it knows the endings itself.
_OTHER_SUFFIXES = (
    *(".heic", ".heif", ".hif", ".avif", ".avifs", ".jxl", ".jxr", ".svg"),
    *(".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw", ".x3f"),
)
# Endings of sound files, also of those that are refused with a reason.
_SOUNDS = (
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
    *(".m4a", ".aac", ".mp4", ".webm", ".wma", ".amr", ".aif", ".aiff"),
)


@dataclass(frozen=True)
class Words:
    """The words of a sentence.

    Attributes:
        encoded: those that the model encodes, in order.
        unknown: those that are not in its vocabulary, each once.
        cut_off: known ones beyond the last place of an encoded caption, each once.
    """

    encoded: list[str]
    unknown: list[str]
    cut_off: list[str]

    @property
    def note(self) -> str:
        """What is not encoded, and why, e.g. "unknown: zebra; no place left: red"; empty where all words are."""
        parts = (("unknown", self.unknown), ("no place left", self.cut_off))
        return "; ".join(f"{why}: {', '.join(words)}" for why, words in parts if words)


@dataclass(frozen=True)
class Answer:
    """The nearest items of a query.

    Attributes:
        query: a sentence, or the file of an image or sound.
        is_image: the query is an image.
        sound: of a query by sound: its encoded image, uint8 (size, size, 3); else None.
        words: of a sentence.
        kind: what was looked for.
        hits: the results, nearest first.
    """

    query: str
    is_image: bool
    words: Words
    kind: Kind
    hits: list[Hit]
    sound: np.ndarray | None = None


def is_sound_file(query: str) -> bool:
    """Whether a query is the file of a sound. Raises InputError if it is named like one that does not exist."""
    if Path(query).suffix.lower() not in _SOUNDS:
        return False
    if os.path.isfile(query):
        return True
    if len(query.split()) > 1 and os.sep not in query:
        return False  # a sentence
    raise InputError(f"{query}: no such sound file")


def is_image_file(query: str) -> bool:
    """Whether a query is the file of an image, and neither that of a sound nor a sentence.

    Raises:
        InputError: the query is empty, or named like an image file that does not exist.
    """
    if not query.strip():
        raise InputError("the query is empty: give a sentence in quotation marks, or the file of an image or sound")
    if is_sound_file(query):
        return False
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


def split_words(model: EmbeddingModel, sentence: str) -> Words:
    """The words of a sentence by what becomes of them; a model without this project's encoder encodes all.

    Raises:
        InputError: no word of the sentence is in the vocabulary.
    """
    encoder = caption_encoder(model)
    if encoder is None:
        return Words(tokenize(sentence), [], [])
    words = encoder.tokenize(sentence)
    known = [word for word in words if word in encoder.vocabulary]
    if not known:
        raise InputError(f"{sentence!r}: none of its words are known to the run: use words of its training captions")
    unknown = dict.fromkeys(word for word in words if word not in encoder.vocabulary)
    places = encoder.layout.capacity
    return Words(known[:places], list(unknown), list(dict.fromkeys(known[places:])))


def default_kind(index: Index, is_image: bool) -> Kind:
    """What a query looks for if nobody says: a sentence or sound for images, an image for captions, or for images where
    the index has no captions."""
    return "captions" if is_image and index.count("captions") else "images"


def search(index: Index, model: EmbeddingModel, query: str, kind: Kind | None = None, k: int = 5) -> Answer:
    """Find what is nearest to a sentence, an image or a sound.

    Distances are Euclidean between L2-normalized embeddings. Captions of the same words are one result.

    Args:
        index: what is searched.
        model: that of the index.
        query: a sentence, or the file of an image or sound.
        kind: "images" or "captions", see `default_kind`.
        k: number of results; fewer where the index holds fewer.

    Raises:
        InputError: another model, an image or sound that cannot be read, a sound for a model that takes none, a
            sentence without a known word, or captions are looked for in an index without captions.
    """
    check_model(index, model)
    is_image = is_image_file(query)
    kind = kind or default_kind(index, is_image)
    if not index.count(kind):
        raise InputError(f"{index.place} holds no {kind}: look for {'images' if kind == 'captions' else 'captions'}")
    words = Words([], [], [])
    sound = None
    if is_sound_file(query):
        vector, sound = embed_sound(model, read_sound_for(model, Path(query)))
    elif is_image:
        vector = embed_images(model, [read_image_for(model, Path(query))])
    else:
        words = split_words(model, query)
        vector = embed_captions(model, [query])
    [hits] = index.nearest(kind, vector, k)
    return Answer(query, is_image, words, kind, hits, sound)
