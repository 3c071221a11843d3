"""Search results as text and as a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from single_net.inference.embedding_cache import Embedded


def report(query: str, photograph: bool, gallery: Embedded, distances: np.ndarray, numbers: np.ndarray) -> str:
    """The answer for the terminal: a line a result, its distance first."""
    data = gallery.data
    captions, owner = data.flat_captions, data.image_of_caption
    lines = [query]
    for distance, i in zip(distances[0], numbers[0], strict=True):
        if photograph:
            shown = f"{captions[i]}  [{data.ids[owner[i]]}]"
        else:
            shown = "  ".join([data.ids[i], *data.captions[i][:1]])
        lines.append(f"  {distance:.3f}  {shown}")
    return "\n".join(lines)


def draw(found: list[tuple], path: Path) -> None:
    """The contact sheet of answers, each (query, photograph, gallery, distances, numbers)."""
    from single_net.common.html import SIDE
    from single_net.data.image import read_image
    from single_net.search.contact_sheet import Item, Line, Section, Sheet, save_png

    lines = []
    for query, photograph, gallery, distances, numbers in found:
        data = gallery.data
        captions = data.flat_captions
        results = []
        for distance, i in zip(distances[0], numbers[0], strict=True):
            far = f"distance {distance:.2f}"
            if photograph:
                results.append(Item(text=captions[i], note=far))
            else:
                results.append(Item(picture=read_image(data.images[i], SIDE), note=f"{far}, {data.ids[i]}"))
        asked = Item(picture=read_image(Path(query), SIDE), note=Path(query).name) if photograph else Item(text=query)
        lines.append(Line(asked, results))
    where = " and ".join(dict.fromkeys(_named(gallery) for _, _, gallery, _, _ in found))
    save_png(Sheet(f"Nearest in {where}", "The query on the left, the nearest first.", [Section("", "", lines)]), path)


def _named(gallery: Embedded) -> str:
    from single_net.data.load import LABELS

    data = gallery.data
    if data.name == "folder":
        return f"a folder of {len(data):,} pictures"
    return f"{LABELS.get(data.name, data.name)} {data.split}"
