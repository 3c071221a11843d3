"""Queries: sentences and images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from color_model import COLORS, ColorModel
from PIL import Image

from encoded_text import InputError
from single_net.search import query
from single_net.search.answer import answer_record, answer_sheet, answer_text
from single_net.search.indexes import open_index
from single_net.search.indexing import update_index
from single_net.search.source import SourceImages


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


def test_a_word_is_a_sentence_where_a_file_is_called_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("dog", "a dog", "dog.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / name, "PNG")
    for sentence in ("dog", "a dog"):
        assert not query.is_image_file(sentence)
    for file in ("./dog", Path("dog"), str(tmp_path / "dog"), "dog.png"):
        assert query.is_image_file(file)
    with pytest.raises(InputError, match="no such image"):
        query.is_image_file(Path("cat"))


@pytest.fixture(scope="module")
def colors(tmp_path_factory):
    """Index of three images, one of each color."""
    folder = tmp_path_factory.mktemp("colors")
    for name in ("red", "green", "blue"):
        Image.new("RGB", (40, 30), COLORS[name]).save(folder / f"{name}.png")
    update_index(folder / ".index", ColorModel(), folder)
    return open_index(folder / ".index")


def test_images_that_are_no_files_are_queries(colors):
    image = Image.new("RGB", (50, 20), COLORS["green"])
    images = SourceImages(colors.header.source)
    for given in (image, np.array(image), Path(colors.header.source.root) / "green.png"):
        answer = query.search(colors, ColorModel(), given, k=1)
        assert answer.is_image and answer.kind == "images" and answer.hits[0].item.name == "green.png"
        assert answer_record(answer, images)["query_is_image"] and answer_text(answer)
        [line] = answer_sheet(colors, [answer], images).sections[0].lines
        assert line.query.note == ("green.png" if isinstance(given, Path) else "")
        assert (line.query.image[5, 5] == COLORS["green"]).all()


@pytest.mark.parametrize("given", [None, 3, ["a red bar"], b"red", np.zeros((3, 4)), np.zeros((2, 3, 4, 3), np.uint8)])
def test_other_queries_are_one_line(colors, given):
    with pytest.raises(InputError, match="uint8 array"):
        query.search(colors, ColorModel(), given)


def test_other_kinds_and_numbers_of_results_are_one_line(colors):
    with pytest.raises(InputError, match="kind is 'image': choose one of images, captions"):
        query.search(colors, ColorModel(), "red", kind="image")
    for k in (-1, "3"):
        with pytest.raises(InputError, match="whole number of results"):
            query.search(colors, ColorModel(), "red", k=k)
