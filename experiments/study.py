"""A study: what is compared, read from experiments/studies/*.toml, and the run records that belong to it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from encoded_text.common.errors import InputError
from experiments.records import Record, read_records
from experiments.settings import flat

HERE = Path(__file__).resolve().parent
NAMES = tuple(path.stem for path in sorted((HERE / "studies").glob("*.toml")))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Strict):
    """A variant: a configuration of experiments/configs/ with single settings overridden."""

    variant: str
    label: str = ""  # in tables; empty: "Single-Net (VARIANT)"
    base: str  # the configuration is experiments/configs/DATA_BASE.toml
    overrides: dict[str, Any] = {}
    seeds: tuple[int, ...] = (0,)
    baseline: str = ""  # variant from which its difference is shown
    after: str = ""  # variant whose run, of the same seed, training goes on from
    on_request: bool = False  # trained only where named with --variants
    command: str = ""  # where it is not the study's

    @property
    def name(self) -> str:
        """The line's name in a table."""
        return self.label or f"Single-Net ({self.variant})"

    @property
    def changes(self) -> list[str]:
        """The overrides as "section.key=value"."""
        return [f"{key}={value}" for key, value in flat(self.overrides).items()]


class Study(_Strict):
    """A table of published and measured lines."""

    name: str
    title: str
    heading: str = "Method"  # of the first column
    data: str  # the data set it is about
    fallback: str = ""  # data set to use where the root of `data` is not set
    shared: tuple[str, ...] = ()  # studies whose runs of the same variant and data are this study's as well
    published: tuple[str, ...] = ()  # blocks of published.toml
    recalls: str = "recalls"  # the group of columns that published recalls fill
    columns: tuple[str, ...]
    sections: tuple[str, ...] = ()  # of columns.toml, below the table
    notes: tuple[str, ...] = ()
    curves: bool = False  # whether its page shows the recall during training
    readme: tuple[str, ...] = ()  # variants, and published methods, in the table of the README
    lines: tuple[Line, ...] = Field(min_length=1)

    @property
    def command(self) -> str:
        """The make target that trains and evaluates it."""
        return f"make reproduce-{self.name.replace('_', '-')}"

    def line(self, variant: str) -> Line:
        """The line of a variant, under either spelling (config-2 or config_2).

        Raises:
            InputError: the study has no such variant.
        """
        for line in self.lines:
            if line.variant.replace("-", "_") == variant.replace("-", "_"):
                return line
        known = ", ".join(line.variant for line in self.lines)
        raise InputError(f"{self.name} has no variant {variant!r}: choose from {known}")

    def home(self, data: str, variant: str) -> str:
        """The study under whose name a run's record is kept: each run has one record, whoever shows it."""
        for name in self.shared:
            other = read_study(name)
            if data in (other.data, other.fallback) and any(line.variant == variant for line in other.lines):
                return name
        return self.name

    def records(self, root: Path) -> list[Record]:
        """The study's records below `root` (results/records or runs/records): its own data first, by line and seed.

        Raises:
            InputError: a record cannot be used, or is of a variant that the study does not have.
        """
        found = read_records(root / self.name)
        for record in found:
            try:
                self.line(record["variant"])
            except InputError as error:
                raise InputError(f"{record.path}: {error}; or remove the file") from None
        known = [line.variant for line in self.lines]
        for name in self.shared:
            for record in read_records(root / name):
                data, variant = record["dataset.name"], record["variant"]
                of_this_study = data in (self.data, self.fallback) and self.home(data, variant) == name
                if variant in known and of_this_study:
                    found.append(record)
        return sorted(
            found,
            key=lambda r: (
                r["dataset.name"] != self.data,
                r["dataset.name"],
                known.index(self.line(r["variant"]).variant),
                r["seed"],
            ),
        )


@cache
def read_study(name: str) -> Study:
    """Read experiments/studies/NAME.toml.

    Raises:
        InputError: there is no such study, or its file has unknown or missing keys.
    """
    if name not in NAMES:
        raise InputError(f"no study is called {name!r}: choose from {', '.join(NAMES)}")
    path = HERE / "studies" / f"{name}.toml"
    try:
        return Study.model_validate({"name": name} | tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
