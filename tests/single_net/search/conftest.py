"""A contact sheet with hostile captions."""

from __future__ import annotations

import numpy as np
import pytest
from shapes import HOSTILE

from single_net.search.sheet import Line, Section, Sheet, Tile

RED, BLUE = (np.full((90, 120, 3), color, np.uint8) for color in ((200, 30, 30), (30, 30, 200)))


@pytest.fixture
def sheet() -> Sheet:
    results = [Tile(image=RED, note="distance 0.10", own=True), Tile(text=HOSTILE, note="distance 0.20")]
    lines = [Line(Tile(text="a red bar"), results), Line(Tile(image=BLUE, note=HOSTILE), results[:1])]
    return Sheet(f"Title {HOSTILE}", "a note", [Section("One", "what it is", lines), Section("Two", "", lines)])
