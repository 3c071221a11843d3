"""Word vectors -> colours: 0..255 a feature, no two words alike."""

from __future__ import annotations

import numpy as np

from encoded_text.common.errors import InputError

NORMALISATIONS = ("zscore", "per_feature", "global")
ZSCORE_CLIP = 3.0  # standard deviations that reach 0 and 255


def normalise(vectors: np.ndarray, method: str) -> tuple[np.ndarray, dict]:
    """Word vectors (words, features) -> colours uint8 of the same shape, and the numbers used, JSON-able.

    "global"       from the smallest to the largest value of all vectors
    "per_feature"  from the smallest to the largest value of each feature
    "zscore"       (x - mean) / standard deviation of each feature, from -3 to +3, clipped there

    Each range is mapped linearly to 0..255 and rounded; a feature that never varies becomes the middle, 128. Never per
    word: in the authors' figure the words' extremes differ and reach neither 0 nor 255.
    Raises InputError for another method, or values that are not finite.
    """
    vectors = np.asarray(vectors, np.float64)
    if not np.isfinite(vectors).all():
        word = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise InputError(f"word vector {word} holds values that are not finite: word vectors must be plain numbers")
    if method == "global":
        low, high = np.full(vectors.shape[1], vectors.min()), np.full(vectors.shape[1], vectors.max())
        numbers = {"min": float(low[0]), "max": float(high[0])}
    elif method == "per_feature":
        low, high = vectors.min(axis=0), vectors.max(axis=0)
        numbers = {"min": low.tolist(), "max": high.tolist()}
    elif method == "zscore":
        mean = vectors.mean(axis=0)
        deviation = np.where(np.ptp(vectors, axis=0) > 0, vectors.std(axis=0), 0)  # exactly 0, whatever the rounding
        low, high = mean - ZSCORE_CLIP * deviation, mean + ZSCORE_CLIP * deviation
        numbers = {"mean": mean.tolist(), "std": deviation.tolist(), "clip": ZSCORE_CLIP}
    else:
        raise InputError(f"normalisation is {method!r}: choose {', '.join(NORMALISATIONS)}")
    span = high - low
    varies = span > 0
    share = np.where(varies, (vectors - low) / np.where(varies, span, 1), 0.5)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8), {"method": method, **numbers}


def separate(colours: np.ndarray, words: list[str], blank: np.ndarray | None) -> tuple[np.ndarray, int]:
    """Give every word colours of its own, so that pixels can be read back: (colours, how many words were moved).

    colours  uint8 (words, features)
    blank    uint8 (features,): the colours of an empty place, which no word may have; None where it cannot be mistaken

    The first word of several alike keeps its colours; each later one, and a word equal to the blank place, has one
    value changed by one: the first such change, in the order of features and +1 before -1, that is not taken.
    Raises InputError where all of them are taken.
    """
    taken = {row.tobytes() for row in colours}
    if blank is not None:
        taken.add(blank.tobytes())
    keeps = np.zeros(len(colours), bool)
    keeps[np.unique(colours, axis=0, return_index=True)[1]] = True
    if blank is not None:
        keeps &= (colours != blank).any(axis=1)
    separated = colours.copy()
    moved = np.flatnonzero(~keeps)
    for index in moved:
        separated[index] = _free_neighbour(colours[index], taken, words[index])
        taken.add(separated[index].tobytes())
    return separated, len(moved)


def _free_neighbour(colour: np.ndarray, taken: set[bytes], word: str) -> np.ndarray:
    for feature, value in enumerate(colour.tolist()):
        for changed in (value + 1, value - 1):
            if 0 <= changed <= 255:
                neighbour = colour.copy()
                neighbour[feature] = changed
                if neighbour.tobytes() not in taken:
                    return neighbour
    raise InputError(
        f"too many words have the colours of {word!r} and cannot be told apart: use more features, another "
        "normalisation, or vectors trained on more captions"
    )
