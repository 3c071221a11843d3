"""Karpathy's splits: dataset_coco.json, dataset_flickr30k.json, dataset_flickr8k.json.

    {"images": [{"filename": ..., "filepath": ..., "split": "train", "sentences": [{"raw": ...}, ...]}, ...]}

Pictures keep the order of the list. `restval` (the pictures of COCO's val2014 that are in no other split) counts as
training, as in the field: 113,287 / 5,000 / 5,000 pictures for COCO.
"""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.common import Caption, Entry, Problems, Splits, assemble, find_file, list_of, read_json

SPLIT_OF = {"train": "train", "restval": "train", "val": "val", "test": "test"}


def find_split_file(name: str, root: Path) -> Path | None:
    """Karpathy's file of the data set `name` in `root` or directly below, or None."""
    return find_file(root, f"dataset_{name}.json")


def load(name: str, root: Path, split: str, problems: Problems, captions_only: bool) -> CaptionDataset:
    """Any file of this form: `root` is the file or a folder with exactly one dataset_*.json."""
    if root.is_dir():
        found = sorted(root.glob("dataset_*.json"))
        if len(found) != 1:
            raise InputError(f"{root}: one dataset_*.json is expected, {len(found)} found; or give the file itself")
        return load_file(name, found[0], root, split, problems, captions_only)
    return load_file(name, root, root.parent, split, problems, captions_only)


def load_file(name: str, path: Path, root: Path, split: str, problems: Problems, captions_only: bool) -> CaptionDataset:
    """One split of the file `path`, with the pictures below `root`."""
    entries = []
    splits = Splits(problems)
    for number, image in enumerate(list_of(read_json(path), "images", path)):
        where = f"{path} images[{number}]"
        wrong = _what_is_wrong(image)
        if wrong:
            problems.add("entry of the wrong form", f"{where}: {wrong}")
            continue
        file = image["filename"]
        if splits.put(file, SPLIT_OF[image["split"]], where) and SPLIT_OF[image["split"]] == split:
            captions = [
                Caption(f"{where} sentences[{i}]", sentence["raw"], _number(sentence, "sentid"))
                for i, sentence in enumerate(image["sentences"])
            ]
            path = f"{image.get('filepath') or '.'}/{file}"
            entries.append(Entry(file, path, where, captions, number=_number(image, "cocoid")))
    return assemble(name, split, entries, root, problems, captions_only)


def _number(of: dict, key: str) -> int | None:
    """COCO's number of a picture or a caption, where there is one: a sentid is the number COCO's own file gives."""
    return of[key] if type(of.get(key)) is int else None


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
