"""COCO: Karpathy's dataset_coco.json if it is there, otherwise the official caption files of 2017 or 2014.

The captions of COCO's own test split are not public. With the official files the splits are:

- train: the train file without its last 1,000 images;
- val: these last 1,000 images;
- test: the val file (5,000 images in val2017). COCO-1k is its first 1,000, `first(1000)`.

This is **not** Karpathy's split, whose 5,000 test images are others of val2014: results on val2017 cannot be compared
with published ones. Images keep the order of the file. All captions are kept; some images have six or seven.
"""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.readers import karpathy
from single_net.data.readers.assemble import assemble
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.problems import MissingSplit, Problems
from single_net.data.readers.request import Request
from single_net.data.readers.text_files import find_file, list_of, read_json

VAL_IMAGES = 1000
_YEARS = (2017, 2014)


def load(request: Request) -> CaptionDataset:
    """Read one split of COCO.

    Args:
        request: the root is the folder of the images, with the caption files in it or in its folder annotations.

    Raises:
        InputError: a file is missing or damaged, or there are problems that are not to be skipped.
    """
    root, split = request.root, request.split
    split_file = karpathy.find_split_file(request.name, root)
    if split_file:
        return karpathy.load_file(request, split_file, root)
    part = "val" if split == "test" else "train"
    path = _official_file(root, part, split)
    entries = _read_official(path, request.problems)
    if part == "train":
        if len(entries) <= VAL_IMAGES:
            raise InputError(
                f"{path}: {len(entries)} images; its last {VAL_IMAGES} are the val split, so more are needed"
            )
        entries = entries[-VAL_IMAGES:] if split == "val" else entries[:-VAL_IMAGES]
    return assemble(request, entries, root)


def _official_file(root: Path, part: str, split: str) -> Path:
    """The file of captions; both parts come from one year, because train2017 contains most of val2014."""
    found = {year: {p: find_file(root, f"captions_{p}{year}.json") for p in ("train", "val")} for year in _YEARS}
    year = max(_YEARS, key=lambda year: sum(path is not None for path in found[year].values()))
    path = found[year][part]
    if path is None:
        raise MissingSplit(
            f"{root}: the {split} split of COCO needs dataset_coco.json (Karpathy) or captions_{part}{year}.json "
            f"(official), in it or in annotations/"
        )
    return path


def _read_official(path: Path, problems: Problems) -> list[Entry]:
    document = read_json(path)
    entries: dict[object, Entry] = {}
    for number, image in enumerate(list_of(document, "images", path)):
        where = f"{path} images[{number}]"
        if not _has(image, id=int, file_name=str):
            problems.add("entry of the wrong form", f'{where}: an object with "id" and "file_name" is expected')
        elif image["id"] in entries:
            problems.add("image named twice", f"{where}: the id {image['id']} is used twice")
        else:
            entries[image["id"]] = Entry(image["file_name"], image["file_name"], where, number=image["id"])
    seen = set()
    for number, annotation in enumerate(list_of(document, "annotations", path)):
        where = f"{path} annotations[{number}]"
        if not _has(annotation, id=int, image_id=int, caption=str):
            problems.add("entry of the wrong form", f'{where}: an object with "id", "image_id", "caption" is expected')
        elif annotation["id"] in seen:
            problems.add("caption given twice", f"{where}: the id {annotation['id']} is used twice")
        elif annotation["image_id"] not in entries:
            problems.add("caption without image", f"{where}: no image has the id {annotation['image_id']}")
        else:
            seen.add(annotation["id"])
            caption = Caption(where, annotation["caption"], annotation["id"])
            entries[annotation["image_id"]].captions.append(caption)
    return list(entries.values())


def _has(value: object, **types: type) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), type_) for key, type_ in types.items())
