"""TextImageEncoder: captions -> word ids -> images, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from os import PathLike
from typing import Any

import numpy as np

from encoded_text import storage
from encoded_text.colors import NORMALIZATIONS, check_colors
from encoded_text.common.arguments import require_choice
from encoded_text.common.errors import InputError
from encoded_text.decoding import Decoder
from encoded_text.drawing import draw_numpy, palette
from encoded_text.fitting import learned_colors, published_colors
from encoded_text.given_vectors import Vectors
from encoded_text.layout import Layout, checked_layout
from encoded_text.tokenizer import TOKENIZERS, Tokenizer, tokenizer_by_name
from encoded_text.unspaced import warn_of_unspaced
from encoded_text.word_ids import Coverage, WordIds, check_captions, check_words, renumber, report_losses


class TextImageEncoder:
    """A vocabulary, the colors of its words, and the layout they are drawn in. It does not change once made.

    Make one with `fit`, `from_published` or `load`.

    Attributes:
        words: the words; the id of a word is its index + 1, and 0 is the blank slot.
        vocabulary: word -> word id.
        colors: uint8 (words, layout.features), read-only, all different, none like a blank slot.
        layout: the layout.
        normalization: "zscore", "per_feature" or "global", see `encoded_text.colors.normalize`.
        tokenizer: "spaces" or "icu", how captions are split into words, see `encoded_text.tokenizer.tokenizer_by_name`.
        parameters: JSON-able record of the origin: source of the vectors, settings, seed, statistics, counts.

    Raises:
        InputError: the values do not fit each other, or words could not be told apart.
    """

    def __init__(
        self,
        words: Sequence[str],
        colors: np.ndarray,
        layout: Layout,
        normalization: str,
        parameters: Mapping[str, Any],
        tokenizer: str = "spaces",
    ) -> None:
        self.words = list(words)
        self.colors = np.array(colors, order="C")
        self.colors.setflags(write=False)  # words drawn later look like those drawn before
        self.layout = checked_layout(layout)
        self.normalization = normalization
        self.parameters = dict(parameters)
        self.tokenizer = tokenizer
        check_words(self.words)
        check_colors(self.colors, len(self.words), layout)
        require_choice("normalization", normalization, NORMALIZATIONS)
        require_choice("tokenizer", tokenizer, TOKENIZERS)
        self.vocabulary = {word: number for number, word in enumerate(self.words, start=1)}

    @classmethod
    def fit(
        cls,
        captions: Iterable[str],
        layout: Layout | None = None,
        *,
        seed: int = 0,
        normalization: str = "zscore",
        vectors: Vectors | None = None,
        tokenizer: str = "spaces",
        **word2vec: Any,
    ) -> TextImageEncoder:
        """Make an encoder for the words of captions.

        Args:
            captions: the training captions, and no others.
            layout: `Layout.paper()` by default.
            seed: of Word2Vec; the same seed gives the same encoder in every process.
            normalization: how vectors become colors, see `encoded_text.colors.normalize`.
            vectors: a file of published vectors, gensim's KeyedVectors or a mapping of words to vectors, to use instead
                of training; reduced by PCA where they have more values than the layout has features. Words without a
                vector are left out; the first others are kept for queries, see `encoded_text.fitting.published_colors`.
            tokenizer: how captions are split into words, see `encoded_text.tokenizer.tokenizer_by_name`.
            **word2vec: settings of `encoded_text.word_vectors.fit_word2vec`: epochs, window, min_count, ...

        Raises:
            InputError: the captions hold no word, a setting is out of range, the vectors do not fit the layout, or the
                tokenizer's package is missing.
        """
        layout = checked_layout(layout)
        require_choice("normalization", normalization, NORMALIZATIONS)
        split = tokenizer_by_name(tokenizer)
        sentences = [split(caption) for caption in check_captions(captions)]
        counts = {"captions": len(sentences), "tokens": sum(map(len, sentences))}
        if not counts["tokens"]:
            raise InputError(f"there is no word in the {len(sentences)} captions: give captions to learn words from")
        if tokenizer == "spaces":
            warn_of_unspaced(sentences)
        if vectors is None:
            words, colors, source = learned_colors(sentences, layout, normalization, seed, **word2vec)
        elif word2vec:
            raise InputError(f"{', '.join(word2vec)}: settings of Word2Vec, which published vectors do not have")
        else:
            words, colors, source = published_colors(vectors, layout, normalization, set(chain(*sentences)))
        return cls(words, colors, layout, normalization, {**counts, **source}, tokenizer)

    @classmethod
    def from_published(
        cls,
        vectors: Vectors,
        layout: Layout | None = None,
        *,
        normalization: str = "zscore",
        tokenizer: str = "spaces",
    ) -> TextImageEncoder:
        """Make an encoder for every word of published vectors.

        Args:
            vectors: a file, gensim's KeyedVectors or a mapping, see `encoded_text.vector_files.read_vectors`.
            layout: `Layout.paper()` by default.
            normalization: how vectors become colors, see `encoded_text.colors.normalize`.
            tokenizer: how captions are split into words, see `encoded_text.tokenizer.tokenizer_by_name`.

        Raises:
            InputError: the vectors cannot be read, or do not fit the layout.
        """
        layout = checked_layout(layout)
        words, colors, source = published_colors(vectors, layout, normalization)
        return cls(words, colors, layout, normalization, source, tokenizer)

    @cached_property
    def tokenize(self) -> Tokenizer:
        """Splits a caption into words, known or not. Raises InputError if the tokenizer's package is missing."""
        return tokenizer_by_name(self.tokenizer)

    def look_up(self, captions: list[str]) -> WordIds:
        """Ids of the known words of captions, without a warning. Raises InputError as `tokenize`."""
        return WordIds.look_up(captions, self.vocabulary, self.tokenize)

    def ids(self, captions: Iterable[str]) -> np.ndarray:
        """Word ids of captions, one for each slot of the image.

        Unknown words are skipped. A `CaptionWarning` counts the captions that come out blank or truncated.

        Args:
            captions: any texts.

        Returns:
            int32 (n, capacity), 0 = blank.

        Raises:
            InputError: a caption is not text.
        """
        captions = check_captions(captions)
        known = self.look_up(captions)
        report_losses(captions, known, self.layout)
        return known.lay_out(self.layout.capacity, self.layout.fill)

    def transform(self, captions: Iterable[str]) -> np.ndarray:
        """Encode captions as images.

        Meant for a few captions; `encoded_text.renderer.Renderer` draws batches from word ids on any device.

        Args:
            captions: any texts.

        Returns:
            uint8 (n, image_size, image_size, 3), RGB.

        Raises:
            InputError: as in `ids`, which also warns.
        """
        return self.draw(self.ids(captions))

    def draw(self, ids: np.ndarray) -> np.ndarray:
        """Draw encoded captions from word ids.

        Args:
            ids: int (n, capacity), 0 = blank, as `ids` gives them.

        Returns:
            uint8 (n, image_size, image_size, 3), RGB.

        Raises:
            InputError: the shape or type is wrong, or an id is negative or beyond the vocabulary.
        """
        return draw_numpy(ids, self._blocks, self.layout)

    def inverse_transform(self, images: np.ndarray) -> list[str]:
        """Read captions back from images, exactly. A caption ends at its first blank slot, whatever the layout's fill.

        Args:
            images: uint8 (n, image_size, image_size, 3), RGB.

        Returns:
            n captions, words joined by spaces.

        Raises:
            InputError: the shape or type is wrong, or the pixels are not exactly what this encoder draws; the message
                names the image, row and column.
        """
        found = self._decoder.decode(images)
        words = (self.words[number - 1] for number in found.ids.tolist())
        return [" ".join(islice(words, length)) for length in found.lengths.tolist()]

    def augment(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The image as it is: training drops words before they are drawn, and crops where the paper does."""
        return image

    def coverage(self, captions: Iterable[str]) -> Coverage:
        """Count how much of some captions would be drawn, without a warning. Raises InputError as `ids`."""
        return Coverage.count(check_captions(captions), self.vocabulary, self.tokenize, self.layout.capacity)

    def with_layout(self, layout: Layout) -> TextImageEncoder:
        """The same words and colors in another layout: another size, fill, background, ...

        Args:
            layout: a layout of as many features.

        Raises:
            InputError: the number of features differs, or a word would look like a blank slot.
        """
        return TextImageEncoder(self.words, self.colors, layout, self.normalization, self.parameters, self.tokenizer)

    def compact(self, ids: np.ndarray) -> tuple[TextImageEncoder, np.ndarray]:
        """The encoder of the words in use alone: drawing them takes no memory for all the others.

        Args:
            ids: int (n, capacity), word ids of this encoder, 0 = blank.

        Returns:
            A new encoder, which draws the same images from the returned ids, int32 (n, capacity).
        """
        used, renumbered = renumber(ids, len(self.words))
        words = [self.words[i] for i in used]
        settings = self.normalization, self.parameters, self.tokenizer
        return TextImageEncoder(words, self.colors[used], self.layout, *settings), renumbered

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The encoder as arrays by name and a JSON-able dict, to be stored in a file; `from_state` makes it again."""
        return {"colors": self.colors.copy()}, {
            "words": self.words,
            "layout": self.layout.to_dict(),
            "normalization": self.normalization,
            "parameters": self.parameters,
            "tokenizer": self.tokenizer,
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> TextImageEncoder:
        """The inverse of `state`.

        Args:
            arrays, meta: as `state` gives them.

        Raises:
            InputError: an entry is missing, unknown or of the wrong type, or the entries do not fit each other.
        """
        values = storage.checked(arrays, meta)
        return cls(**values | {"layout": Layout.from_dict(values["layout"]), "colors": arrays["colors"]})

    def save(self, path: str | PathLike[str]) -> None:
        """Write the encoder to a file, which is replaced only when the new one is complete.

        Args:
            path: the safetensors file to write.

        Raises:
            InputError: the file cannot be written there.
        """
        storage.write(path, *self.state())

    @classmethod
    def load(cls, path: str | PathLike[str]) -> TextImageEncoder:
        """Read an encoder that `save` wrote. It imports neither gensim nor torch.

        Args:
            path: the file to read.

        Raises:
            InputError: the file is missing or damaged, or is not an encoder.
        """
        try:
            return cls.from_state(*storage.read(path))
        except InputError as error:
            raise InputError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from error

    @cached_property
    def _blocks(self) -> np.ndarray:
        return palette(self.colors, self.layout)

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(self._blocks, self.layout)
