from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoded_text.tokenizer import tokenize


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A dog runs .", ["a", "dog", "runs"]),
        ("A girl's T-shirt; don't", ["a", "girl's", "t-shirt", "don't"]),
        ("don’t", ["don't"]),
        ("'quoted' -dash- --", ["quoted", "dash"]),
        ("two-year-old, 25 men", ["two-year-old", "25", "men"]),
        ("under_score", ["under", "score"]),
        ("Ein GROẞER Bär, Café", ["ein", "großer", "bär", "café"]),
        ("cafe\u0301", ["café"]),  # a combining accent, composed
        ("ﬁsh ＡＢＣ", ["fish", "abc"]),
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs do not cut words
        ("犬が走る", ["犬が走る"]),
        ("co\u00adoperate", ["cooperate"]),
        ("", []),
        (" \n\t . , !? \x00 🐶 \ud800", []),
    ],
)
def test_words_of_a_caption(caption, words):
    assert tokenize(caption) == words


@given(st.text())
def test_words_are_stable_and_hold_no_blanks(caption):
    words = tokenize(caption)
    assert all(word.split() == [word] for word in words)
    assert tokenize(" ".join(words)) == words
