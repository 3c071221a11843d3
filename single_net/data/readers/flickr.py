"""Flickr8k and Flickr30K as published: a file of captions, and a list of images for each split.

A line of captions is::

    1000268201_693b08cb0e.jpg#0 <TAB> A child in a pink dress is climbing up a set of stairs .

Karpathy's dataset_flickr8k.json or dataset_flickr30k.json is preferred if it is there. Images keep the order of the
split's list. Captions of images in no list are ignored: the published Flickr8k has some of an image that does not exist
(2258277193_586949ec62.jpg.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.readers import karpathy
from single_net.data.readers.assemble import assemble
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.problems import Problems
from single_net.data.readers.split_check import SplitCheck
from single_net.data.readers.text_files import find_file, read_lines


@dataclass(frozen=True)
class _Files:
    captions: tuple[str, ...]
    lists: dict[str, str]


_FILES = {
    "flickr8k": _Files(
        ("Flickr8k.token.txt",),
        {
            "train": "Flickr_8k.trainImages.txt",
            "val": "Flickr_8k.devImages.txt",
            "test": "Flickr_8k.testImages.txt",
        },
    ),
    "flickr30k": _Files(
        ("results_20130124.token", "results.token"),
        {"train": "train.txt", "val": "val.txt", "test": "test.txt"},
    ),
}
_LINE = re.compile(r"([^\t]+)#(\d+)\t(.*)")


def load(name: str, root: Path, split: str, problems: Problems, captions_only: bool) -> CaptionDataset:
    """Read one split of Flickr8k or Flickr30K.

    Args:
        name: "flickr8k" or "flickr30k".
        root: folder of the data set.
        split: "train", "val" or "test".
        problems: receives what cannot be used.
        captions_only: do not look whether the images exist.

    Raises:
        InputError: a file is missing or damaged, or there are problems that are not to be skipped.
    """
    split_file = karpathy.find_split_file(name, root)
    if split_file:
        return karpathy.load_file(name, split_file, root, split, problems, captions_only)
    files = _FILES[name]
    captions_file = find_file(root, *files.captions)
    if captions_file is None:
        raise InputError(f"{root}: neither dataset_{name}.json nor {' nor '.join(files.captions)} is in it")
    entries = _read_lists(root, files.lists, split, problems)
    _read_captions(captions_file, entries, problems)
    data = assemble(name, split, entries.values(), root, problems, captions_only)
    judged = find_file(root, "ExpertAnnotations.txt") if name == "flickr8k" else None
    # The judgements refer to captions by position, which holds only if none was left out.
    return replace(data, judgements_folder=judged.parent) if judged and not data.skipped else data


def _read_lists(root: Path, lists: dict[str, str], split: str, problems: Problems) -> dict[str, Entry]:
    """Entries of `split` by file. The other lists are read only to check that they name other images."""
    entries = {}
    check = SplitCheck(problems)
    for its_split, list_name in lists.items():
        path = find_file(root, list_name)
        if path is None:
            if its_split == split:
                raise InputError(f"{root}: {list_name}, the list of the {split} images, is missing")
            continue
        for number, line in read_lines(path, problems):
            name, where = line.strip(), f"{path} line {number}"
            file = name if name.endswith(".jpg") else f"{name}.jpg"
            if check.is_new(file, its_split, where) and its_split == split:
                entries[file] = Entry(file, file, where)
    return entries


def _read_captions(path: Path, entries: dict[str, Entry], problems: Problems) -> None:
    found: dict[tuple[str, int], Caption] = {}
    for number, line in read_lines(path, problems):
        where = f"{path} line {number}"
        match = _LINE.fullmatch(line)
        if not match:
            problems.add("line of the wrong form", f'{where}: "image.jpg#0<TAB>caption" is expected, not {line[:60]!r}')
            continue
        file, which, caption = match.groups()
        if file not in entries:
            continue
        if (file, int(which)) in found:
            problems.add("caption given twice", f"{where}: {file}#{which} is given twice")
        else:
            found[file, int(which)] = Caption(where, caption)
    for file, which in sorted(found):
        entries[file].captions.append(found[file, which])
