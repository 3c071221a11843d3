"""Published results, read from experiments/published.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "published.toml"


@dataclass(frozen=True)
class Published:
    """A published line as printed: `recalls` are six strings, "-" where the source gives none."""

    method: str
    recalls: tuple[str, ...]
    source: str
    data: str  # name of the data set
    label: str  # as printed, e.g. "COCO-1k"
    variant: str = ""  # the authors' own configuration, e.g. "config-2"


@cache
def read_published(block: str) -> tuple[list[Published], list[str]]:
    """The lines of a block of published.toml, and its notes."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))[block]
    shared = {key: table[key] for key in ("source", "data", "label")}
    return [Published(**shared | row | {"recalls": tuple(row["recalls"])}) for row in table["rows"]], table["notes"]


def published_lines(blocks: tuple[str, ...]) -> list[Published]:
    """The lines of several blocks, in their order."""
    return [line for block in blocks for line in read_published(block)[0]]


def of_the_authors(blocks: tuple[str, ...], variant: str) -> Published | None:
    """The authors' line of a variant: the paper's, or their later one where the paper leaves it empty; else None."""
    own = (line for line in published_lines(blocks) if line.variant == variant)
    return next((line for line in own if set(line.recalls) != {"-"}), None)
