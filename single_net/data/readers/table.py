"""Your own data: a table with one caption per row, as CSV or as JSON lines::

    image,caption,split                     {"image": "dogs/1.jpg", "caption": "Two dogs run.", "split": "train"}
    dogs/1.jpg,"Two dogs run.",train

`image` is a path relative to the table. An image may have any number of captions; they keep the order of the rows, and
the images that of their first row. `split` is train, val (or dev, validation) or test. Without a column `split` the
SHA-256 of an image's name decides: 80 % train, 10 % val, 10 % test.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.assemble import assemble
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.problems import Problems
from single_net.data.readers.text_files import read_lines

_SPLITS = {"train": "train", "val": "val", "dev": "val", "validation": "val", "test": "test"}
_COLUMNS = ("image", "caption", "split")


def load(name: str, root: Path, split: str, problems: Problems, captions_only: bool) -> CaptionDataset:
    """Read one split of a table.

    Args:
        name: "table".
        root: the file, or a folder with a captions.csv or a captions.jsonl.
        split: "train", "val" or "test".
        problems: receives what cannot be used.
        captions_only: do not look whether the images exist.

    Raises:
        InputError: the table is missing or damaged, an image is in two splits, or there are problems that are not to
            be skipped.
    """
    path = _table_in(root)
    rows = _read_csv(path, problems) if path.suffix.lower() == ".csv" else _read_jsonl(path, problems)
    entries: dict[str, Entry] = {}
    split_of: dict[str, tuple[str, str]] = {}
    for where, row in rows:
        image, caption = row["image"], row["caption"]
        named = row.get("split")
        its_split = split_by_name(image) if named is None else _SPLITS.get(named.strip().lower())
        if not image.strip():
            problems.add("row without image", f"{where}: no image is named")
            continue
        if its_split is None:
            problems.add("unknown split", f"{where}: the split is {named!r}, not train, val or test")
            continue
        first_split, first_where = split_of.setdefault(image, (its_split, where))
        if first_split != its_split:
            raise InputError(f"{where}: {image} is in two splits, {its_split} here and {first_split} in {first_where}")
        if its_split == split:
            entry = entries.setdefault(image, Entry(image, image, where, path=path.parent / image))
            entry.captions.append(Caption(where, caption))
    return assemble(name, split, entries.values(), path.parent, problems, captions_only)


def split_by_name(image: str) -> str:
    """The split of an image in a table without a column `split`.

    Args:
        image: its name in the table.

    Returns:
        "train" (80 %), "val" (10 %) or "test" (10 %), by the SHA-256 of the name.
    """
    tenth = int.from_bytes(hashlib.sha256(image.encode(errors="surrogatepass")).digest()[:8], "big") % 10
    return "test" if tenth == 9 else "val" if tenth == 8 else "train"


def _table_in(root: Path) -> Path:
    if not root.is_dir():
        if root.suffix.lower() not in (".csv", ".jsonl"):
            raise InputError(f"{root}: a table is a .csv or a .jsonl file")
        return root
    found = [root / name for name in ("captions.csv", "captions.jsonl") if (root / name).is_file()]
    if len(found) != 1:
        count = "both are there" if found else "there is none"
        raise InputError(f"{root}: one captions.csv or captions.jsonl is expected, {count}; or give the file itself")
    return found[0]


def _read_csv(path: Path, problems: Problems) -> Iterator[tuple[str, dict[str, str]]]:
    last = 1

    def lines() -> Iterator[str]:
        nonlocal last
        for last, line in read_lines(path, problems):  # noqa: B007
            yield line + "\n"

    reader = csv.reader(lines(), strict=True)
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        if not {"image", "caption"} <= set(header):
            raise InputError(f"{path} line {last}: the header must name image, caption and perhaps split, not {header}")
        for row in reader:
            where = f"{path} line {last}"
            if len(row) == len(header):
                cells = dict(zip(header, row, strict=True))
                yield where, {column: cells[column] for column in _COLUMNS if column in cells}
            else:
                detail = (
                    f"{where}: {len(header)} columns are expected, not {len(row)}; captions with commas need quotes"
                )
                problems.add("row of the wrong form", detail)
    except csv.Error as error:
        raise InputError(f"{path} line {last}: not CSV ({error})") from error


def _read_jsonl(path: Path, problems: Problems) -> Iterator[tuple[str, dict[str, str]]]:
    for number, line in read_lines(path, problems):
        where = f"{path} line {number}"
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            problems.add("row of the wrong form", f"{where}: not JSON ({getattr(error, 'msg', 'nested too deeply')})")
            continue
        if (
            not isinstance(row, dict)
            or not isinstance(row.get("image"), str)
            or not isinstance(row.get("caption"), str)
        ):
            problems.add("row of the wrong form", f'{where}: an object with "image" and "caption" is expected')
        elif not isinstance(row.get("split", ""), str):
            problems.add("unknown split", f"{where}: the split is {row['split']!r}, not train, val or test")
        else:
            yield where, {column: row[column] for column in _COLUMNS if column in row}
