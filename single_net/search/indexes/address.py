"""The address of an index in Milvus: FILE.db, or http(s)://HOST:PORT/NAME."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from encoded_text.common.errors import InputError

NAME = "single_net"  # of an index whose address has no name
TOKEN = "MILVUS_TOKEN"  # environment variable


class Address(NamedTuple):
    """Where an index is.

    Attributes:
        uri: of the server, or the path of a Milvus Lite file.
        name: of the index there.
    """

    uri: str
    name: str

    @property
    def is_file(self) -> bool:
        """Whether it is a Milvus Lite file."""
        return "://" not in self.uri


def is_milvus(place: str) -> bool:
    """Whether a place is a Milvus Lite file or the address of a server, by its form alone."""
    return place.startswith(("http://", "https://")) or place.endswith(".db")


def parse(place: str) -> Address:
    """The address of an index: FILE.db, or http(s)://HOST:PORT/NAME.

    Raises:
        InputError: no such address, or one that holds a password.
    """
    if not place.startswith(("http://", "https://")):
        return Address(place, NAME)
    try:
        parts = urlsplit(place)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 19530)
    except ValueError as error:
        raise InputError(f"{place}: no address of a Milvus server ({error})") from None
    if not host or parts.query or parts.fragment:
        raise InputError(f"{place}: no address of a Milvus server: give http://HOST:19530/NAME")
    if parts.username or parts.password:
        raise InputError(f"{parts.scheme}://{host}: a password in an address is seen by others: put it in {TOKEN}")
    name = parts.path.strip("/") or NAME
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,199}", name):
        raise InputError(f"{place}: the index is called {name!r}: use letters, digits and _ only")
    shown = f"[{host}]" if ":" in host else host
    return Address(f"{parts.scheme}://{shown}:{port}", name)
