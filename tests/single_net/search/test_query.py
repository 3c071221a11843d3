"""Queries: sentences and images."""

from __future__ import annotations

import pytest

from encoded_text import InputError
from single_net.search import query


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("  ", "empty"),
        ("missing/photo.JPG", "no such image"),
        *(
            (f"holiday{ending}", "no such image")
            for ending in (".avif", ".heic", ".jfif", ".jp2", ".HEIF", ".CR3", ".orf")
        ),
        ("my pictures/last holiday.avif", "no such image"),
    ],
)
def test_queries_that_are_neither_sentence_nor_image(text, word):
    with pytest.raises(InputError, match=word):
        query.is_image_file(text)


def test_long_and_odd_sentences_are_sentences():
    for sentence in ("a dog " * 200, "what \0 is this", "a dog runs. a cat sleeps.", "a dog.avifs", "dog.", "no.1"):
        assert not query.is_image_file(sentence)
