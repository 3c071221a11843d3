"""Indexes of images and captions: in a folder, or in Milvus. `open_index` finds out which."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.search.indexes import folder, milvus
from single_net.search.indexes.address import is_milvus, parse
from single_net.search.indexes.header import DamagedIndex, Header, Source
from single_net.search.indexes.index import Index
from single_net.search.indexes.item import KINDS, Hit, Item, Kind

__all__ = [
    "KINDS",
    "DamagedIndex",
    "Header",
    "Hit",
    "Index",
    "Item",
    "Kind",
    "Source",
    "exists",
    "is_being_written",
    "model_of",
    "open_index",
    "open_or_create",
    "writing",
]

_LOCK = ".lock"  # in the folder of an index


def exists(place: str) -> bool:
    """Whether a place is to be opened as an index: a folder that holds one, or anything in Milvus' form."""
    return is_milvus(place) or folder.is_index(Path(os.path.expanduser(place)))


def open_index(place: str | os.PathLike[str]) -> Index:
    """Open an index to search in it. Several processes may, except in a Milvus Lite file.

    Args:
        place: a folder; a Milvus Lite file, FILE.db; or the address of a Milvus server, http(s)://HOST:PORT/NAME, with
            a token from the environment variable MILVUS_TOKEN.

    Raises:
        InputError: there is no index, or no server.
        DamagedIndex: an InputError: what is stored there cannot be used.
    """
    return _open(place)


def model_of(index: Index, given: Path | None) -> Path:
    """The run or model file that an index was made by, or the `given` one if it has moved.

    Raises:
        InputError: it was made by a model that is no run, or the run is not there.
    """
    run = given or index.header.run
    if not run:
        raise InputError(f"{index.place} was made by a model that is no run: use it from Python, with that model")
    if not given and not Path(run).exists():
        raise InputError(f"{run}, the model of {index.place}, is not there: say where it is now with --run")
    return Path(run)


def open_or_create(place: str | os.PathLike[str], header: Callable[[], Header]) -> Index:
    """Open an index to write to it, inside `writing`; if there is none, make it.

    Args:
        place: as in `open_index`.
        header: makes that of a new index; not called if there is one.

    Raises:
        InputError: as `open_index`, or an index cannot be made there.
    """
    return _open(place, header)


def _open(place: str | os.PathLike[str], new: Callable[[], Header] | None = None) -> Index:
    name = os.path.expanduser(str(place))
    path = Path(name)
    if is_milvus(name):
        if new is None and parse(name).is_file and not path.is_file() and not milvus.is_lite(path):
            raise InputError(f"{place}: no index: make one with python -m single_net.index")  # Lite would make it
        return milvus.MilvusIndex(name, new)
    return folder.FolderIndex(path) if new is None or folder.is_index(path) else folder.FolderIndex.create(path, new())


@contextlib.contextmanager
def writing(place: str | os.PathLike[str]) -> Iterator[None]:
    """Be the only process of this machine that writes to an index; another one is waited for.

    Writers on several machines do not see each other. In Milvus they lose nothing, since both write the same.

    Args:
        place: as in `open_index`.

    Raises:
        InputError: no lock can be had, or the folder holds other files.
    """
    from single_net.common.lock import locked
    from single_net.data.cache import MEND, cache_folder

    name = os.path.expanduser(str(place))
    if is_milvus(name):
        address = parse(name)
        key = os.path.abspath(address.uri) if address.is_file else "/".join(address)
        path = cache_folder() / "locks" / f"{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:24]}.lock"
        mend = MEND
    else:
        own = Path(name)
        folder.check_place(own)  # before a lock is left in it
        path, mend = own / _LOCK, "name another folder for the index"
    with locked(path, f"writes to {name}", mend):
        yield


def is_being_written(place: str) -> bool:
    """Whether a process of this machine writes to the index of a folder. Of Milvus it is not known: False."""
    from single_net.common.lock import is_locked

    return not is_milvus(place) and is_locked(Path(os.path.expanduser(place)) / _LOCK)
