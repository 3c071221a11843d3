"""Table 3: which queries stand on the sheet, that ties count against the system, and the sheet as HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from shapes import HOSTILE

from experiments.figures.table3 import QUERIES, Direction, draw, make_sheet, save_page
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset
from single_net.inference.model import Model
from single_net.search.sheet import Line, Section, Sheet, Tile

PLAIN = np.zeros((8, 8, 3), np.uint8)
CAPTIONS = [["a red boat", "a boat"], ["a dog runs", "one dog"], ["a red boat", "boats"], ["a cat", "the cat"]]
DATA = CaptionDataset("made-up", "test", list("abcd"), [PLAIN] * 4, CAPTIONS)


def direction(items: list[list[int]], from_images: bool) -> Direction:
    items = np.array(items)
    return Direction(DATA, from_images, np.linspace(0, 1, items.size).reshape(items.shape), items)


def test_own_captions_found_queries_and_the_nearly_right_ones():
    one = direction([[4, 0], [0, 5], [0, 7], [6, 1]], from_images=True)
    assert one.own.tolist() == [[False, True], [False, False], [False, False], [True, False]]
    assert one.first_found() == [0, 3]
    queries, similarity = one.nearly_right()  # image 2 found the caption of image 0, word for word its own
    assert queries == [2, 1] and similarity[2] > 1 > similarity[1]
    asked, results = one.lines([0])[0].query, one.lines([0])[0].results
    assert "a red boat" in asked.note and [item.own for item in results] == [False, True]
    assert [item.text for item in results] == ["a red boat", "a red boat"] and "its own caption" in results[1].note


def test_own_images_and_at_most_one_query_a_image():
    one = direction([[0, 1], [0, 2], [0, 2], [1, 0], [0, 1], [3, 1], [2, 3], [3, 2]], from_images=False)
    assert one.found.tolist() == [True, True, False, True, False, False, True, True]
    assert one.first_found() == [0, 3]  # captions of images 0 and 1
    queries, _ = one.nearly_right()
    assert queries[0] == 4 and len(queries) == 2
    assert one.lines([6])[0].results[1].own and one.lines([6])[0].results[0].image.shape == (192, 192, 3)
    assert one.by_position() == [2, 6] and len(one.by_position()) == QUERIES


@pytest.mark.slow
def test_the_sheet_of_a_run(untrained_run, tmp_path):
    model = Model.load(untrained_run)
    sheet = make_sheet(model, load_dataset("table", model.config.data.root, "test"))
    headings = [section.heading for section in sheet.sections]
    assert headings[0] == "Image-to-sentence: chosen by position"
    assert any(heading.startswith("Sentence-to-image: chosen") for heading in headings)
    assert all(1 <= len(section.lines) <= QUERIES for section in sheet.sections)
    assert all(len(line.results) == 5 for section in sheet.sections for line in section.lines)

    draw(untrained_run, tmp_path / "t.png")
    with Image.open(tmp_path / "t.png") as image:
        assert image.width > 6 * 192
    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert page.count("<figure") == sum(6 for section in sheet.sections for _ in section.lines)


def test_a_wrong_item_at_the_same_distance_comes_first():
    captions = [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"], ["h"]]
    data = CaptionDataset("made-up", "test", list("abcdefg"), [PLAIN] * 7, captions)
    images = np.zeros((7, 2), np.float32)
    images[:, 0] = 1
    texts = np.zeros((8, 2), np.float32)
    texts[:, 0] = 1  # every distance is 0: 7 images, and 6 or 7 wrong captions, are as near as an own item
    for from_images in (True, False):
        one = Direction.of(data, images, texts, from_images=from_images)
        assert one.items.shape[1] == 5 and not one.found.any()
    texts[1] = images[0] = (0, 1)  # one of the captions of image 0 alone is where its image is
    found = Direction.of(data, images, texts, from_images=True).found
    assert found.tolist() == [True] + [False] * 6
    wrong_first = Direction.of(data, images[:3], texts[:4], from_images=True)
    assert wrong_first.own.tolist()[1] == [False, False, True]  # captions 0 and 3 of others before its own


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_page_needs_nothing_else_and_escapes_every_text(tmp_path):
    results = [Tile(image=PLAIN, note="distance 0.10", own=True), Tile(text=HOSTILE, note="distance 0.20")]
    lines = [Line(Tile(text="a red bar"), results), Line(Tile(image=PLAIN, note=HOSTILE), results[:1])]
    sections = [Section("One", "what it is", lines), Section("Two", "", lines)]
    save_page(Sheet(f"Title {HOSTILE}", "a note", sections), tmp_path / "sheet.html")
    text = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    page = Elements()
    page.feed(text)
    assert [tag for tag, _ in page.tags].count("script") == 0
    assert [tag for tag, _ in page.tags].count("b") == 0
    assert page.text.count(HOSTILE) == 6  # title and heading; a caption and a note in each section
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(images) == 6 and all(attrs["src"].startswith("data:image/jpeg;base64,") for attrs in images)
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", text) and "http://" not in text and "https://" not in text
    owned = [attrs for tag, attrs in page.tags if tag == "figure" and "own" in attrs["class"].split()]
    assert len(owned) == 4
