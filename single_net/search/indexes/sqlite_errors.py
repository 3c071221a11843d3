"""What SQLite raises about the catalog of an index in a folder, in one line."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.search.indexes.header import DamagedIndex

# Of the disk or the machine: the index may be whole.
_PASSING = ("SQLITE_IOERR", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_NOMEM", "SQLITE_INTERRUPT", "SQLITE_PERM")


@contextlib.contextmanager
def as_input_errors(folder: Path) -> Iterator[None]:
    """Raise SQLite's errors as what they are: a full disk, a busy or a damaged index."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(folder)  # a full disk is reported without a file name
        raise
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith("SQLITE_FULL"):
            raise InputError(f"the disk is full: {folder}: free some space, and start again to go on") from error
        if code.startswith("SQLITE_READONLY") or code.startswith("SQLITE_CANTOPEN"):
            raise InputError(f"{folder}: no permission to write there, or the index is gone") from error
        if code.startswith("SQLITE_BUSY"):
            raise InputError(f"{folder}: another process has been writing for a minute: try again later") from error
        if code.startswith(_PASSING):
            raise InputError(f"{folder}: cannot be read or written at present ({error}): try again") from error
        raise damaged(folder, error) from error


def damaged(folder: Path, what: object) -> DamagedIndex:
    """The error of an index whose files do not fit together."""
    return DamagedIndex(f"{folder}: the index is damaged ({what}): make it anew in another folder")
