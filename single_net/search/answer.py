"""The answers of a search as lines of text and as a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.load import LABELS
from single_net.search.query import Answer
from single_net.search.sheet import SIDE, Item, Line, Section, Sheet


def answer_text(answer: Answer) -> str:
    """The query, then one line per result: its distance, and the caption or image."""
    data = answer.gallery.data
    captions, owner = data.flat_captions, data.image_of_caption
    lines = [answer.query]
    for distance, i, images in zip(answer.distances, answer.indices, answer.images, strict=True):
        if answer.is_image:
            more = f" and {images - 1} more" if images > 1 else ""
            shown = f"{captions[i]}  [{data.ids[owner[i]]}{more}]"
        else:
            shown = "  ".join([data.ids[i], *data.captions[i][:1]])
        lines.append(f"  {distance:.3f}  {shown}")
    return "\n".join(lines)


def answer_sheet(answers: Sequence[Answer]) -> Sheet:
    """One contact sheet of all answers."""
    searched = " and ".join(dict.fromkeys(_label(answer.gallery.data) for answer in answers))
    note = "The query is on the left, its results on the right, nearest first."
    return Sheet(f"Nearest in {searched}", note, [Section("", "", [_line(answer) for answer in answers])])


def _line(answer: Answer) -> Line:
    data = answer.gallery.data
    captions = data.flat_captions
    results = []
    for distance, i, images in zip(answer.distances, answer.indices, answer.images, strict=True):
        note = f"distance {distance:.2f}"
        if answer.is_image:
            note += f"\ncaption of {images} images" if images > 1 else ""
            results.append(Item(text=captions[i], note=note))
        else:
            results.append(Item(image=read_image(data.images[i], SIDE), note=f"{note}\n{data.ids[i]}"))
    if answer.is_image:
        file = Path(answer.query)
        return Line(Item(image=read_image(file, SIDE), note=file.name), results)
    note = f"left out: {', '.join(answer.left_out)}" if answer.left_out else ""
    return Line(Item(text=" ".join(answer.encoded), note=note), results)


def _label(data: CaptionDataset) -> str:
    if data.name == "folder":
        return f"a folder of {len(data):,} images"
    return f"{LABELS.get(data.name, data.name)}, {data.split} split"
