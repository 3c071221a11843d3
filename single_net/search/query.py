"""A query by sentence, image or sound, and its nearest items."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from encoded_text.common.errors import InputError
from encoded_text.tokenizer import tokenize
from single_net.data.readers.folder import SUFFIXES
from single_net.search.embedding_model import (
    EmbeddingModel,
    caption_encoder,
    check_model,
    encode_captions,
    encode_images,
    encode_sound,
    read_image_for,
    read_sound_for,
)
from single_net.search.indexes import Hit, Index, Kind

# Endings of images that Pillow does not read, or only with a plugin; of the others it knows the endings itself.
_OTHER_SUFFIXES = (
    *(".hif", ".avifs", ".jxl", ".jxr", ".svg"),
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
        query: a sentence, or the file of an image or sound; "" for an image that is no file.
        words: of a sentence.
        kind: what was looked for.
        hits: the results, nearest first.
        image: of a query by image: what was given, a file as a Path; else None.
        sound: of a query by sound: its encoded image, uint8 (size, size, 3); else None.
    """

    query: str
    words: Words
    kind: Kind
    hits: list[Hit]
    image: Path | Image.Image | np.ndarray | None = None
    sound: np.ndarray | None = None

    @property
    def is_image(self) -> bool:
        """The query is an image."""
        return self.image is not None


def require_query(query: str | os.PathLike[str]) -> None:
    """Raise InputError if a query is empty."""
    if not str(query).strip():
        raise InputError("the query is empty: give a sentence, or the file of an image or sound")


def is_sound_file(query: str | os.PathLike[str]) -> bool:
    """Whether a query is the file of a sound. Raises InputError if it is named like one that does not exist."""
    if Path(query).suffix.lower() not in _SOUNDS:
        return False
    if os.path.isfile(query):
        return True
    if isinstance(query, str) and len(query.split()) > 1 and os.sep not in query:
        return False  # a sentence
    raise InputError(f"{query}: no such sound file")


def is_image_file(query: str | os.PathLike[str]) -> bool:
    """Whether a query is the file of an image, and neither that of a sound nor a sentence.

    A word alone is a sentence, also where a file is called so: "./dog" or a Path is that file.

    Raises:
        InputError: the query is empty, or named like an image file that does not exist.
    """
    require_query(query)
    if is_sound_file(query):
        return False
    is_path = not isinstance(query, str) or bool(os.path.dirname(query) or Path(query).suffix)
    if is_path and os.path.isfile(query):  # unlike Path.is_file also false for a sentence too long to be a file name
        return True
    if not isinstance(query, str) or _is_named_like_an_image(query):
        raise InputError(f"{query}: no such image")
    return False


def _is_named_like_an_image(query: str) -> bool:
    suffix = Path(query).suffix.lower()
    if suffix in SUFFIXES:
        return True
    if not suffix or (len(query.split()) > 1 and os.sep not in query):
        return False
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


def check_query(model: EmbeddingModel, query: str | os.PathLike[str]) -> None:
    """Read a query as `search` does. Raises InputError as it does of what cannot be read, or has no known word."""
    if is_image_file(query):
        read_image_for(model, Path(query))
    elif is_sound_file(query):
        read_sound_for(model, Path(query))
    else:
        split_words(model, os.fspath(query))


def default_kind(index: Index, is_image: bool) -> Kind:
    """What a query looks for if nobody says: a sentence or sound for images, an image for captions, or for images where
    the index has no captions."""
    return "captions" if is_image and index.count("captions") else "images"


def search(
    index: Index,
    model: EmbeddingModel,
    query: str | os.PathLike[str] | Image.Image | np.ndarray,
    kind: Kind | None = None,
    k: int = 5,
) -> Answer:
    """Find what is nearest to a sentence, an image or a sound.

    Distances are Euclidean between L2-normalized embeddings. Captions of the same words are one result.

    Args:
        index: what is searched.
        model: that of the index; checked at the first query.
        query: a sentence; the file of an image or sound (see `is_image_file`); a PIL image; or a uint8 array (height,
            width, 3), RGB.
        kind: "images" or "captions", see `default_kind`.
        k: number of results, 1 or more; fewer where the index holds fewer.

    Raises:
        InputError: another model, an image or sound that cannot be read, a sound for a model that takes none, a
            sentence without a known word, captions are looked for in an index without captions, or another kind, k or
            type of query.
    """
    if index.checked_for is not model:  # an identity takes time: that of a model in memory is made of all its weights
        check_model(index, model)
        index.checked_for = model
    image: Path | Image.Image | np.ndarray | None = None
    words, sound, text = Words([], [], []), None, ""
    if isinstance(query, (Image.Image, np.ndarray)):
        image = query
    elif not isinstance(query, (str, os.PathLike)):
        raise InputError(
            "a query is a sentence, the path of an image or sound, a PIL image or a uint8 array, "
            f"not {type(query).__name__}"
        )
    else:
        text = os.fspath(query)
        image = Path(text) if is_image_file(query) else None
    kind = kind or default_kind(index, image is not None)
    if not index.count(kind):
        raise InputError(f"{index.place} holds no {kind}: look for {'images' if kind == 'captions' else 'captions'}")
    if image is not None:
        vector = encode_images(model, [read_image_for(model, image)])
    elif is_sound_file(text):
        vector, sound = encode_sound(model, read_sound_for(model, Path(text)))
    else:
        words = split_words(model, text)
        vector = encode_captions(model, [text])
    [hits] = index.nearest(kind, vector, k)
    return Answer(text, words, kind, hits, image, sound)
