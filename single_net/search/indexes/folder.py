"""An index in a folder: vectors in memory-mapped files, everything else in an SQLite database beside them.

Vectors are only ever appended, and written to the disk before the database counts them: a process killed at any moment
leaves an index that is whole, and whoever searches meanwhile sees it as it was before or after. A removed item leaves
a row that no query is near; when most rows are such, the files are written anew.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import make_folder
from single_net.common.batches import batches
from single_net.retrieval.neighbors_numpy import nearest_numpy
from single_net.search.indexes.header import Header
from single_net.search.indexes.index import Index
from single_net.search.indexes.item import FIELDS, KINDS, Hit, Item, Kind
from single_net.search.indexes.sqlite_errors import as_input_errors, damaged

CATALOG = "catalog.sqlite"
_SCHEMA = """
CREATE TABLE header (json TEXT NOT NULL);
CREATE TABLE files (kind TEXT PRIMARY KEY, file TEXT NOT NULL, rows INTEGER NOT NULL);
CREATE TABLE dead (kind TEXT NOT NULL, row INTEGER NOT NULL);
""" + "".join(
    f"CREATE TABLE {kind} (id INTEGER PRIMARY KEY, row INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, "
    "content TEXT NOT NULL, text TEXT NOT NULL, count INTEGER NOT NULL);\n"
    for kind in KINDS
)
_FIELDS = ", ".join(FIELDS)
_FAR = 4.0  # first component of a removed row's vector, the others being 0: 3 or more from everything L2-normalized
_FEW = 1000  # removed rows that are never worth a new file
_VARIABLES = 500  # in one statement; SQLite has a limit
_PAGE = 10_000  # items
# One search compares at a time: each takes all cores already, and the BLAS threads of several only wait for each other.
_COMPARING = threading.Lock()
_WAIT = 60.0  # seconds for another process's transaction
_COPIED = 1 << 16  # rows at once


class FolderIndex(Index):
    """An index in a folder, see `Index`. One process may write; `indexes.writing` sees to that.

    Args:
        folder: of the index.

    Raises:
        InputError: it holds no index.
        DamagedIndex: it holds a damaged one.
    """

    def __init__(self, folder: Path) -> None:
        self.place, self._folder = str(folder), folder
        if not is_index(folder):
            raise InputError(f"{folder}: no index: make one with python -m single_net.index")
        self.header = self.stored_header()
        with self._catalog() as db:
            db.execute("SELECT kind, row FROM dead LIMIT 1")
            for kind in KINDS:
                self._map(db, kind)

    @classmethod
    def create(cls, folder: Path, header: Header) -> FolderIndex:
        """Make an empty index.

        Raises:
            InputError: the folder holds other files, or an exact search is all that it can do.
        """
        if header.approximate:
            raise InputError(
                f"{folder}: an index in a folder is exact: leave --approximate out, or use a Milvus server"
            )
        check_place(folder)
        make_folder(folder)
        for kind in KINDS:
            (folder / _file_name(kind, 1)).touch()
        # Under a hidden name until it is complete.
        part = folder / f".{CATALOG}.part"
        part.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(part)) as db, as_input_errors(folder):
            db.executescript(_SCHEMA)
            db.execute("INSERT INTO header VALUES (?)", [header.to_json()])
            db.executemany("INSERT INTO files VALUES (?, ?, 0)", [(kind, _file_name(kind, 1)) for kind in KINDS])
            db.commit()
        os.replace(part, folder / CATALOG)
        return cls(folder)

    def _items(self, kind: Kind) -> Iterator[Item]:
        last = -1
        while True:  # one transaction a page: a longer one would keep writers waiting
            with self._catalog() as db:
                page = db.execute(
                    f"SELECT id, {_FIELDS} FROM {kind} WHERE id > ? ORDER BY id LIMIT {_PAGE}", [last]
                ).fetchall()
            if not page:
                return
            yield from (Item(*fields) for _, *fields in page)
            last = page[-1][0]

    def _find(self, kind: Kind, number: int) -> Item | None:
        with self._catalog() as db:
            found = db.execute(f"SELECT {_FIELDS} FROM {kind} WHERE id = ?", [number]).fetchone()
        return Item(*found) if found else None

    def _count(self, kind: Kind) -> int:
        with self._catalog() as db:
            return int(db.execute(f"SELECT count(*) FROM {kind}").fetchone()[0])

    def _vectors(self, kind: Kind, items: Sequence[Item]) -> np.ndarray:
        with self._catalog() as db:
            mapped, rows = self._map(db, kind), _rows(db, kind, [item.id for item in items])
            try:
                return np.array(mapped[[rows[item.id] for item in items]], np.float32)
            except KeyError:
                raise InputError(f"{self.place}: an item was removed meanwhile: start again") from None

    def _remove(self, kind: Kind, items: Sequence[Item]) -> None:
        with self._catalog(write=True) as db:
            rows = _rows(db, kind, [item.id for item in items])
            db.executemany("INSERT INTO dead VALUES (?, ?)", [(kind, row) for row in rows.values()])
            db.executemany(f"DELETE FROM {kind} WHERE id = ?", [(number,) for number in rows])
        self._mark_dead()
        with self._catalog() as db:
            _, rows_in_file = self._file(db, kind)
            live = db.execute(f"SELECT count(*) FROM {kind}").fetchone()[0]
        if rows_in_file - live > max(_FEW, live):
            self._compact(kind)

    def stored_header(self) -> Header:
        with self._catalog() as db:
            found = db.execute("SELECT json FROM header").fetchone()
        return Header.from_json(found[0] if found else "", self.place)

    def set_header(self, header: Header) -> None:
        with self._catalog(write=True) as db:
            db.execute("UPDATE header SET json = ?", [header.to_json()])
        self.header = header

    def close(self) -> None:
        pass

    def _add(self, kind: Kind, items: Sequence[Item], vectors: np.ndarray) -> None:
        self._mark_dead()
        with self._catalog(write=True) as db:
            known = _rows(db, kind, [item.id for item in items])
            new = [i for i, item in enumerate(items) if item.id not in known]
            file, rows = self._file(db, kind)
            with open(file, "r+b") as out:  # a stream: on a full disk a map would kill the process
                out.seek(rows * self._row_bytes)
                out.truncate()  # what a killed process had appended and not counted
                out.write(vectors[new].astype("<f4").tobytes())
                out.flush()
                os.fsync(out.fileno())
            values = [(items[i].id, rows + n, *items[i].fields) for n, i in enumerate(new)]
            db.executemany(f"INSERT INTO {kind} (id, row, {_FIELDS}) VALUES (?, ?, ?, ?, ?, ?)", values)
            db.execute("UPDATE files SET rows = rows + ? WHERE kind = ?", [len(new), kind])

    def _nearest(self, kind: Kind, queries: np.ndarray, k: int) -> list[list[Hit]]:
        with self._catalog() as db:
            mapped = self._map(db, kind)
            unmarked = db.execute("SELECT count(*) FROM dead WHERE kind = ?", [kind]).fetchone()[0]
            with _COMPARING:
                distances, rows = nearest_numpy(queries, mapped, min(k + unmarked, len(mapped)))
            found: dict[int, Item] = {}
            for part in batches(np.unique(rows).tolist(), _VARIABLES):
                marks = ", ".join("?" * len(part))
                for row, *fields in db.execute(f"SELECT row, {_FIELDS} FROM {kind} WHERE row IN ({marks})", part):
                    found[row] = Item(*fields)
        return [
            [Hit(float(d), found[row]) for d, row in zip(nearest, at, strict=True) if row in found][:k]
            for nearest, at in zip(distances, rows.tolist(), strict=True)
        ]

    @property
    def _row_bytes(self) -> int:
        return 4 * self.header.dimension

    @contextlib.contextmanager
    def _catalog(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """The database in one transaction, which sees none of what others write meanwhile."""
        with as_input_errors(self._folder):
            # Not read-only: what a killed writer left undone is undone by whoever opens next.
            path = f"{(self._folder.absolute() / CATALOG).as_uri()}?mode=rw"
            db = sqlite3.connect(path, uri=True, timeout=_WAIT, isolation_level=None)
            with contextlib.closing(db):
                db.execute("PRAGMA synchronous = FULL")
                db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                yield db
                db.execute("COMMIT")

    def _map(self, db: sqlite3.Connection, kind: Kind) -> np.ndarray:
        """The file's rows, float32 (rows, dimension), memory-mapped."""
        file, rows = self._file(db, kind)
        shape = (rows, self.header.dimension)
        if file.stat().st_size < rows * self._row_bytes:  # reading beyond the end would kill the process
            raise damaged(self._folder, f"{file.name} is shorter than its index says")
        return np.memmap(file, "<f4", "r", shape=shape) if rows else np.empty(shape, np.float32)

    def _file(self, db: sqlite3.Connection, kind: Kind) -> tuple[Path, int]:
        """The file of the vectors, and how many rows it has. An index may come from anywhere, and its file is written
        to: one outside the folder, or a link, is refused."""
        found = db.execute(
            "SELECT file, rows FROM files WHERE kind = ? AND typeof(rows) = 'integer' AND rows >= 0 "
            f"AND NOT EXISTS (SELECT 1 FROM {kind} WHERE row < 0 OR row >= rows)",
            [kind],
        ).fetchone()
        if not found or not re.fullmatch(rf"{kind}-[0-9]{{1,18}}\.f32", str(found[0])):
            raise damaged(self._folder, f"no rows of {kind}")
        file = self._folder / found[0]
        if file.is_symlink() or not file.is_file():
            raise damaged(self._folder, f"no file {file.name}")
        return file, found[1]

    def _mark_dead(self) -> None:
        """Move the vectors of removed rows away from all queries, also those that a killed process has left."""
        with self._catalog() as db:
            dead = {
                kind: db.execute("SELECT row FROM dead WHERE kind = ? AND typeof(row) = 'integer'", [kind]).fetchall()
                for kind in KINDS
            }
            files = {kind: self._file(db, kind) for kind in KINDS if dead[kind]}
        if not files:
            return
        far = np.zeros(self.header.dimension, "<f4")
        far[0] = _FAR
        for kind, (file, rows) in files.items():
            with open(file, "r+b") as out:
                for row in sorted(row for (row,) in dead[kind] if 0 <= row < rows):
                    out.seek(row * self._row_bytes)
                    out.write(far.tobytes())
                out.flush()
                os.fsync(out.fileno())
        with self._catalog(write=True) as db:
            db.execute("DELETE FROM dead")

    def _compact(self, kind: Kind) -> None:
        """Write the rows that are left into a new file, if there is room for it."""
        with self._catalog(write=True) as db:
            mapped = self._map(db, kind)
            old, _ = self._file(db, kind)
            new = self._folder / _file_name(kind, int(old.stem.rpartition("-")[2]) + 1)
            rows = [row for (row,) in db.execute(f"SELECT row FROM {kind} ORDER BY row")]
            try:
                new.unlink(missing_ok=True)  # it might be a link
                with open(new, "wb") as out:
                    for part in batches(rows, _COPIED):
                        out.write(mapped[part].tobytes())
                    out.flush()
                    os.fsync(out.fileno())
            except OSError:  # a full disk: what was removed is removed all the same
                new.unlink(missing_ok=True)
                return
            # In ascending order no row takes the number of another.
            db.executemany(f"UPDATE {kind} SET row = ? WHERE row = ?", [(n, row) for n, row in enumerate(rows)])
            db.execute("UPDATE files SET file = ?, rows = ? WHERE kind = ?", [new.name, len(rows), kind])
        for left_over in self._folder.glob(f"{kind}-*.f32"):
            if left_over.name != new.name:
                with contextlib.suppress(OSError):  # on Windows somebody may have it mapped
                    left_over.unlink()


def is_index(folder: Path) -> bool:
    """Whether a folder holds an index."""
    return (folder / CATALOG).is_file()


def check_place(folder: Path) -> None:
    """Raise InputError where no index can be made, because the folder holds other files."""
    if folder.is_dir() and not is_index(folder):
        others = [path.name for path in folder.iterdir() if not path.name.startswith(".") and path.suffix != ".f32"]
        if others:
            raise InputError(f"{folder}: holds other files ({others[0]}): name a new or empty folder for the index")


def _file_name(kind: Kind, number: int) -> str:
    return f"{kind}-{number}.f32"


def _rows(db: sqlite3.Connection, kind: Kind, ids: Sequence[int]) -> dict[int, int]:
    """The rows of those ids that there are."""
    found: dict[int, int] = {}
    for part in batches(ids, _VARIABLES):
        found.update(db.execute(f"SELECT id, row FROM {kind} WHERE id IN ({', '.join('?' * len(part))})", part))
    return found
