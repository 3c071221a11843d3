"""The columns of the tables, read from experiments/columns.toml, and the cells they make of run records."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError
from experiments.records import DECIMALS, SHORT, Record, time_text
from experiments.tables import MISSING
from single_net.retrieval.recall import KS

FILE = Path(__file__).resolve().parent / "columns.toml"


@dataclass(frozen=True)
class Column:
    """A column: see the head of columns.toml."""

    heading: str
    places: tuple[str, ...] = ()
    form: str = "{}"
    align: str = "right"
    spread: bool = False
    only: dict[str, str] = field(default_factory=dict)  # {place: value}: other records have a dash

    def cell(self, runs: Sequence[Record]) -> str:
        """The cell of a run, or of several that differ in their seeds alone; a dash where a value is missing.

        Raises:
            InputError: a value that cannot be shown; names the records and the place.
        """
        values = [[run.get(place) for place in self.places] for run in runs]
        applies = all(run.get(place) in (None, wanted) for run in runs for place, wanted in self.only.items())
        if not values or not applies or any(value is None for of_run in values for value in of_run):
            return MISSING
        try:
            return self._text(values)
        except (TypeError, ValueError) as error:
            paths, places = ", ".join(str(run.path) for run in runs), ", ".join(self.places)
            raise InputError(f"{paths}: {places} cannot be shown ({error}): evaluate the run again") from None

    def _text(self, values: list[list[Any]]) -> str:
        if len(values) == 1:
            return self._formatted(*values[0])
        if self.spread:
            first = [of_run[0] for of_run in values]
            return f"{np.mean(first):.1f} ± {np.std(first, ddof=1):.1f}"
        if isinstance(values[0][0], str):
            return "; ".join(dict.fromkeys(self._formatted(*of_run) for of_run in values))
        return self._formatted(*np.mean(values, axis=0))

    def _formatted(self, *values: Any) -> str:
        return time_text(*values) if self.form == "time" else self.form.format(*values)


@dataclass(frozen=True)
class Section:
    """A table below the main one, a line a run; `needs` is a place that a record must have to be in it."""

    heading: str
    text: str
    columns: tuple[str, ...]
    needs: str = ""


@cache
def columns() -> dict[str, Column]:
    """Every column by its name."""
    return {
        name: Column(**values | {"places": tuple(values.get("places", ()))})
        for key, value in _file()["columns"].items()
        for name, values in _expanded(key, value)
    }


@cache
def sections() -> dict[str, Section]:
    """Every section by its name."""
    return {
        name: Section(**section | {"columns": tuple(section["columns"])})
        for name, section in _file()["sections"].items()
    }


@cache
def csv_columns() -> dict[str, str]:
    """Column of the CSV files -> place in a record."""
    return {name: place for key, value in _file()["csv"].items() for name, place in _expanded(key, value)}


def names(wanted: Sequence[str]) -> list[str]:
    """Names of columns, with those of groups taken apart."""
    groups = _file()["groups"]
    return [name for one in wanted for name in groups.get(one, [one])]


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _expanded(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The column itself, or one for each direction and K that its name asks for."""
    for short, direction in SHORT.items() if "<d>" in key else (("", ""),):
        for k in KS if "<k>" in key else ("",):
            by = {"<direction>": direction, "<d>": short, "<k>": str(k), "<p>": str(DECIMALS.get(direction, ""))}
            yield _filled(key, by), _filled(value, by)


def _filled(value: Any, by: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, by) for item in value]
    if isinstance(value, str):
        for mark, text in by.items():
            value = value.replace(mark, text)
    return value
