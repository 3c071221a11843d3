"""Where the tables of a data set of one's own are: one file, or one in each split's folder as Hugging Face has it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from encoded_text.common.errors import InputError

JSON_LINES = (".jsonl", ".ndjson")
DELIMITED = (".csv", ".tsv", ".tab", ".txt")
# The project's own, Kaggle's Flickr8k and Flickr30k, Hugging Face's image folders.
NAMES = (
    *("captions.csv", "captions.jsonl", "captions.tsv", "captions.txt", "results.csv"),
    *("metadata.csv", "metadata.jsonl"),
)
SPLIT_NAMES = {
    **{"train": "train", "training": "train", "test": "test", "testing": "test"},
    **{"val": "val", "dev": "val", "validation": "val", "valid": "val"},
}


class TableFile(NamedTuple):
    """A table.

    Attributes:
        path: the file.
        folder: in which its images are named, relative to the root: "" or the name of a split's folder.
        split: of all its rows, if it lies in a split's folder.
    """

    path: Path
    folder: str = ""
    split: str | None = None


def find_tables(root: Path) -> list[TableFile]:
    """The tables of a data set.

    Args:
        root: the file; or a folder with one of NAMES, or with folders train, val (or validation) and test that have
            one each.

    Raises:
        InputError: none or several, or a file of another kind.
    """
    if not root.is_dir():
        if root.suffix.lower() not in (*JSON_LINES, *DELIMITED):
            raise InputError(f"{root}: a table is a .csv, .tsv, .txt or .jsonl file: save it as one of them")
        return [TableFile(root)]
    if own := _table_in(root):
        return [TableFile(own)]
    folders = sorted(path for path in root.iterdir() if path.name.lower() in SPLIT_NAMES and os.path.isdir(path))
    tables = [
        TableFile(table, folder.name, SPLIT_NAMES[folder.name.lower()])
        for folder in folders
        if (table := _table_in(folder))
    ]
    if len({table.split for table in tables}) < len(tables):
        raise InputError(f"{root}: {' and '.join(table.folder for table in tables)} are several folders of one split")
    if not tables:
        raise InputError(
            f"{root}: one captions.csv or captions.jsonl is expected (or {', '.join(NAMES[2:])}), there is none; "
            f"or give the file itself{_parquet(root)}"
        )
    return tables


def _table_in(folder: Path) -> Path | None:
    found = [folder / name for name in NAMES if os.path.isfile(folder / name)]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise InputError(f"{folder}: one table is expected, {names} are there; give the file itself")
    return found[0] if found else None


def _parquet(root: Path) -> str:
    """What to do about a table that is not read."""
    found = next(root.rglob("*.parquet"), None)
    return f"; {found.name} is not read: save it as captions.csv" if found else ""
