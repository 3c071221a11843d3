"""TextImageEncoder: captions -> word numbers -> pictures, and back."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

from encoded_text import storage, word_vectors
from encoded_text.colors import NORMALISATIONS, normalise, separate
from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.drawing import draw_numpy, palette, read_numpy
from encoded_text.layout import Layout
from encoded_text.tokenizer import tokenise

_CHUNK = 65_536  # captions whose word numbers are laid out at once, to bound the memory


class CaptionWarning(UserWarning):
    """Captions came out blank or cut."""


@dataclass(frozen=True)
class Coverage:
    """What an encoder knows of some captions: numbers of captions, of words in them, of words it does not know (they
    are skipped), of captions cut because they hold more known words than the picture, and of captions in which nothing
    is known (their picture is blank)."""

    captions: int
    words: int
    unknown_words: int
    truncated_captions: int
    blank_captions: int


class TextImageEncoder:
    """A vocabulary, the colours of its words, and the layout in which they are drawn. Never changes once made.

    words          list of str; word number = index + 1, 0 is the blank place
    vocabulary     dict: word -> word number
    colours        uint8 (words, layout.features), all different and none the blank place's
    layout         Layout
    normalisation  "zscore", "per_feature" or "global"
    parameters     JSON-able dict: where the vectors come from, settings and seed, normalisation numbers, counts

    Make one with `fit`, `from_published` or `load`.
    """

    def __init__(
        self, words: Sequence[str], colours: np.ndarray, layout: Layout, normalisation: str, parameters: Mapping
    ) -> None:
        self.words = list(words)
        self.colours = np.ascontiguousarray(colours)
        self.layout = layout
        self.normalisation = normalisation
        self.parameters = dict(parameters)
        self._check()
        self.vocabulary = {word: number for number, word in enumerate(self.words, start=1)}

    @classmethod
    def fit(
        cls,
        captions: Iterable[str],
        layout: Layout | None = None,
        *,
        seed: int = 0,
        normalisation: str = "zscore",
        vectors: str | PathLike | None = None,
        **word2vec,
    ) -> TextImageEncoder:
        """An encoder for these captions, which must be the training captions only.

        layout         Layout.paper() unless given
        seed           of Word2Vec; the same seed gives the same encoder in every process
        normalisation  vectors -> colours, see `encoded_text.colours.normalise`
        vectors        file of published vectors (word2vec text or binary, GloVe text) to use for the captions' words,
                       instead of training; reduced by PCA where they have more features than the layout
        word2vec       settings of `encoded_text.word_vectors.fit_word2vec`: epochs, window, min_count, ...

        Raises InputError where the captions hold no word, or the vectors do not fit.
        """
        layout = layout or Layout.paper()
        _check_normalisation(normalisation)
        sentences = [tokenise(caption) for caption in _strings(captions)]
        counts = {"captions": len(sentences), "tokens": sum(map(len, sentences))}
        if not counts["tokens"]:
            raise InputError(f"there is no word in the {len(sentences)} captions: give captions to learn words from")
        if vectors is None:
            words, values, source = word_vectors.fit_word2vec(sentences, layout.features, seed, **word2vec)
        elif word2vec:
            raise InputError(
                f"{', '.join(word2vec)}: settings of Word2Vec training, which published vectors do not have"
            )
        else:
            words, values = word_vectors.read_vectors(vectors, only=set(chain.from_iterable(sentences)))
            values, source = word_vectors.reduce(values, layout.features, Path(vectors).name)
        return cls._from_vectors(words, values, layout, normalisation, {**counts, **source})

    @classmethod
    def from_published(
        cls, path: str | PathLike, layout: Layout | None = None, *, normalisation: str = "zscore"
    ) -> TextImageEncoder:
        """An encoder for every word of a file of published vectors. Raises InputError like `fit`."""
        layout = layout or Layout.paper()
        _check_normalisation(normalisation)
        words, values = word_vectors.read_vectors(path)
        values, source = word_vectors.reduce(values, layout.features, Path(path).name)
        return cls._from_vectors(words, values, layout, normalisation, source)

    @classmethod
    def _from_vectors(
        cls, words: list[str], vectors: np.ndarray, layout: Layout, normalisation: str, parameters: dict
    ) -> TextImageEncoder:
        colours, numbers = normalise(vectors, normalisation)
        colours, moved = separate(colours, words, _blank_colours(layout))
        return cls(words, colours, layout, normalisation, {**parameters, "colours": {**numbers, "separated": moved}})

    def ids(self, captions: Iterable[str]) -> np.ndarray:
        """Word numbers as they are drawn: int32 (n, capacity), 0 = blank. Unknown words are skipped.

        Warns once (CaptionWarning) with the counts where captions come out blank or cut; raises InputError for a
        caption that is too long where the layout says overflow="error".
        """
        captions = _strings(captions)
        numbers, lengths = self._known(captions)
        capacity = self.layout.capacity
        cut, empty = np.flatnonzero(lengths > capacity), np.flatnonzero(lengths == 0)
        if len(cut) and self.layout.overflow == "error":
            raise InputError(
                f"caption {cut[0]} has {lengths[cut[0]]} known words and the picture has {capacity} places: "
                f"{_shortened(captions[cut[0]])}"
            )
        messages = []
        if len(empty):
            messages.append(f"{len(empty)} hold no known word and are blank, first {_shortened(captions[empty[0]])}")
        if len(cut):
            messages.append(f"{len(cut)} are cut after {capacity} words, first {_shortened(captions[cut[0]])}")
        if messages:
            warnings.warn(f"of {len(captions)} captions {'; '.join(messages)}", CaptionWarning, stacklevel=2)
        return _lay_out(numbers, lengths, capacity, self.layout.fill)

    def transform(self, captions: Iterable[str]) -> np.ndarray:
        """Draw captions: uint8 (n, height, width, 3), RGB. Warns and raises like `ids`.

        Meant for some pictures; batches for a network are drawn from word numbers by `encoded_text.renderer.Renderer`.
        """
        return draw_numpy(self.ids(captions), self._blocks, self.layout)

    def inverse_transform(self, pictures: np.ndarray) -> list[str]:
        """Read the words back: uint8 (n, height, width, 3) -> n captions, words joined by blanks; exact.

        A caption ends at the first blank place, whatever the layout's fill. Raises InputError that names the picture
        and the place (counted from 0) where the pixels are not exactly what this encoder draws.
        """
        size = self.layout.image_size
        pictures = np.asarray(pictures)
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[1:] != (size, size, 3):
            raise InputError(
                f"pictures of shape {pictures.shape} and type {pictures.dtype}: this encoder reads uint8 "
                f"(n, {size}, {size}, 3)"
            )
        ids = self._read(pictures)
        ended = np.cumsum(ids == 0, axis=1) > 0
        lengths = (~ended).sum(axis=1)
        numbers = ids[~ended]
        for number, different in enumerate(self._different(pictures, ids, numbers, lengths)):
            if different.any():
                y, x = np.argwhere(different)[0]
                raise InputError(
                    f"picture {number}: the pixel in row {y}, column {x} (from 0) is not as this encoder draws it: "
                    "was the picture changed, or drawn in another layout?"
                )
        known = iter(numbers.tolist())
        return [" ".join(self.words[next(known) - 1] for _ in range(length)) for length in lengths.tolist()]

    def coverage(self, captions: Iterable[str]) -> Coverage:
        """How much of these captions is drawn, see `Coverage`; nothing is warned about."""
        captions = _strings(captions)
        words = sum(len(tokenise(caption)) for caption in captions)
        lengths = self._known(captions)[1]
        return Coverage(
            captions=len(captions),
            words=words,
            unknown_words=words - int(lengths.sum()),
            truncated_captions=int((lengths > self.layout.capacity).sum()),
            blank_captions=int((lengths == 0).sum()),
        )

    def with_layout(self, layout: Layout) -> TextImageEncoder:
        """The same words and colours in another layout of as many features (another size, fill, background, ...).

        Raises InputError where the number of features differs, or a word would look like the new blank place.
        """
        return TextImageEncoder(self.words, self.colours, layout, self.normalisation, self.parameters)

    def state(self) -> tuple[dict[str, np.ndarray], dict]:
        """Arrays and a JSON-able dict from which `from_state` makes this encoder again, for another file to carry."""
        return {"colours": self.colours}, {
            "words": self.words,
            "layout": self.layout.to_dict(),
            "normalisation": self.normalisation,
            "parameters": self.parameters,
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, np.ndarray], meta: Mapping) -> TextImageEncoder:
        """The inverse of `state`. Raises InputError where something is missing, unknown or does not fit."""
        keys = {"words", "layout", "normalisation", "parameters"}
        if set(arrays) != {"colours"} or not isinstance(meta, Mapping) or set(meta) != keys:
            raise InputError("not the state of an encoder: it holds other entries than an encoder saves")
        if not isinstance(meta["words"], list) or not isinstance(meta["parameters"], Mapping):
            raise InputError("not the state of an encoder: its words or parameters have the wrong type")
        layout = Layout.from_dict(meta["layout"])
        return cls(meta["words"], arrays["colours"], layout, meta["normalisation"], meta["parameters"])

    def save(self, path: str | PathLike) -> None:
        """Write one safetensors file; an older file is replaced only when the new one is complete."""
        storage.write(path, *self.state())

    @classmethod
    def load(cls, path: str | PathLike) -> TextImageEncoder:
        """Read what `save` wrote; needs no gensim. Raises InputError for a missing, foreign or damaged file."""
        try:
            return cls.from_state(*storage.read(path))
        except InputError as error:
            raise InputError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from error

    @cached_property
    def _blocks(self) -> np.ndarray:
        return palette(self.colours, self.layout)

    @cached_property
    def _number_of_block(self) -> dict[bytes, int]:
        return {block.tobytes(): number for number, block in enumerate(self._blocks)}

    def _known(self, captions: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the known words of all captions in a row, int32, and how many each caption has, int64 (n,)."""
        known = self.vocabulary
        bar = progress(captions, what="captions to words", unit="caption")
        numbers = [[known[word] for word in tokenise(caption) if word in known] for caption in bar]
        lengths = np.fromiter(map(len, numbers), np.int64, len(numbers))
        return np.fromiter(chain.from_iterable(numbers), np.int32, int(lengths.sum())), lengths

    def _read(self, pictures: np.ndarray) -> np.ndarray:
        """Word numbers of all places, from the corners of the superpixels: int32 (n, capacity)."""
        layout = self.layout
        blocks = read_numpy(pictures, layout)
        blocks = blocks.reshape(-1, *blocks.shape[2:])
        numbers = [self._number_of_block.get(block.tobytes(), -1) for block in blocks]
        ids = np.array(numbers, np.int32).reshape(len(pictures), layout.capacity)
        if len(strange := np.argwhere(ids < 0)):
            picture, place = strange[0]
            row, column = divmod(int(place), layout.columns)
            raise InputError(
                f"picture {picture}: the block in row {row}, column {column} (from 0) is not a word of this encoder: "
                "was it drawn by another encoder or layout, resized, or saved as JPEG?"
            )
        return ids

    def _different(self, pictures: np.ndarray, ids: np.ndarray, numbers: np.ndarray, lengths: np.ndarray):
        """bool (height, width) a picture: the pixels that neither fill of these words would draw."""
        blank, repeated = (_lay_out(numbers, lengths, self.layout.capacity, fill) for fill in ("blank", "repeat"))
        is_repeated = (ids == repeated).all(axis=1, keepdims=True)
        expected = np.where(is_repeated, repeated, blank)
        for number, picture in enumerate(pictures):
            yield (draw_numpy(expected[number, None], self._blocks, self.layout)[0] != picture).any(axis=-1)

    def _check(self) -> None:
        """Everything that would otherwise draw wrong pictures or read wrong words, whatever the source."""
        words, colours, layout = self.words, self.colours, self.layout
        if not words or not all(isinstance(word, str) and word.split() == [word] for word in words):
            raise InputError("an encoder needs a list of words, none of them empty or with a blank inside")
        if len(set(words)) != len(words):
            raise InputError("an encoder's words must differ: one is listed twice")
        if colours.dtype != np.uint8 or colours.ndim != 2 or len(colours) != len(words):
            raise InputError(f"colours of shape {colours.shape} and type {colours.dtype} do not fit {len(words)} words")
        if colours.shape[1] != layout.features:
            raise InputError(
                f"the layout has {layout.features} features, but the encoder's words have {colours.shape[1]}: "
                "fit an encoder for that layout"
            )
        _check_normalisation(self.normalisation)
        blank = _blank_colours(layout)
        if blank is not None and (colours == blank).all(axis=1).any():
            raise InputError("a word has the colours of the layout's blank places: choose another blank colour")
        if len(np.unique(colours, axis=0)) != len(colours):
            raise InputError("two words of the encoder have the same colours and could not be told apart")


