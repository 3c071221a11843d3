"""Word vectors -> colors: one value from 0 to 255 for each feature, and no two words with the same colors."""

from __future__ import annotations

from typing import Any

import numpy as np

from encoded_text.common.arguments import require_choice
from encoded_text.common.errors import InputError
from encoded_text.layout import Layout

NORMALIZATIONS = ("zscore", "per_feature", "global")
ZSCORE_CLIP = 3.0  # standard deviations from the mean that become 0 and 255


def normalize(vectors: np.ndarray, method: str, fitted: int | None = None) -> tuple[np.ndarray, dict[str, Any]]:
    """Normalize word vectors to colors.

    Each method maps a range of values linearly to 0..255 and rounds; values outside it are clipped. A feature that is
    the same in all words becomes the middle, 128. No method normalizes word by word: in the authors' figure the extreme
    values differ between words and reach neither 0 nor 255.

    Args:
        vectors: float (words, features).
        method: the range: "zscore", each feature's mean plus and minus 3 standard deviations; "per_feature", each
            feature's minimum to maximum; "global", minimum to maximum over all features.
        fitted: the number of words, the first, that decide the range; None: all.

    Returns:
        The colors, uint8 (words, features), and the method with its statistics as a JSON-able dict.

    Raises:
        InputError: the method is unknown, or a value is not finite.
    """
    require_choice("normalization", method, NORMALIZATIONS)
    vectors = np.asarray(vectors, np.float64)
    if not np.isfinite(vectors).all():
        word = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise InputError(f"word vector {word} holds values that are not finite: word vectors must be plain numbers")
    statistics: dict[str, Any]
    decisive = vectors[:fitted]
    if method == "global":
        low, high = np.full(vectors.shape[1], decisive.min()), np.full(vectors.shape[1], decisive.max())
        statistics = {"min": float(low[0]), "max": float(high[0])}
    elif method == "per_feature":
        low, high = decisive.min(axis=0), decisive.max(axis=0)
        statistics = {"min": low.tolist(), "max": high.tolist()}
    else:
        mean = decisive.mean(axis=0)
        std = np.where(np.ptp(decisive, axis=0) > 0, decisive.std(axis=0), 0)  # std of a constant may round to above 0
        low, high = mean - ZSCORE_CLIP * std, mean + ZSCORE_CLIP * std
        statistics = {"mean": mean.tolist(), "std": std.tolist(), "clip": ZSCORE_CLIP}
    span = high - low
    varies = span > 0
    share = np.where(varies, (vectors - low) / np.where(varies, span, 1), 0.5)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8), {"method": method, **statistics}


def separate(colors: np.ndarray, words: list[str], blank: np.ndarray | None) -> tuple[np.ndarray, int]:
    """Make the colors of all words different, so that words can be read back from pixels.

    The first of several words with equal colors keeps them. Every other one, and a word that looks like a blank slot,
    has one value changed by one: features are tried in order, +1 before -1, until the colors are free.

    Args:
        colors: uint8 (words, features).
        words: the words, for the error message.
        blank: uint8 (features,), the colors of a blank slot; None if no word can look like one.

    Returns:
        The different colors, uint8 (words, features), and the number of words that were changed.

    Raises:
        InputError: no free colors are left near a word's.
    """
    taken = {row.tobytes() for row in colors}
    if blank is not None:
        taken.add(blank.tobytes())
    keeps = np.zeros(len(colors), bool)
    keeps[np.unique(colors, axis=0, return_index=True)[1]] = True
    if blank is not None:
        keeps &= (colors != blank).any(axis=1)
    separated = colors.copy()
    changed = np.flatnonzero(~keeps)
    for index in changed:
        separated[index] = _free_neighbor(colors[index], taken, words[index])
        taken.add(separated[index].tobytes())
    return separated, len(changed)


def blank_colors(layout: Layout) -> np.ndarray | None:
    """The feature values with which a word would look like a blank slot.

    Args:
        layout: the layout of the words.

    Returns:
        uint8 (features,), or None if there are no such values because the zeros that pad the last superpixel tell
        every word from a blank slot.
    """
    values = np.tile(np.array(layout.blank, np.uint8), layout.superpixels)
    return None if values[layout.features :].any() else values[: layout.features]


def check_colors(colors: np.ndarray, words: int, layout: Layout) -> None:
    """Refuse colors that would draw wrong images or could not be read back.

    Args:
        colors: what should be uint8 (words, features).
        words: the number of words.
        layout: the layout they are to be drawn in.

    Raises:
        InputError: the type or shape is wrong, a word looks like a blank slot, or two words look the same.
    """
    if colors.dtype != np.uint8 or colors.ndim != 2 or len(colors) != words:
        raise InputError(f"colors of shape {colors.shape} and type {colors.dtype} do not fit {words} words")
    if colors.shape[1] != layout.features:
        raise InputError(
            f"the layout has {layout.features} features, but the encoder's words have {colors.shape[1]}: "
            "fit an encoder for that layout"
        )
    blank = blank_colors(layout)
    if blank is not None and (colors == blank).all(axis=1).any():
        raise InputError("a word has the colors of the layout's blank slots: choose another blank color")
    if len(np.unique(colors, axis=0)) != len(colors):
        raise InputError("two words of the encoder have the same colors and could not be told apart")


def _free_neighbor(color: np.ndarray, taken: set[bytes], word: str) -> np.ndarray:
    for feature, value in enumerate(color.tolist()):
        for changed in (value + 1, value - 1):
            if 0 <= changed <= 255:
                neighbor = color.copy()
                neighbor[feature] = changed
                if neighbor.tobytes() not in taken:
                    return neighbor
    raise InputError(
        f"too many words have the colors of {word!r} and cannot be told apart: use more features, another "
        "normalization, or vectors trained on more captions"
    )
