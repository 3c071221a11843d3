"""Captions -> words."""

from __future__ import annotations

import re
import unicodedata

# Combining accents and vowel signs belong to a word, but Python's \w leaves them out.
_MARKS = "".join(re.escape(c) for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c)[0] == "M")
_LETTERS = rf"[^\W_](?:[^\W_]|[{_MARKS}])*"
_WORD = re.compile(rf"{_LETTERS}(?:['-]{_LETTERS})*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
# Typographic apostrophes and hyphens become the ASCII ones; soft hyphens are removed.
_SAME = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u2010": "-", "\u00ad": None})


def tokenize(caption: str) -> list[str]:
    """Split a caption into words in lower case.

    A word is a run of letters and digits of any script, with apostrophes and hyphens inside it ("don't", "t-shirt").
    Everything else is dropped. Stop words stay, as in the authors' figure. Joining the words with spaces and tokenizing
    again gives the same words.

    Args:
        caption: any text; it may be empty.

    Returns:
        The words in order; an empty list where the caption holds none.
    """
    if caption.isascii():
        return _ASCII_WORD.findall(caption.lower())
    text = unicodedata.normalize("NFKC", caption.translate(_SAME)).lower().translate(_SAME)
    return _WORD.findall(unicodedata.normalize("NFC", text))
