"""Karpathy's splits: dataset_coco.json, dataset_flickr30k.json, dataset_flickr8k.json. The form of these files is::

    {"images": [{"filename": ..., "filepath": ..., "split": "train", "sentences": [{"raw": ...}, ...]}, ...]}

Images keep the order of the list. As usual, `restval` (the images of COCO's val2014 that are in no other split) is
added to the training split: 113,287 / 5,000 / 5,000 images for COCO.
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.assemble import assemble
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.folder import as_unicode
from single_net.data.readers.problems import Problems
from single_net.data.readers.request import Request
from single_net.data.readers.split_check import SplitCheck
from single_net.data.readers.text_files import find_file, list_of, read_json

LONGEST_NAME = 60
SPLIT_OF = {"train": "train", "restval": "train", "val": "val", "test": "test"}


def find_split_file(name: str, root: Path) -> Path | None:
    """Karpathy's file for the data set `name`, in `root` or in a folder directly inside it; None if there is none."""
    return find_file(root, f"dataset_{name}.json")


def load(request: Request) -> CaptionDataset:
    """Read one split of any file of this form. The data set is named after the file, dataset_NAME.json or NAME.json.

    Args:
        request: the root is the file, or a folder with exactly one dataset_*.json or one other file of this form.

    Raises:
        InputError: the file is missing or damaged, or there are problems that are not to be skipped.
    """
    root = request.root
    path = _only_file(root) if root.is_dir() else root
    own_name = _named_after(path) or request.name
    return load_file(replace(request, name=own_name), path, path.parent)


def _named_after(path: Path) -> str:
    """What a data set is called after its file: a name of which names of files in the cache can be made."""
    name = as_unicode(path.stem.removeprefix("dataset_"))
    return "".join(c if c.isprintable() and c not in "/\\" else "_" for c in name)[:LONGEST_NAME].strip(".")


def load_file(request: Request, path: Path, folder: Path) -> CaptionDataset:
    """Read one split of a file.

    Args:
        request: name and split.
        path: the file.
        folder: below which the images are.

    Raises:
        InputError: as `load`.
    """
    good = list(_good_images(path, request.problems))
    folders_with = Counter(file for file, _ in {(image["filename"], _path(image)) for _, image in good})
    entries = []
    check = SplitCheck(request.problems)
    for where, image in good:
        file, path_inside, its_split = image["filename"], _path(image), SPLIT_OF[image["split"]]
        if check.is_new(path_inside, its_split, where) and its_split == request.split:
            captions = [
                Caption(f"{where} sentences[{i}]", sentence["raw"], _number(sentence, "sentid"))
                for i, sentence in enumerate(image["sentences"])
            ]
            id = file if folders_with[file] == 1 else path_inside
            entries.append(Entry(id, path_inside, where, captions, number=_number(image, "cocoid")))
    return assemble(request, entries, folder)


def _only_file(folder: Path) -> Path:
    """The split file of a folder."""
    named = sorted(folder.glob("dataset_*.json"))
    found = named or [path for path in sorted(folder.glob("*.json")) if os.path.isfile(path) and _has_the_form(path)]
    if len(found) != 1:
        names = f" ({', '.join(path.name for path in found)})" if found else ""
        raise InputError(
            f"{folder}: one dataset_*.json is expected, {len(found)} found{names}; or give the file itself"
        )
    return found[0]


def _has_the_form(path: Path) -> bool:
    try:
        images = list_of(read_json(path), "images", path)
    except InputError:
        return False
    return bool(images) and _what_is_wrong(images[0]) is None


def _good_images(path: Path, problems: Problems) -> Iterator[tuple[str, dict[str, Any]]]:
    """The images of all splits that have the right form, each with where it stands."""
    for number, image in enumerate(list_of(read_json(path), "images", path)):
        where = f"{path} images[{number}]"
        wrong = _what_is_wrong(image)
        if wrong:
            problems.add("entry of the wrong form", f"{where}: {wrong}")
        else:
            yield where, image


def _path(image: dict[str, Any]) -> str:
    """The path of an image below the folder of the data set, in one spelling."""
    return posixpath.normpath(posixpath.join(image.get("filepath") or "", image["filename"]))


def _number(item: dict[str, Any], key: str) -> int | None:
    """COCO's id of an image ("cocoid") or a caption ("sentid", the same as in COCO's own files), if there is one."""
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _what_is_wrong(image: object) -> str | None:
    if not isinstance(image, dict):
        return "an object is expected"
    if not isinstance(image.get("filename"), str) or not image["filename"].strip() or "\0" in image["filename"]:
        return 'no "filename"'
    if not isinstance(folder := image.get("filepath") or "", str) or "\0" in folder:
        return f'"filepath" is {image["filepath"]!r}, not a folder'
    if not isinstance(image.get("split"), str) or image["split"] not in SPLIT_OF:
        return f'"split" is {image.get("split")!r}, not one of {", ".join(SPLIT_OF)}'
    sentences = image.get("sentences")
    if not isinstance(sentences, list) or not all(
        isinstance(s, dict) and isinstance(s.get("raw"), str) for s in sentences
    ):
        return '"sentences" is not a list of {"raw": caption}'
    return None
