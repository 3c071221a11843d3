"""A contact sheet: queries and their results, to be drawn by `sheet_png`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDE = 192  # width and height of an image on a sheet, and width of a caption, in pixels


@dataclass(frozen=True)
class Tile:
    """An image or a caption.

    Attributes:
        image: uint8 (height, width, 3); None for a caption.
        text: the caption.
        note: lines below it, e.g. its distance.
        own: it belongs to the query, and is framed.
    """

    image: np.ndarray | None = None
    text: str = ""
    note: str = ""
    own: bool = False


@dataclass(frozen=True)
class Line:
    """A query and its results, nearest first."""

    query: Tile
    results: list[Tile]


@dataclass(frozen=True)
class Section:
    """Lines under a heading; without heading and note, just the lines."""

    heading: str
    note: str
    lines: list[Line]


@dataclass(frozen=True)
class Sheet:
    """A title, a note below it, and sections."""

    title: str
    note: str
    sections: list[Section]
