"""From the entries of a reader to a CaptionDataset, with the checks that all readers share."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from encoded_text.common.errors import InputError
from encoded_text.common.text import is_unicode
from single_net.common.notice import notice
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.image_files import ImageFiles
from single_net.data.readers.problems import MissingSplit, NoImages, Problems, listed
from single_net.data.readers.request import Request

CAPTIONS_WANTED = 5  # an image and its five captions are trained on together (paper, sections 3.2 and 4.1)


def assemble(request: Request, entries: Iterable[Entry], folder: Path) -> CaptionDataset:
    """Find the images, clean and check the captions.

    Runs of white space in captions become one space. Fewer than five captions per image give a warning.

    Args:
        request: name, split, and where the images are, unless they are below `folder`.
        entries: the images of the split, in order.
        folder: folder below which the images are looked for.

    Raises:
        MissingSplit: there are no entries.
        NoImages: none of the images is there.
        InputError: there are problems that are not to be skipped, or no image is left.
    """
    name, split, problems = request.name, request.split, request.problems
    files = ImageFiles(request.image_folder or folder)
    kept: list[tuple[Entry, Path, list[Caption]]] = []
    owner: dict[tuple[str, str], Entry] = {}
    real_folder = cache(os.path.realpath)  # one image may be named through a link to its folder
    entries, missing = list(entries), 0
    for entry in entries:
        captions = _clean(entry, problems)
        if not is_unicode(entry.id):
            detail = f"{entry.where}: the image's name {entry.id!a} contains an unpaired surrogate"
            problems.add("name not Unicode", detail)
            continue
        path = files.expected(entry) if request.captions_only else files.find(entry)
        if path is None:
            missing += 1
            problems.add("missing image", f"{files.expected(entry)} is missing, named in {entry.where}")
        elif not captions:
            problems.add("image without captions", f"{entry.where}: {entry.id} has no captions")
        elif (
            not request.captions_only
            and (first := owner.setdefault((real_folder(path.parent), path.name), entry)) is not entry
        ):
            problems.add("image named twice", f"{entry.where}: {entry.id} is {path}, named in {first.where}")
        else:
            kept.append((entry, path, captions))
    if 0 < missing == len(entries):
        lost = f"{files.expected(entries[0])} is missing, named in {entries[0].where}"
        raise NoImages(
            f"{name} {split}: no image is left: {lost} (in all missing image: {missing}): say where the images are "
            "with --image-folder DIR"
        )
    skipped = problems.settle()
    if not entries:
        raise MissingSplit(
            f"{name} {split}: {request.root} has no images of this split: add some, or choose another split"
        )
    if not kept:
        raise InputError(f"{name} {split}: no image is left in {folder} ({listed(skipped)})")
    few = [entry for entry, _, captions in kept if len(captions) < CAPTIONS_WANTED]
    if few and len({len(captions) for *_, captions in kept}) > 1:  # as many of all: that is how the data set is
        notice(
            f"{name} {split}: {len(few)} of {len(kept)} images have fewer than five captions, "
            f"the first is {few[0].id} ({few[0].where})"
        )
    return CaptionDataset(
        name,
        split,
        ids=[entry.id for entry, _, _ in kept],
        images=[path for _, path, _ in kept],
        captions=[[caption.text for caption in captions] for _, _, captions in kept],
        skipped=skipped,
        numbers=_coco_numbers([(entry, captions) for entry, _, captions in kept]),
    )


def _clean(entry: Entry, problems: Problems) -> list[Caption]:
    captions = []
    for where, text, number in entry.captions:
        caption = " ".join(text.split())
        if not caption:
            problems.add("empty caption", f"{where}: the caption of {entry.id} is empty")
        elif not is_unicode(caption):
            detail = f"{where}: the caption of {entry.id!a} contains an unpaired surrogate"
            problems.add("caption not Unicode", detail)
        else:
            captions.append(Caption(where, caption, number))
    return captions


def _coco_numbers(kept: list[tuple[Entry, list[Caption]]]) -> list[tuple[int, list[int]]] | None:
    """COCO's ids of the images and captions, or None if one is missing."""
    numbers = []
    for entry, captions in kept:
        of_captions = [caption.number for caption in captions if caption.number is not None]
        if entry.number is None or len(of_captions) < len(captions):
            return None
        numbers.append((entry.number, of_captions))
    return numbers
