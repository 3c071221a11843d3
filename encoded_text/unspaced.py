"""Scripts without blanks between words, whose phrases this project's tokenizer takes for one long word each."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

# Letters of a script, and the mean length from which its "words" are phrases. Segmented captions stay far below: about
# 2 letters in Chinese and Japanese; about 5, with vowel signs, in Thai, Lao, Burmese and Khmer. Hangul has blanks.
_SCRIPTS = {
    re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"): 4,
    re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"): 9,
}
_ANY = re.compile("|".join(letters.pattern for letters in _SCRIPTS))
_SHARE = 0.1  # of the captions that must hold such words: names and quotations do not count


class ScriptWarning(UserWarning):
    """Captions are written without blanks between words."""


def has_unspaced(word: str) -> bool:
    """Whether a word holds letters of a script without blanks."""
    return not word.isascii() and _ANY.search(word) is not None


def warn_of_unspaced(sentences: Sequence[Sequence[str]]) -> None:
    """Warn where captions are written in a script without blanks and have not been segmented.

    Args:
        sentences: the words of each caption.
    """
    for letters, limit in _SCRIPTS.items():
        words, length, captions, longest = 0, 0, 0, ""
        for sentence in sentences:
            own = [word for word in sentence if not word.isascii() and letters.search(word)]
            words, length, captions = words + len(own), length + sum(map(len, own)), captions + bool(own)
            longest = max(longest, *own, key=len) if own else longest
        if words and length > limit * words and captions > _SHARE * len(sentences):
            warnings.warn(
                f"{captions} of {len(sentences)} captions are written without blanks between words, so that e.g. "
                f"{longest[:20]!r} counts as one word: choose the tokenizer icu, or put blanks between the words "
                "with a segmenter of that language, in the captions of all splits and later in queries",
                ScriptWarning,
                stacklevel=3,
            )
