"""Caption -> words."""

from __future__ import annotations

import re
import unicodedata

# Accents and vowel signs that have no precomposed letter (Python's \w leaves them out, which would cut words in two).
_MARKS = "".join(re.escape(c) for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c)[0] == "M")
_LETTERS = rf"[^\W_](?:[^\W_]|[{_MARKS}])*"
_WORD = re.compile(rf"{_LETTERS}(?:['-]{_LETTERS})*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_SAME = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u2010": "-", "\u00ad": None})


def tokenise(caption: str) -> list[str]:
    """The words of a caption in lower case: runs of letters and digits of any script, apostrophes and hyphens kept
    inside a word ("don't", "t-shirt"), everything else left out. Stop words stay, as in the authors' figure.

    A caption may be empty or hold no word at all: then the list is empty. `tokenise(" ".join(words))` gives the words
    again.
    """
    if caption.isascii():
        return _ASCII_WORD.findall(caption.lower())
    text = unicodedata.normalize("NFKC", caption.translate(_SAME)).lower().translate(_SAME)
    return _WORD.findall(unicodedata.normalize("NFC", text))
