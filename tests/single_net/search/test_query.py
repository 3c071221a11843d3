"""Queries: sentences and images."""

from __future__ import annotations

import pytest
import torch
from color_model import ColorModel

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


def test_another_models_encoder_is_not_ours():
    """The documented way: any object with encode_image, encode_text and identity."""
    model = ColorModel()
    model.encoder = torch.nn.Linear(2, 2)
    assert query.split_words(model, "A red bar").encoded == ["a", "red", "bar"]


def test_long_and_odd_sentences_are_sentences():
    for sentence in ("a dog " * 200, "what \0 is this", "a dog runs. a cat sleeps.", "a dog.avifs", "dog.", "no.1"):
        assert not query.is_image_file(sentence)
