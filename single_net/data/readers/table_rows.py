"""The rows of a table: text with a delimiter, or JSON lines, as cells by column."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from encoded_text.common.errors import InputError
from single_net.data.readers.columns import ALIASES, has_columns, normal
from single_net.data.readers.folder import SUFFIXES
from single_net.data.readers.problems import Problems
from single_net.data.readers.table_files import JSON_LINES
from single_net.data.readers.text_files import read_lines

_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_QUOTES = "double the quotes of a caption, or write none"
_NUMBERED = re.compile(r"\s*(\d{1,9})\s+(\S.*)", re.DOTALL)


class Row(NamedTuple):
    """One row.

    Attributes:
        where: file and line.
        cells: by column; strings, in JSON lines any value.
    """

    where: str
    cells: Mapping[str, Any]


class Rows(NamedTuple):
    """A table as read.

    Attributes:
        columns: the names of all columns, as columns.normal makes them, in order and as often as the table has them.
        where: file and line of the names.
        rows: in order.
    """

    columns: list[str]
    where: str
    rows: list[Row]


def read_rows(path: Path, given: Mapping[str, str], problems: Problems) -> Rows:
    """Read a table.

    Of delimited text the delimiter (comma, tab, semicolon or bar) is the one that makes columns of an image and a
    caption of the first line.

    Args:
        path: the file; JSON lines if it ends in .jsonl or .ndjson.
        given: names of columns chosen by the user, by role.
        problems: receives rows of the wrong form.

    Raises:
        InputError: the file cannot be read at all.
    """
    return _read_json(path, problems) if path.suffix.lower() in JSON_LINES else _read_delimited(path, given, problems)


def _read_delimited(path: Path, given: Mapping[str, str], problems: Problems) -> Rows:
    lines = _Lines(path, problems)
    header = next(lines, "")
    where = f"{path} line {lines.last}"
    delimiter, columns = _delimiter(header, given, where)
    quoting: Literal[0, 3] = (
        csv.QUOTE_NONE if delimiter == "|" else csv.QUOTE_MINIMAL
    )  # Kaggle writes bars without quotes
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
    image = _image_column(columns, given)
    rows: list[Row] = []
    while True:
        lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            row_where = f"{path} line {lines.first}"
            endless = "end of data" in str(error) or ("field limit" in str(error) and len(lines.row) > 1)
            if endless:  # a quote that is never closed: all rows after it are inside
                raise InputError(f"{row_where}: not CSV ({error}): {_QUOTES}") from error
            _wrong(problems, lines, f"{row_where}: not CSV ({error}), up to line {lines.last}: {_QUOTES}")
            continue
        if cells is None:
            return Rows(columns, where, rows)
        row_where = f"{path} line {lines.first}"
        cells = _with_number(cells, columns)
        if _swallows_rows(cells, lines.row, delimiter, image, len(columns)):
            reason = f"a quote that is opened there is closed in line {lines.last}, over what looks like other rows"
            _wrong(problems, lines, f"{row_where}: {reason}: {_QUOTES}")
        elif len(cells) == len(columns):
            rows.append(Row(row_where, dict(zip(columns, cells, strict=True))))
        else:
            reason = f"{len(columns)} columns are expected, not {len(cells)}"
            quotes = f"captions with {_DELIMITERS[delimiter]} need quotes"
            mend = "a caption cannot hold a bar" if delimiter == "|" else quotes
            _wrong(problems, lines, f"{row_where}: {reason}; {mend}")


def _wrong(problems: Problems, lines: _Lines, detail: str) -> None:
    """Count every line of the present row: it may have been a row of its own."""
    for _ in lines.row:
        problems.add("row of the wrong form", detail)


class _Lines(Iterator[str]):
    """The lines of a file, and those of the present row: a quoted cell may go over several."""

    def __init__(self, path: Path, problems: Problems):
        self._lines = read_lines(path, problems)
        self.last = 1
        self.first = 1
        self.row: list[str] = []

    def begin_row(self) -> None:
        self.row = []

    def __next__(self) -> str:
        self.last, line = next(self._lines)
        if not self.row:
            self.first = self.last
        self.row.append(line)
        return line + "\n"


def _delimiter(header: str, given: Mapping[str, str], where: str) -> tuple[str, list[str]]:
    """The delimiter of a table, and its columns."""
    found: dict[str, list[str]] = {}
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader([header.strip("\n")], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        found[delimiter] = [normal(cell) for cell in cells]
    if not found:
        raise InputError(f"{where}: not CSV (the header's quotes do not fit together)")
    best = max(found, key=lambda delimiter: (has_columns(found[delimiter], given), len(found[delimiter])))
    return best, found[best]


def _image_column(columns: Sequence[str], given: Mapping[str, str]) -> int:
    """The number of the column that holds the image, as far as the names tell."""
    names = [normal(given["image"])] if "image" in given else ["image", *ALIASES["image"]]
    return next((columns.index(name) for name in names if name in columns), 0)


def _swallows_rows(cells: list[str], lines: list[str], delimiter: str, image: int, columns: int) -> bool:
    """Whether a cell holds other rows: a caption begins with a quote, and a later one has the next quote.

    Args:
        cells: of the row.
        lines: of the file that the row is made of.
        delimiter: of the table.
        image: number of the column of the image.
        columns: how many there are.
    """
    number = next((number for number, cell in enumerate(cells) if "\n" in cell), None)
    if number is None:
        return False
    if delimiter == "\t":  # which no caption holds
        return any("\t" in cell and "\n" in cell for cell in cells)
    if number < image:  # the image of the row itself is inside
        lines = cells[number].split("\n")[:-1]
        return any(map(_names_image, (field for line in lines for field in line.split(delimiter)[1:])))
    fields = [line.split(delimiter) for line in lines[1:]]
    return any(len(of_line) >= columns and _names_image(of_line[image]) for of_line in fields)


def _names_image(field: str) -> bool:
    return field.strip(' "').lower().endswith(SUFFIXES)


def _with_number(cells: list[str], columns: Sequence[str]) -> list[str]:
    """Kaggle's results.csv of Flickr30k lacks the delimiter between number and comment in one of its rows."""
    if columns[1:] == ["comment_number", "comment"] and len(cells) == 2 and (match := _NUMBERED.fullmatch(cells[1])):
        return [cells[0], *match.groups()]
    return cells


def _read_json(path: Path, problems: Problems) -> Rows:
    rows = []
    columns: dict[str, None] = {}
    for number, line in read_lines(path, problems):
        where = f"{path} line {number}"
        try:
            cells = json.loads(line, object_pairs_hook=_without_repeats)
        except json.JSONDecodeError as error:
            problems.add("row of the wrong form", f"{where}: not JSON ({error.msg})")
        except RecursionError:
            problems.add("row of the wrong form", f"{where}: not JSON (nested too deeply)")
        except ValueError as error:  # a repeated key, or a number of thousands of digits
            problems.add("row of the wrong form", f"{where}: {error}")
        else:
            if isinstance(cells, dict):
                rows.append(Row(where, cells))
                columns |= dict.fromkeys(cells)
            else:
                problems.add("row of the wrong form", f'{where}: an object with "image" and "caption" is expected')
    return Rows(list(columns), str(path), rows)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if normal(name) in result:
            raise ValueError(f"the key {name!r} is there twice")
        result[normal(name)] = value
    return result
