"""A contact sheet as a PNG."""

from __future__ import annotations

import bisect
import importlib.util
import warnings
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from encoded_text.common.files import replacing
from encoded_text.common.text import as_utf8
from single_net.search.sheet import SIDE, Line, Sheet, Tile

COLUMNS = 10  # results side by side; more continue below

# Lengths in pixels.
_LONG = 2000  # letters of a word that is measured as a whole
_GAP, _MARGIN, _BESIDE_QUERY = 14, 24, 34
_MIN_CARD, _PADDING = 116, 14  # height of a short caption, and around its text
_TEXT, _SMALL, _HEADING, _TITLE = 14, 12, 16, 20  # font sizes
_LINE_HEIGHT = 1.35  # times the font size

_INK, _PALE, _RULE, _OWN, _PAPER, _CARD = "#1c1c22", "#6b6b76", "#d9d9e0", "#1f9d4d", "#ffffff", "#f6f6f9"


def save_png(sheet: Sheet, path: Path) -> None:
    """Draw the sheet. A warning says so where the font lacks characters of it.

    Args:
        sheet: to be drawn, with at least one line.
        path: the PNG file.

    Raises:
        InputError: the file cannot be written there.
    """
    _warn_of_boxes(sheet)
    longest = min(COLUMNS, max(len(line.results) for section in sheet.sections for line in section.lines))
    canvas = _Canvas(2 * _MARGIN + (1 + longest) * SIDE + _BESIDE_QUERY + (longest - 1) * _GAP)
    y = canvas.paragraph(_MARGIN, sheet.title, _TITLE, bold=True)
    y = canvas.paragraph(y + 4, sheet.note, _SMALL, _PALE)
    for section in sheet.sections:
        if section.heading:
            y = canvas.paragraph(y + 22, section.heading, _HEADING, bold=True)
        y = canvas.paragraph(y + 2, section.note, _SMALL, _PALE) + 10
        for line in section.lines:
            y = _draw_line(canvas, y, line) + 16
    with replacing(path) as temporary:
        canvas.cut(y + _MARGIN - 16).save(temporary, format="PNG", optimize=True)


def _draw_line(canvas: _Canvas, top: int, line: Line) -> int:
    """A query on the left, a rule, and its results on the right; returns the bottom."""
    left = _MARGIN + SIDE + _BESIDE_QUERY
    bottom = canvas.tile(_MARGIN, top, line.query)
    y = top
    for start in range(0, len(line.results), COLUMNS):
        row = line.results[start : start + COLUMNS]
        end = max(canvas.tile(left + place * (SIDE + _GAP), y, item) for place, item in enumerate(row))
        bottom = max(bottom, end)
        y = end + _GAP
    canvas.rule(left - _BESIDE_QUERY // 2, top, bottom)
    return bottom


class _Canvas:
    """A page that grows downwards. Coordinates are in pixels; methods that draw text or tiles return the bottom.

    Args:
        width: of the page.
    """

    def __init__(self, width: int) -> None:
        self._image = Image.new("RGB", (width, 1024), _PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def cut(self, height: int) -> Image.Image:
        """The page with its final height."""
        self._reach(height)
        return self._image.crop((0, 0, self._image.width, height))

    def paragraph(self, y: int, text: str, size: int, color: str = _INK, *, bold: bool = False) -> int:
        """Text from margin to margin."""
        return self._text(_MARGIN, y, text, size, color, self._image.width - 2 * _MARGIN, bold=bold)

    def rule(self, x: int, top: int, bottom: int) -> None:
        """A thin vertical line."""
        self._draw.line((x, top, x, bottom), fill=_RULE, width=1)

    def tile(self, x: int, y: int, item: Tile) -> int:
        """An image or a caption, with its note."""
        if item.image is not None:
            bottom = y + SIDE
            self._reach(bottom)
            fitted = Image.fromarray(item.image).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            self._image.paste(fitted, (x, y))
        else:
            width = SIDE - 2 * _PADDING
            lines = len(_wrapped(item.text, _font(_TEXT, False), width))
            bottom = y + max(_MIN_CARD, 2 * _PADDING + lines * round(_TEXT * _LINE_HEIGHT))
            self._reach(bottom)
            self._draw.rectangle((x, y, x + SIDE - 1, bottom - 1), fill=_CARD)
            self._text(x + _PADDING, y + _PADDING, item.text, _TEXT, _INK, width)
        frame = (_OWN, 5) if item.own else (_RULE, 1)
        self._draw.rectangle((x, y, x + SIDE - 1, bottom - 1), outline=frame[0], width=frame[1])
        if item.note:
            bottom = self._text(x, bottom + 5, item.note, _SMALL, _OWN if item.own else _PALE, SIDE)
        return bottom

    def _text(self, x: int, y: int, text: str, size: int, color: str, width: int, *, bold: bool = False) -> int:
        font, height = _font(size, bold), round(size * _LINE_HEIGHT)
        for line in _wrapped(text, font, width):
            self._reach(y + height)
            self._draw.text((x, y), line, fill=color, font=font)
            y += height
        return y

    def _reach(self, height: int) -> None:
        if height > self._image.height:
            larger = Image.new("RGB", (self._image.width, max(height, 2 * self._image.height)), _PAPER)
            larger.paste(self._image, (0, 0))
            self._image, self._draw = larger, ImageDraw.Draw(larger)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines no wider than `width`. A line break of the text stays one, and a word that is wider is broken."""
    return [line for paragraph in as_utf8(text).splitlines() for line in _wrapped_paragraph(paragraph, font, width)]


def _wrapped_paragraph(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        while (end := _fitting(word, font, width)) < len(word):
            lines.append(word[:end])
            word = word[end:]
        lines.append(word)
    return lines


def _fitting(word: str, font: ImageFont.FreeTypeFont, width: int) -> int:
    """How many letters of a word, one at least, are no wider than `width`, where no letter is below 1 px."""

    def length(letters: int) -> float:
        return font.getlength(word[:letters])

    if len(word) <= _LONG and length(len(word)) <= width:  # also one of combining characters, which have no width
        return len(word)
    return max(1, bisect.bisect_right(range(1, min(len(word), width) + 1), float(width), key=length))


def _warn_of_boxes(sheet: Sheet) -> None:
    lines = [line for section in sheet.sections for line in section.lines]
    items = [item for line in lines for item in (line.query, *line.results)]
    text = "".join([sheet.title, sheet.note, *(item.text + item.note for item in items)])
    text = text.encode("utf-8", "ignore").decode()  # without what is drawn as an escape sequence
    if text.isascii():
        return
    font = _font(_TEXT, False)
    box = bytes(font.getmask("\U0010ffff"))  # drawn for every character that the font lacks
    missing = [c for c in sorted(set(text)) if not c.isascii() and c.isprintable() and bytes(font.getmask(c)) == box]
    if missing:
        warnings.warn(
            f"the contact sheet's font lacks {len(missing)} characters, e.g. {''.join(missing[:5])}: they become boxes",
            stacklevel=3,
        )


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    # matplotlib comes with DejaVu; importing matplotlib to find it would take longer than drawing the sheet.
    matplotlib = importlib.util.find_spec("matplotlib")
    if matplotlib is None or matplotlib.origin is None:
        raise ImportError("matplotlib, whose fonts the sheets are drawn with, is not installed")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf" / name, size)
