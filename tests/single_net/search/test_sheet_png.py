"""Contact sheets as PNG: every item is on them."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from PIL import Image

from single_net.search import sheet_png
from single_net.search.sheet import SIDE, Line, Section, Sheet, Tile
from single_net.search.sheet_png import save_png

RED = np.full((90, 120, 3), (200, 30, 30), np.uint8)


def test_the_png_shows_every_image_and_frames_the_true_one(sheet, tmp_path):
    save_png(sheet, tmp_path / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")).astype(int)
    near = [(np.abs(pixels - color).max(axis=2) < 8).sum() for color in ((200, 30, 30), (30, 30, 200), (31, 157, 77))]
    inside = (SIDE - 10) ** 2  # the frame covers the rest of a true image
    assert near[0] == 4 * inside
    assert 2 * inside < near[1] <= 2 * SIDE**2
    assert 4 * (SIDE**2 - inside) <= near[2]  # frames, and the notes below them
    assert pixels.shape[1] > 3 * SIDE and (pixels[-5:] == 255).all()


def test_long_captions_and_long_words_stay_inside_their_tile(tmp_path):
    text = "word " * 80 + "x" * 200
    save_png(Sheet("t", "n", [Section("h", "n", [Line(Tile(text="q"), [Tile(text=text)])])]), tmp_path / "s.png")
    pixels = np.asarray(Image.open(tmp_path / "s.png").convert("L"))
    assert pixels.shape[0] > 2 * SIDE
    assert (pixels[:, -20:] == 255).all()


def test_a_word_of_any_length_is_broken_in_no_time():
    font = sheet_png._font(14, False)
    word = "".join(chr(97 + i % 26) for i in range(30_000))
    lines = sheet_png._wrapped(word, font, 200)
    assert "".join(lines) == word and max(map(font.getlength, lines)) <= 200
    assert min(font.getlength(a + b[0]) for a, b in itertools.pairwise(lines)) > 200  # no line could hold more


def test_many_results_go_on_below(tmp_path):
    for count in (10, 25):
        results = [Tile(image=RED)] * count
        save_png(Sheet("t", "n", [Section("h", "n", [Line(Tile(text="q"), results)])]), tmp_path / f"{count}.png")
    with Image.open(tmp_path / "10.png") as ten, Image.open(tmp_path / "25.png") as more:
        assert more.width == ten.width and more.height > ten.height + 2 * SIDE


def test_a_line_break_in_a_note_starts_a_new_line(tmp_path):
    heights = []
    for note in ("a b", "a\nb"):
        item = Tile(image=RED, note=note)
        save_png(Sheet("t", "n", [Section("h", "n", [Line(item, [item])])]), tmp_path / "s.png")
        with Image.open(tmp_path / "s.png") as sheet:
            heights.append(sheet.height)
    assert 10 < heights[1] - heights[0] < 25


@pytest.mark.parametrize(
    ("text", "lacking"), [("a dog – café ψ я", ""), ("犬が走る a dog", "がる犬走"), ("หมา", "มหา")]
)
def test_characters_that_become_boxes_are_told(tmp_path, text, lacking):
    sheet = Sheet("t", "n", [Section("", "", [Line(Tile(text="q"), [Tile(text="x", note=text)])])])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        save_png(sheet, tmp_path / "s.png")
    expected = f"the contact sheet's font lacks {len(lacking)} characters, e.g. {lacking}: they become boxes"
    assert [str(one.message) for one in told] == ([expected] if lacking else [])
