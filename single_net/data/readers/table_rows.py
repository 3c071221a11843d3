"""The rows of a table: text with a delimiter, or JSON lines, as cells by column."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from encoded_text.common.errors import InputError
from single_net.data.readers.columns import has_columns, normal
from single_net.data.readers.problems import Problems
from single_net.data.readers.table_files import JSON_LINES
from single_net.data.readers.text_files import read_lines

_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
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
    rows = []
    try:
        lines.begin_row()
        for cells in reader:
            row_where = f"{path} line {lines.first}"
            cells = _with_number(cells, columns)
            if delimiter == "\t" and any("\t" in cell and "\n" in cell for cell in cells):
                reason = f"a quote that is opened there is closed in line {lines.last}"
                problems.add("row of the wrong form", f"{row_where}: {reason}: double the quotes of a caption, or none")
            elif len(cells) == len(columns):
                rows.append(Row(row_where, dict(zip(columns, cells, strict=True))))
            else:
                reason = f"{len(columns)} columns are expected, not {len(cells)}"
                mend = f"captions with {_DELIMITERS[delimiter]} need quotes"
                problems.add("row of the wrong form", f"{row_where}: {reason}; {mend}")
            lines.begin_row()
    except csv.Error as error:
        raise InputError(f"{path} line {lines.first}: not CSV ({error})") from error
    return Rows(columns, where, rows)


class _Lines(Iterator[str]):
    """The lines of a file, and where the present row begins: a quoted cell may go over several lines."""

    def __init__(self, path: Path, problems: Problems):
        self._lines = read_lines(path, problems)
        self.last = 1
        self.first = 1
        self._begins = True

    def begin_row(self) -> None:
        self._begins = True

    def __next__(self) -> str:
        self.last, line = next(self._lines)
        if self._begins:
            self.first, self._begins = self.last, False
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
