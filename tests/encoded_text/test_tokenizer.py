from __future__ import annotations

import pytest
from hypothesis import given, settings
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
        ("ශ්\u200dරී ලංකා", ["ශ්\u200dරී", "ලංකා"]),  # joiners inside words
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("\u200dක\u200d ක\u200d.", ["ක", "ක"]),  # and at their ends
        ("a\u200db é\u200cc", ["a", "b", "é", "c"]),
        ("𞤀𞥄𞤁𞤢", ["𞤢𞥄𞤣𞤢"]),  # marks beyond U+FFFF
        ("𑄌𑄋𑄴𑄟𑄳𑄦", ["𑄌𑄋𑄴𑄟𑄳𑄦"]),
        ("", []),
        (" \n\t . , !? \x00 🐶 \ud800", []),
    ],
)
def test_words_of_a_caption(caption, words):
    assert tokenize(caption) == words


@settings(deadline=None)  # of a busy machine
@given(st.text())
def test_words_are_stable_and_hold_no_blanks(caption):
    words = tokenize(caption)
    assert all(word.split() == [word] for word in words)
    assert tokenize(" ".join(words)) == words


@settings(deadline=None)  # of a busy machine
@given(st.text(st.sampled_from("aé'- .ක්ර\u200c\u200d\u0301می𞤀𑄴𞥄")))
def test_words_with_joiners_and_marks_are_stable(caption):
    words = tokenize(caption)
    assert tokenize(" ".join(words)) == words
