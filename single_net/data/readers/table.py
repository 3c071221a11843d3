"""Your own data: a table with one caption per row, as CSV, with tabs, semicolons or bars, or as JSON lines::

    image,caption,split                     {"image": "dogs/1.jpg", "caption": "Two dogs run.", "split": "train"}
    dogs/1.jpg,"Two dogs run.",train

`image` is a path relative to the table. An image may have any number of captions; they keep the order of the rows, and
the images that of their first row. In JSON lines a caption may be a list of captions. `split` is train
(or training), val (or dev, valid, validation) or test (or testing). Without such a column the folders of the images
decide, if all lie below folders of these names, otherwise the SHA-256 of an image's name: 80 % train, 10 % val, 10 %
test.

Columns may have other usual names (columns.ALIASES), or names given by the user. What Kaggle (Flickr8k, Flickr30k) and
Hugging Face (image folders with metadata.csv or metadata.jsonl) give out is read as it is.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from encoded_text.common.errors import InputError
from single_net.common.notice import notice
from single_net.data.dataset import CaptionDataset
from single_net.data.readers.assemble import assemble
from single_net.data.readers.columns import choose_columns
from single_net.data.readers.entries import Caption, Entry
from single_net.data.readers.problems import Problems
from single_net.data.readers.request import Request
from single_net.data.readers.table_files import SPLIT_NAMES, TableFile, find_tables
from single_net.data.readers.table_rows import Row, Rows, read_rows


class _Captioned(NamedTuple):
    """A row that can be used."""

    where: str
    image: str
    captions: list[str]
    split: str


def load(request: Request) -> CaptionDataset:
    """Read one split of a table.

    Args:
        request: the root is the file, or a folder, see table_files.find_tables.

    Raises:
        InputError: the table is missing, damaged or ambiguous, an image is in two splits, or there are problems that
            are not to be skipped.
    """
    tables = find_tables(request.root)
    root = request.root if request.root.is_dir() else request.root.parent
    folder = request.image_folder or root
    rows = [row for table in tables for row in _read(table, folder, request)]
    entries: dict[str, Entry] = {}
    split_of: dict[str, tuple[str, str]] = {}
    caption_of: dict[tuple[str, str], str] = {}
    for where, image, captions, its_split in rows:
        spelled = unicodedata.normalize("NFC", image)  # image_files finds a file by any spelling
        first_split, first_where = split_of.setdefault(spelled, (its_split, where))
        if first_split != its_split:
            raise InputError(f"{where}: {image} is in two splits, {its_split} here and {first_split} in {first_where}")
        if its_split != request.split:
            continue
        outside = image.startswith(("/", "../"))
        entry = entries.setdefault(image, Entry(image, image, where, path=folder / image if outside else None))
        for caption in captions:
            cleaned = " ".join(caption.split())
            if cleaned and (image, cleaned) in caption_of:
                detail = f"{where} repeats image and caption of {caption_of[image, cleaned]}"
                request.problems.add_harmless("repeated row", detail)
            else:
                caption_of[image, cleaned] = where
                entry.captions.append(Caption(where, caption))
    return assemble(request, entries.values(), folder)


def split_by_name(image: str) -> str:
    """The split of an image in a table that does not name splits.

    Args:
        image: its name in the table.

    Returns:
        "train" (80 %), "val" (10 %) or "test" (10 %), by the SHA-256 of the name.
    """
    tenth = int.from_bytes(hashlib.sha256(image.encode(errors="surrogatepass")).digest()[:8], "big") % 10
    return "test" if tenth == 9 else "val" if tenth == 8 else "train"


def image_and_caption(row: Row, chosen: Mapping[str, str], problems: Problems) -> tuple[str, list[str]] | None:
    """The image of a row and its captions, of which JSON lines may have a list; None if the row has neither.

    Args:
        row: of a table.
        chosen: columns by role.
        problems: receives a row of the wrong form.
    """
    image, captions = row.cells.get(chosen["image"]), row.cells.get(chosen["caption"])
    captions = captions if isinstance(captions, list) else [captions]
    if not isinstance(image, str) or not all(isinstance(caption, str) for caption in captions):
        detail = f'{row.where}: an object with "{chosen["image"]}" and "{chosen["caption"]}" is expected'
        problems.add("row of the wrong form", detail)
        return None
    if not image.strip() or "\0" in image:
        problems.add("row without image", f"{row.where}: no image is named")
        return None
    return image, captions


def _read(table: TableFile, folder: Path, request: Request) -> Iterator[_Captioned]:
    """The rows of a table that can be used, with images named relative to `folder` and each in one spelling."""
    problems = request.problems
    rows = read_rows(table.path, request.columns, problems)
    if not rows.columns:
        return  # nothing but problems
    chosen = choose_columns(rows.columns, request.columns, rows.where)
    if "split" not in chosen and "split" not in request.columns:
        _refuse_unnamed_splits(rows, chosen)
    usable = []
    for row in rows.rows:
        if found := image_and_caption(row, chosen, problems):
            usable.append((row, _one_spelling(found[0], folder, table.folder), found[1]))
    if "split" in chosen:
        splits, how = None, f"the split {chosen['split']!r}"
    else:
        splits, how = _splits([image for _, image, _ in usable], table, request.columns)
    _tell(rows, chosen, how)
    for row, image, captions in usable:
        split = splits[image] if splits else _split_of(row, chosen["split"], problems)
        if split:
            yield _Captioned(row.where, image, captions, split)


def _split_of(row: Row, column: str, problems: Problems) -> str | None:
    named: Any = row.cells.get(column)
    if named is None or named == "":
        problems.add("row without split", f"{row.where}: no split is named, as it is in other rows")
        return None
    split = SPLIT_NAMES.get(named.strip().lower()) if isinstance(named, str) else None
    if split is None:
        problems.add("unknown split", f"{row.where}: the split is {named!r}, not train, val or test")
    return split


def _splits(images: list[str], table: TableFile, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The split of each image in a table without a column of splits, and how it was found."""
    if table.split:
        return dict.fromkeys(images, table.split), f"the split the folder {table.folder!r}"
    if "split" not in given:
        inside = {image: split for image in images if (split := _split_by_folder(image, table))}
        if inside and len(inside) < len(set(images)):
            outside = next(image for image in images if image not in inside)
            raise InputError(
                f"{table.path}: {next(iter(inside))} lies in the folder of a split and {outside} does not: add a "
                "column split, or write --columns split= for a split by the names of the images"
            )
        if inside:
            return inside, "the split the folder of an image"
    return {
        image: split_by_name(image) for image in images
    }, "the split made by the names: 80 % train, 10 % val, 10 % test"


