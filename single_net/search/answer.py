"""The answers of a search as lines of text, as JSON, and as a contact sheet."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError, printable
from single_net.data.image import read_image
from single_net.search.indexes import Hit, Index
from single_net.search.query import Answer
from single_net.search.sheet import SIDE, Line, Section, Sheet, Tile
from single_net.search.source import SourceImages


def answer_text(answer: Answer) -> str:
    """The query, then one line per result: its distance, and the caption or image."""
    lines = [printable(answer.query)]
    for distance, item in answer.hits:
        if answer.kind == "captions":
            more = f" and {item.count - 1} more" if item.count > 1 else ""
            shown = f"{item.text}  [{item.name}{more}]"
        else:
            shown = "  ".join(filter(None, [item.name, item.text]))
        lines.append(f"  {distance:.3f}  {printable(shown)}")
    return "\n".join(lines)


def answer_record(answer: Answer, images: SourceImages) -> dict[str, Any]:
    """An answer for programs, JSON-able.

    Args:
        answer: of a search.
        images: of what was searched.

    Returns:
        "query", "query_is_image", "query_is_sound", "words" (those encoded of a sentence), "unknown" and "cut_off" (its
        others, see `Words`), "found" ("images" or "captions") and "results": each with "distance", "image", its "file"
        (null where it is in no file), "caption", and "images", the number of images that have the caption.
    """
    return {
        "query": answer.query,
        "query_is_image": answer.is_image,
        "query_is_sound": answer.sound is not None,
        "words": answer.words.encoded,
        "unknown": answer.words.unknown,
        "cut_off": answer.words.cut_off,
        "found": answer.kind,
        "results": [
            {
                "distance": round(hit.distance, 6),
                "image": hit.item.name,
                "file": _file(hit, images),
                "caption": hit.item.text or None,
                "images": hit.item.count,
            }
            for hit in answer.hits
        ],
    }


def answer_json(answer: Answer, images: SourceImages) -> str:
    """The same as one line of JSON."""
    return json.dumps(answer_record(answer, images))


def answer_sheet(index: Index, answers: Sequence[Answer], images: SourceImages) -> Sheet:
    """One contact sheet of all answers of one index."""
    note = "The query is on the left, its results on the right, nearest first."
    lines = [_line(answer, images) for answer in answers]
    return Sheet(f"Nearest in {index.header.source.label}", note, [Section("", "", lines)])


def _file(hit: Hit, images: SourceImages) -> str | None:
    try:
        found = images[hit.item.name]
    except InputError:
        return None
    return os.path.abspath(found) if isinstance(found, Path) and found.is_file() else None


def _line(answer: Answer, images: SourceImages) -> Line:
    if answer.image is not None:
        note = answer.image.name if isinstance(answer.image, Path) else ""
        query = Tile(image=read_image(answer.image, SIDE), note=note)
    elif answer.sound is not None:
        query = Tile(image=read_image(answer.sound, SIDE), note=Path(answer.query).name)
    else:
        query = Tile(text=" ".join(answer.words.encoded), note=answer.words.note)
    return Line(query, [_tile(answer, hit, images) for hit in answer.hits])


def _tile(answer: Answer, hit: Hit, images: SourceImages) -> Tile:
    note = f"distance {hit.distance:.2f}"
    if answer.kind == "captions":
        several = f"\ncaption of {hit.item.count} images" if hit.item.count > 1 else ""
        return Tile(text=hit.item.text, note=note + several)
    try:
        return Tile(image=read_image(images.as_indexed(hit.item), SIDE), note=f"{note}\n{hit.item.name}")
    except InputError:  # deleted, moved or replaced since it was indexed
        return Tile(text=hit.item.name, note=f"{note}\nnot there any more")
