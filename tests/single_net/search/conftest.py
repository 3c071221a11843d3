"""A contact sheet with hostile captions."""

from __future__ import annotations

import numpy as np
import pytest
from shapes import HOSTILE

from single_net.search.sheet import Item, Line, Section, Sheet

RED, BLUE = (np.full((90, 120, 3), color, np.uint8) for color in ((200, 30, 30), (30, 30, 200)))


@pytest.fixture
def sheet() -> Sheet:
    results = [Item(image=RED, note="distance 0.10", own=True), Item(text=HOSTILE, note="distance 0.20")]
    lines = [Line(Item(text="a red bar"), results), Line(Item(image=BLUE, note=HOSTILE), results[:1])]
    return Sheet(f"Title {HOSTILE}", "a note", [Section("One", "what it is", lines), Section("Two", "", lines)])