def _split_by_folder(image: str, table: TableFile) -> str | None:
    """The split that one of an image's folders is called, below that of the table."""
    folders = [] if image.startswith(("/", "../")) else image.lower().split("/")[:-1]
    found = {SPLIT_NAMES[folder] for folder in folders if folder in SPLIT_NAMES}
    if len(found) > 1:
        raise InputError(
            f"{table.path}: {image} lies in folders of two splits: add a column split, or write --columns split= for a "
            "split by the names of the images"
        )
    return found.pop() if found else None


def _refuse_unnamed_splits(rows: Rows, chosen: Mapping[str, str]) -> None:
    """Refuse a table in which a column that is not called a split holds nothing but names of splits."""
    holds_splits: dict[str, bool] = {}
    for row in rows.rows:  # once: each line of JSON may have keys of its own
        for column, cell in row.cells.items():
            if isinstance(cell, str) and (name := cell.strip().lower()):
                holds_splits[column] = name in SPLIT_NAMES and holds_splits.get(column, True)
    for column in rows.columns:
        if column not in chosen.values() and holds_splits.get(column):
            raise InputError(
                f"{rows.where}: the column {column!r} holds names of splits: say so with --columns split={column}, or "
                "that there is no split with --columns split="
            )


def _one_spelling(image: str, folder: Path, inside: str) -> str:
    """The name of an image relative to `folder`, the same for "./a.jpg", "x/../a.jpg" and the absolute path, also where
    the folder is a link."""
    name = image.strip()
    if "\\" in name and not os.path.exists(folder / inside / name):
        name = name.replace("\\", "/")  # a table made on Windows
    name = posixpath.normpath(posixpath.join(inside, name))
    if name.startswith("../"):  # perhaps out of the folder and into it again
        own = os.path.abspath(folder).rstrip("/") + "/"
        absolute = posixpath.normpath(own + name)
        name = absolute.removeprefix(own) if absolute.startswith(own) else name
    if name.startswith("/"):
        name = "/" + name.lstrip("/")
        for own in (os.path.abspath(folder), os.path.realpath(folder)):
            name = name.removeprefix(own.rstrip("/") + "/")
    return name


def _tell(rows: Rows, chosen: Mapping[str, str], how: str) -> None:
    """Say what was taken for what, unless the table is as documented and has nothing else."""
    aside = [repr(name) for name in rows.columns if name not in chosen.values()]
    if aside or any(role != name for role, name in chosen.items()) or "split" not in chosen:
        left = f"; not read: {', '.join(aside)}" if aside else ""
        notice(
            f"{rows.where}: the image is the column {chosen['image']!r}, the caption {chosen['caption']!r}, {how}{left}"
        )
