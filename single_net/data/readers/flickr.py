"""Flickr8k and Flickr30K as published: a file of captions, and a list of images for each split.

A line of captions is::

    1234_56ab.jpg#0 <TAB> Two children fly a kite .

Karpathy's dataset_flickr8k.json or dataset_flickr30k.json is preferred if it is there. Kaggle's captions.txt and
results.csv serve as files of captions, too; the lists of the splits have to be put beside them. Images keep the order
of the split's list. Captions of images in no list are ignored: the published Flickr8k has some of an image that does
not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import JUDGEMENTS, CaptionDataset
from single_net.data.readers import karpathy
from single_net.data.readers.assemble import assemble
from single_net.data.readers.columns import choose_columns
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.folder import SUFFIXES
from single_net.data.readers.problems import MissingSplit, Problems
from single_net.data.readers.request import Request
from single_net.data.readers.split_check import SplitCheck
from single_net.data.readers.table import image_and_caption
from single_net.data.readers.table_rows import read_rows
from single_net.data.readers.text_files import find_file, read_lines


@dataclass(frozen=True)
class _Files:
    captions: tuple[str, ...]
    kaggle: str  # a table of captions
    lists: dict[str, str]


_FILES = {
    "flickr8k": _Files(
        ("Flickr8k.token.txt",),
        "captions.txt",
        {
            "train": "Flickr_8k.trainImages.txt",
            "val": "Flickr_8k.devImages.txt",
            "test": "Flickr_8k.testImages.txt",
        },
    ),
    "flickr30k": _Files(
        ("results_20130124.token", "results.token"),
        "results.csv",
        {"train": "train.txt", "val": "val.txt", "test": "test.txt"},
    ),
}
_LINE = re.compile(r"([^\t]+)#([0-9]{1,9})\t(.*)")


def load(request: Request) -> CaptionDataset:
    """Read one split of Flickr8k or Flickr30K.

    Args:
        request: name "flickr8k" or "flickr30k"; the root is the folder of the data set.

    Raises:
        InputError: a file is missing or damaged, or there are problems that are not to be skipped.
    """
    name, root, problems = request.name, request.root, request.problems
    split_file = karpathy.find_split_file(name, root)
    if split_file:
        return karpathy.load_file(request, split_file, root)
    files = _FILES[name]
    captions_file = find_file(root, *files.captions, files.kaggle)
    if captions_file is None:
        raise InputError(f"{root}: neither dataset_{name}.json nor {' nor '.join(files.captions)} is in it")
    entries = _read_lists(request, files, captions_file)
    numbered = True
    if captions_file.name == files.kaggle:
        _read_table(captions_file, entries, problems)
    else:
        numbered = _read_captions(captions_file, entries, problems)
    data = assemble(request, entries.values(), root)
    judged = find_file(root, JUDGEMENTS[0]) if name == "flickr8k" else None
    # The judgements refer to captions by number, which is their place only if none is missing or left out.
    in_place = numbered and not data.skipped
    return replace(data, judgements_folder=judged.parent) if judged and in_place else data


def _read_lists(request: Request, files: _Files, captions_file: Path) -> dict[str, Entry]:
    """Entries of the split by file. The other lists are read only to check that they name other images."""
    root, split = request.root, request.split
    entries = {}
    check = SplitCheck(request.problems)
    for its_split, list_name in files.lists.items():
        path = find_file(root, list_name)
        if path is None:
            if its_split == split:
                mend = _without_lists(files, captions_file)
                raise MissingSplit(f"{root}: {list_name}, the list of the {split} images, is missing{mend}")
            continue
        for number, line in read_lines(path, request.problems):
            name, where = line.strip(), f"{path} line {number}"
            file = name if name.lower().endswith(SUFFIXES) else f"{name}.jpg"  # Flickr30K's lists have no endings
            if check.is_new(file, its_split, where) and its_split == split:
                entries[file] = Entry(file, file, where)
    return entries


def _without_lists(files: _Files, captions_file: Path) -> str:
    """What to do with a copy that never had lists of splits."""
    if captions_file.name != files.kaggle:
        return ""
    return f"; Kaggle's copy has none: put it there, or read {captions_file} with --data table"


def _read_captions(path: Path, entries: dict[str, Entry], problems: Problems) -> bool:
    """Captions by their numbers; whether each image has all numbers from 0 on."""
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
    numbered = True
    for file, which in sorted(found):
        numbered &= which == len(entries[file].captions)
        entries[file].captions.append(found[file, which])
    return numbered


def _read_table(path: Path, entries: dict[str, Entry], problems: Problems) -> None:
    """Captions of Kaggle's copy, in the order of its rows."""
    rows = read_rows(path, {}, problems)
    chosen = choose_columns(rows.columns, {}, rows.where)
    for row in rows.rows:
        found = image_and_caption(row, chosen, problems)
        if found and found[0] in entries:
            entries[found[0]].captions += [Caption(row.where, caption) for caption in found[1]]
