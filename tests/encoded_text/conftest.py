from __future__ import annotations

from itertools import product

import pytest

from encoded_text import Layout, TextImageEncoder


@pytest.fixture(scope="session")
def captions() -> list[str]:
    colors = ("red", "blue", "black", "white")
    animals = ("dog", "cat", "horse", "bird")
    places = ("on the beach", "in the snow", "at a farm", "near the street")
    return [f"A {c} {a} runs {p} ." for c, a, p in product(colors, animals, places)]


@pytest.fixture(scope="session")
def encoders(captions) -> dict[str, TextImageEncoder]:
    """One fitted encoder a preset."""
    return {
        "paper": TextImageEncoder.fit(captions, Layout.paper(), epochs=2),
        "figure": TextImageEncoder.fit(captions, Layout.figure(), epochs=2),
    }
