"""Retrieval results, one line a query: as a PNG and as a self-contained HTML page."""

from __future__ import annotations

import html
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from encoded_text.common.files import replacing
from single_net.common.html import SIDE, fill_template, picture_uri

CARD = 116  # how high a short caption is


COLUMNS = 10  # results beside each other


_GAP, _MARGIN, _BESIDE_QUERY = 14, 24, 34


_INK, _PALE, _LINE, _OWN, _PAPER, _CARD = "#1c1c22", "#6b6b76", "#d9d9e0", "#1f9d4d", "#ffffff", "#f6f6f9"


_TEXT, _SMALL, _HEADING, _TITLE = 14, 12, 16, 20  # font sizes


@dataclass(frozen=True)
class Item:
    """A picture, uint8 (height, width, 3), or else a caption; `note` stands below it, and `own` frames it as true."""

    picture: np.ndarray | None = None
    text: str = ""
    note: str = ""
    own: bool = False


@dataclass(frozen=True)
class Line:
    """A query and what was found for it, nearest first."""

    query: Item
    results: list[Item]


@dataclass(frozen=True)
class Section:
    heading: str
    note: str
    lines: list[Line]


@dataclass(frozen=True)
class Sheet:
    title: str
    note: str
    sections: list[Section]


def save_png(sheet: Sheet, path: Path) -> None:
    """Write the sheet as a PNG file; results beyond COLUMNS go on below."""
    longest = min(COLUMNS, max(len(line.results) for section in sheet.sections for line in section.lines))
    width = 2 * _MARGIN + (1 + longest) * SIDE + _BESIDE_QUERY + (longest - 1) * _GAP
    canvas = _Canvas(width)
    y = canvas.paragraph(_MARGIN, _MARGIN, sheet.title, _TITLE, bold=True)
    y = canvas.paragraph(_MARGIN, y + 4, sheet.note, _SMALL, _PALE)
    for section in sheet.sections:
        y = canvas.paragraph(_MARGIN, y + 22, section.heading, _HEADING, bold=True)
        y = canvas.paragraph(_MARGIN, y + 2, section.note, _SMALL, _PALE) + 10
        for line in section.lines:
            bottom = canvas.tile(_MARGIN, y, line.query)
            top = y
            for start in range(0, len(line.results), COLUMNS):
                ends = []
                for place, item in enumerate(line.results[start : start + COLUMNS]):
                    x = _MARGIN + SIDE + _BESIDE_QUERY + place * (SIDE + _GAP)
                    ends.append(canvas.tile(x, top, item))
                top = max(ends) + _GAP
            bottom = max(bottom, top - _GAP)
            canvas.rule(_MARGIN + SIDE + _BESIDE_QUERY // 2, y, bottom)
            y = bottom + 16
    with replacing(path) as temporary:
        canvas.cut(y + _MARGIN - 16).save(temporary, format="PNG", optimize=True)


class _Canvas:
    """A page that grows downwards. Coordinates in pixels; what draws returns where it ends."""

    def __init__(self, width: int):
        self._image = Image.new("RGB", (width, 1024), _PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def cut(self, height: int) -> Image.Image:
        self._reach(height)
        return self._image.crop((0, 0, self._image.width, height))

    def paragraph(self, x: int, y: int, text: str, size: int, colour: str = _INK, *, bold: bool = False) -> int:
        return self._text(x, y, text, size, colour, self._image.width - x - _MARGIN, bold=bold)

    def rule(self, x: int, top: int, bottom: int) -> None:
        self._draw.line((x, top, x, bottom), fill=_LINE, width=1)

    def tile(self, x: int, y: int, item: Item) -> int:
        if item.picture is not None:
            bottom = y + SIDE
            self._reach(bottom)
            self._image.paste(_fitted(item.picture), (x, y))
        else:
            lines = len(_wrapped(item.text, _font(_TEXT, False), SIDE - 28))
            bottom = y + max(CARD, 28 + lines * round(_TEXT * 1.35))
            self._reach(bottom)
            self._draw.rectangle((x, y, x + SIDE - 1, bottom - 1), fill=_CARD)
            self._text(x + 14, y + 14, item.text, _TEXT, _INK, SIDE - 28)
        box = (x, y, x + SIDE - 1, bottom - 1)
        self._draw.rectangle(box, outline=_OWN if item.own else _LINE, width=5 if item.own else 1)
        if item.note:
            bottom = self._text(x, bottom + 5, item.note, _SMALL, _OWN if item.own else _PALE, SIDE)
        return bottom

    def _text(self, x: int, y: int, text: str, size: int, colour: str, width: int, *, bold: bool = False) -> int:
        font, height = _font(size, bold), round(size * 1.35)
        for line in _wrapped(text, font, width):
            self._reach(y + height)
            self._draw.text((x, y), line, fill=colour, font=font)
            y += height
        return y

    def _reach(self, height: int) -> None:
        if height > self._image.height:
            larger = Image.new("RGB", (self._image.width, max(height, 2 * self._image.height)), _PAPER)
            larger.paste(self._image, (0, 0))
            self._image, self._draw = larger, ImageDraw.Draw(larger)


def _fitted(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines no wider than `width`; a word that is wider is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        while font.getlength(word) > width and len(word) > 1:
            end = next(n for n in range(len(word), 0, -1) if n == 1 or font.getlength(word[:n]) <= width)
            lines.append(word[:end])
            word = word[end:]
        lines.append(word)
    return lines


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    # matplotlib brings DejaVu along; looked up without importing it, which would take longer than the sheet.
    [folder] = importlib.util.find_spec("matplotlib").submodule_search_locations
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(folder) / "mpl-data" / "fonts" / "ttf" / name, size)


def save_page(sheet: Sheet, path: Path) -> None:
    """Write the sheet as one HTML file: pictures inside, no script, no network, all text escaped."""
    parts = []
    for section in sheet.sections:
        parts.append(f"<h2>{html.escape(section.heading)}</h2>")
        parts.append(f"<p>{html.escape(section.note)}</p>")
        for line in section.lines:
            items = "".join(_tile(item) for item in line.results)
            parts.append(f'<div class="line">{_tile(line.query, "query")}<div class="results">{items}</div></div>')
    page = fill_template(
        "sheet.html", title=html.escape(sheet.title), note=html.escape(sheet.note), body="\n".join(parts)
    )
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _tile(item: Item, kind: str = "") -> str:
    shown = f"<blockquote>{html.escape(item.text)}</blockquote>"
    if item.picture is not None:
        shown = f'<img src="{picture_uri(item.picture)}" alt="{html.escape(item.text or item.note)}">'
    note = f"<figcaption>{html.escape(item.note)}</figcaption>" if item.note else ""
    classes = " ".join(filter(None, (kind, "own" if item.own else "")))
    return f'<figure class="{classes}">{shown}{note}</figure>'