def _blank_colours(layout: Layout) -> np.ndarray | None:
    """Feature values of a word that would look like a blank place; None where the zero padding of the last superpixel
    tells every word from a blank one."""
    values = np.tile(np.array(layout.blank, np.uint8), layout.superpixels)
    return None if values[layout.features :].any() else values[: layout.features]


def _lay_out(numbers: np.ndarray, lengths: np.ndarray, capacity: int, fill: str) -> np.ndarray:
    """Words in a row (and how many belong to each caption) -> the places of the pictures, int32 (n, capacity)."""
    ids = np.zeros((len(lengths), capacity), np.int32)
    starts = np.cumsum(lengths) - lengths
    with_blank = np.append(numbers, np.int32(0))
    for first in range(0, len(lengths), _CHUNK):
        part = slice(first, first + _CHUNK)
        length = np.minimum(lengths[part, None], capacity)
        place = np.arange(capacity)[None]
        if fill == "repeat":
            place = place % (length + 1)  # the copy, then one blank place
        ids[part] = with_blank[np.where(place < length, starts[part, None] + place, len(numbers))]
    return ids


def _strings(captions: Iterable[str]) -> list[str]:
    if isinstance(captions, str | bytes):
        raise InputError("captions are one piece of text: give a list of captions")
    captions = list(captions)
    for number, caption in enumerate(captions):
        if not isinstance(caption, str):
            raise InputError(f"caption {number} is {type(caption).__name__}, not text")
    return captions


def _shortened(caption: str) -> str:
    return repr(caption if len(caption) <= 60 else caption[:57] + "...")


def _check_normalisation(method: object) -> None:
    if method not in NORMALISATIONS:
        raise InputError(f"normalisation is {method!r}: choose {', '.join(NORMALISATIONS)}")
