"""Captions -> words."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from encoded_text.common.arguments import require_choice
from encoded_text.common.errors import InputError
from encoded_text.unspaced import has_unspaced

TOKENIZERS = ("spaces", "icu")
Tokenizer = Callable[[str], list[str]]

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
    return _word().findall(unicodedata.normalize("NFC", text))


@cache
def _word() -> re.Pattern[str]:
    # Combining accents and vowel signs belong to a word, but Python's \w leaves them out.
    marks, rare = _marks(0x300, 0x10000), _marks(0x10000, sys.maxunicode + 1)
    # Joiners inside a word shape its letters (Sinhala, Persian); beside Latin ones they are stray.
    joiners = rf"(?<![a-z])[\u200c\u200d]+(?![a-z])(?=[^\W_]|[{marks}{rare}])"
    # The first look ahead spares most characters the long search among rare marks.
    others = rf"(?=[\u200c\u200d\U00010000-\U0010ffff])(?:[{rare}]|{joiners})"
    letters = rf"[^\W_](?:[^\W_]|[{marks}]|{others})*"
    return re.compile(rf"{letters}(?:['-]{letters})*")


def _marks(start: int, end: int) -> str:
    return "".join(re.escape(c) for c in map(chr, range(start, end)) if unicodedata.category(c)[0] == "M")


def tokenizer_by_name(name: str) -> Tokenizer:
    """The function that splits captions into words.

    Args:
        name: "spaces": `tokenize`. "icu": the same, and runs of Chinese, Japanese, Thai, Lao, Khmer or Burmese, whose
            words no spaces separate, are split by the dictionaries of ICU (the extra `icu`).

    Raises:
        InputError: another name, or the package is missing.
    """
    require_choice("tokenizer", name, TOKENIZERS)
    if name == "spaces":
        return tokenize
    _word_breaker()
    return _tokenize_icu


def _tokenize_icu(caption: str) -> list[str]:
    breaker = _word_breaker()
    words = []
    for word in tokenize(caption):
        # ICU chooses the dictionary by script; any locale will do.
        words += tokenize(" ".join(breaker(word, "en"))) if has_unspaced(word) else [word]
    return words


def _word_breaker() -> Any:
    try:
        from icu4py.breakers import WordBreaker
    except ImportError as error:
        raise InputError("the tokenizer icu needs its package: pip install 'single-net[icu]'") from error
    return WordBreaker
