"""The addresses of the data sets, read from addresses.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

ADDRESSES = Path(__file__).with_name("addresses.toml")
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True)
class Source:
    """One address of a file, with "md5:..." or "sha256:..." of its contents."""

    url: str
    checksum: str

    @property
    def file(self) -> str:
        """The file's name at the end of the address."""
        return PurePosixPath(urlsplit(self.url).path).name

    @property
    def is_archive(self) -> bool:
        return self.file.endswith(_ARCHIVES)


@dataclass(frozen=True)
class Part:
    """One file or folder of a data set; the fields are explained in addresses.toml."""

    name: str
    inside: str
    sources: tuple[Source, ...] = ()
    archive: str = ""
    request: str = ""


@dataclass(frozen=True)
class DataSet:
    """What a data set consists of; the fields are explained in addresses.toml."""

    splits: dict[str, int]
    parts: tuple[Part, ...]


def read_addresses(path: Path = ADDRESSES) -> dict[str, DataSet]:
    """The data sets of a file of addresses, by name."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: DataSet(**{**one, "parts": tuple(map(_part, one["parts"]))}) for name, one in document.items()}


def _part(table: dict[str, Any]) -> Part:
    return Part(**{**table, "sources": tuple(Source(**source) for source in table.get("sources", ()))})
