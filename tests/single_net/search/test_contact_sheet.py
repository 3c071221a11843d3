"""Sheets of results: every item is on them, nothing of a caption is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from shapes import HOSTILE

from single_net.common.html import SIDE, fill_template
from single_net.search.contact_sheet import Item, Line, Section, Sheet, save_page, save_png

RED, BLUE = (np.full((90, 120, 3), colour, np.uint8) for colour in ((200, 30, 30), (30, 30, 200)))


@pytest.fixture
def sheet() -> Sheet:
    results = [Item(picture=RED, note="distance 0.10", own=True), Item(text=HOSTILE, note="distance 0.20")]
    lines = [Line(Item(text="a red bar"), results), Line(Item(picture=BLUE, note=HOSTILE), results[:1])]
    return Sheet(f"Title {HOSTILE}", "a note", [Section("One", "what it is", lines), Section("Two", "", lines)])


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_png_shows_every_picture_and_frames_the_true_one(sheet, tmp_path):
    save_png(sheet, tmp_path / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")).astype(int)
    near = [(np.abs(pixels - colour).max(axis=2) < 8).sum() for colour in ((200, 30, 30), (30, 30, 200), (31, 157, 77))]
    inside = (SIDE - 10) ** 2  # the frame covers the rest of a true picture
    assert near[0] == 4 * inside
    assert 2 * inside < near[1] <= 2 * SIDE**2
    assert 4 * (SIDE**2 - inside) <= near[2]  # frames, and the notes below them
    assert pixels.shape[1] > 3 * SIDE and (pixels[-5:] == 255).all()


def test_long_captions_and_long_words_stay_inside_their_tile(tmp_path):
    text = "word " * 80 + "x" * 200
    save_png(Sheet("t", "n", [Section("h", "n", [Line(Item(text="q"), [Item(text=text)])])]), tmp_path / "s.png")
    pixels = np.asarray(Image.open(tmp_path / "s.png").convert("L"))
    assert pixels.shape[0] > 2 * SIDE
    assert (pixels[:, -20:] == 255).all()


def test_many_results_go_on_below(tmp_path):
    for count in (10, 25):
        results = [Item(picture=RED)] * count
        save_png(Sheet("t", "n", [Section("h", "n", [Line(Item(text="q"), results)])]), tmp_path / f"{count}.png")
    with Image.open(tmp_path / "10.png") as ten, Image.open(tmp_path / "25.png") as more:
        assert more.width == ten.width and more.height > ten.height + 2 * SIDE


def test_the_page_needs_nothing_else_and_escapes_every_text(sheet, tmp_path):
    save_page(sheet, tmp_path / "sheet.html")
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


def test_templates_fill_only_their_own_marks():
    page = fill_template("sheet.html", title="{{body}}", note="n", body="{{title}}")
    assert page.count("{{body}}") == 2 and page.count("{{title}}") == 1
    with pytest.raises(KeyError):
        fill_template("sheet.html", title="t")
