"""Karpathy's splits: dataset_coco.json, dataset_flickr30k.json, dataset_flickr8k.json. The form of these files is::

    {"images": [{"filename": ..., "filepath": ..., "split": "train", "sentences": [{"raw": ...}, ...]}, ...]}

Images keep the order of the list. As usual, `restval` (the images of COCO's val2014 that are in no other split) is
added to the training split: 113,287 / 5,000 / 5,000 images for COCO.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.assemble import assemble
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.problems import Problems
from single_net.data.readers.split_check import SplitCheck
from single_net.data.readers.text_files import find_file, list_of, read_json

SPLIT_OF = {"train": "train", "restval": "train", "val": "val", "test": "test"}


def find_split_file(name: str, root: Path) -> Path | None:
    """Karpathy's file for the data set `name`, in `root` or in a folder directly inside it; None if there is none."""
    return find_file(root, f"dataset_{name}.json")


def load(name: str, root: Path, split: str, problems: Problems, captions_only: bool) -> CaptionDataset:
    """Read one split of any file of this form.

    Args:
        name: "karpathy".
        root: the file, or a folder with exactly one dataset_*.json.
        split: "train", "val" or "test".
        problems: receives what cannot be used.
        captions_only: do not look whether the images exist.

    Raises:
        InputError: the file is missing or damaged, or there are problems that are not to be skipped.
    """
    if root.is_dir():
        found = sorted(root.glob("dataset_*.json"))
        if len(found) != 1:
            raise InputError(f"{root}: one dataset_*.json is expected, {len(found)} found; or give the file itself")
        return load_file(name, found[0], root, split, problems, captions_only)
    return load_file(name, root, root.parent, split, problems, captions_only)


def load_file(name: str, path: Path, root: Path, split: str, problems: Problems, captions_only: bool) -> CaptionDataset:
    """Read one split of the file `path`, with the images below `root`. Arguments and errors are those of `load`."""
    entries = []
    check = SplitCheck(problems)
    for number, image in enumerate(list_of(read_json(path), "images", path)):
        where = f"{path} images[{number}]"
        wrong = _what_is_wrong(image)
        if wrong:
            problems.add("entry of the wrong form", f"{where}: {wrong}")
            continue
        file = image["filename"]
        its_split = SPLIT_OF[image["split"]]
        if check.is_new(file, its_split, where) and its_split == split:
            captions = [
                Caption(f"{where} sentences[{i}]", sentence["raw"], _number(sentence, "sentid"))
                for i, sentence in enumerate(image["sentences"])
            ]
            relative_path = f"{image.get('filepath') or '.'}/{file}"
            entries.append(Entry(file, relative_path, where, captions, number=_number(image, "cocoid")))
    return assemble(name, split, entries, root, problems, captions_only)


def _number(item: dict[str, Any], key: str) -> int | None:
    """COCO's id of an image ("cocoid") or a caption ("sentid", the same as in COCO's own files), if there is one."""
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _what_is_wrong(image: object) -> str | None:
    if not isinstance(image, dict):
        return "an object is expected"
    if not isinstance(image.get("filename"), str):
        return 'no "filename"'
    if not isinstance(image.get("split"), str) or image["split"] not in SPLIT_OF:
        return f'"split" is {image.get("split")!r}, not one of {", ".join(SPLIT_OF)}'
    sentences = image.get("sentences")
    if not isinstance(sentences, list) or not all(
        isinstance(s, dict) and isinstance(s.get("raw"), str) for s in sentences
    ):
        return '"sentences" is not a list of {"raw": caption}'
    return None
