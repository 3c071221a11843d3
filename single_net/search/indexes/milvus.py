"""An index in Milvus: in a file (Milvus Lite), on a server or cluster, or in Zilliz Cloud. Needs the extra `milvus`.

An index is three collections: NAME_images, NAME_captions and NAME_header. The header is written last, so that an index
exists only when it is complete. Items have ids made from their contents: writing one twice changes nothing, and no text
ever stands in a filter expression.
"""

from __future__ import annotations

import errno
import itertools
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from encoded_text.common.errors import InputError
from single_net.common.batches import batches
from single_net.search.indexes.address import TOKEN, parse
from single_net.search.indexes.header import Header
from single_net.search.indexes.index import Index
from single_net.search.indexes.item import FIELDS, KINDS, Hit, Item, Kind

T = TypeVar("T")

INSTALL = "pip install 'single-net[milvus]'"
BATCH = 1000  # rows in a message, which may hold 64 MB
_PAGE = 4096  # rows that a query may return
_RESULTS = 100_000  # in an answer
_PRODUCTS = 1 << 25  # of a query and an item at once in Milvus Lite
_LITE = {"LOCK", "collections", "databases"}  # in a folder of Milvus Lite 3
_SECONDS = 60.0  # until a call is given up
_LAST = 2**63 - 1  # id
_CHARACTERS = 65535  # bytes of a VARCHAR at most
_HNSW = {"M": 16, "efConstruction": 200}  # its recall is measured by experiments.bench.index
_EF = 128


class MilvusIndex(Index):
    """An index in Milvus, see `Index`.

    Args:
        place: its address, see `parse`.
        new: makes the header of a new index, if there is none; None: there must be one.

    Raises:
        InputError: no index or no server there, or pymilvus is not installed.
    """

    def __init__(self, place: str, new: Callable[[], Header] | None = None) -> None:
        self.place, self._address = place, parse(place)
        # The cold start of a cloud takes its time. Milvus Lite cannot be gone, and may write all in a call.
        times = 60 if self._address.is_file else 2 if place.startswith("https") else 1
        self._seconds = times * _SECONDS
        self._client = self._connect()
        try:
            found = self._read_header()
            if found is not None:
                self.header = Header.from_json(found, place)
                for kind in KINDS:  # Milvus Lite opens collections unloaded: it would count and not search in them
                    self._call("load_collection", collection_name=self._collection(kind))
            elif new is not None:
                self._create(new())
            else:
                raise InputError(f"{place}: no index: make one with python -m single_net.index")
        except BaseException:
            self.close()
            raise

    def _create(self, header: Header) -> None:
        """Make an empty index, in place of an interrupted attempt to make one."""
        if header.approximate and self._address.is_file:
            raise InputError(f"{self.place}: exact in Milvus Lite: leave --approximate out, or use a Milvus server")
        own = {"index_type": "HNSW", "params": _HNSW} if header.approximate else {"index_type": "FLAT"}
        parts = (*KINDS, "header")
        for part in parts:
            self._require_own(part)

        def make(part: str) -> None:
            self._call("drop_collection", collection_name=self._collection(part))
            vector = (2, {"index_type": "FLAT"}) if part == "header" else (header.dimension, own)  # each needs one
            self._create_collection(part, *vector)

        # A server takes seconds to load each, most of which it waits.
        with ThreadPoolExecutor(1 if self._address.is_file else len(parts)) as pool:
            list(pool.map(make, parts))
        self.set_header(header)

    def _items(self, kind: Kind) -> Iterator[Item]:
        # Ids are spread evenly, so that equal ranges of them hold about equally many items.
        ranges = max(1, self.count(kind) * 2 // _PAGE)
        borders = [_LAST * i // ranges for i in range(ranges)] + [_LAST]
        for first, last in itertools.pairwise(borders):
            yield from self._range(kind, first, last)
        yield from self._range(kind, _LAST, _LAST + 1)

    def _find(self, kind: Kind, number: int) -> Item | None:
        rows = self._query(kind, ids=[number], output_fields=list(FIELDS))
        return _item(rows[0]) if rows else None

    def _count(self, kind: Kind) -> int:
        # Not the collection's statistics, which lag behind.
        [row] = self._query(kind, filter="", output_fields=["count(*)"])
        return int(row["count(*)"])

    def _vectors(self, kind: Kind, items: Sequence[Item]) -> np.ndarray:
        found: dict[int, list[float]] = {}
        for part in batches([item.id for item in items], BATCH):
            rows = self._query(kind, ids=part, output_fields=["id", "vector"])
            found.update((row["id"], row["vector"]) for row in rows)
        if len(found) < len({item.id for item in items}):
            raise InputError(f"{self.place}: an item was removed meanwhile: start again")
        return np.array([found[item.id] for item in items], np.float32).reshape(-1, self.header.dimension)

    def _remove(self, kind: Kind, items: Sequence[Item]) -> None:
        for part in batches([item.id for item in items], BATCH):
            self._call("delete", collection_name=self._collection(kind), ids=part)

    def stored_header(self) -> Header:
        return Header.from_json(self._newest_header() or "", self.place)

    def set_header(self, header: Header) -> None:
        older = [found["id"] for found in self._query("header", filter="id >= 0", output_fields=["id"])]
        id = max(time.time_ns(), *(id + 1 for id in older), 0)  # clocks differ
        row = {"id": id, "name": "", "content": "", "text": header.to_json(), "count": 1, "vector": [1, 0]}
        self._call("upsert", collection_name=self._collection("header"), data=[row])
        if older:
            self._call("delete", collection_name=self._collection("header"), ids=older)
        self.header = header

    def close(self) -> None:
        _without_noise(self._client.close)
        if self._address.is_file:  # so that another process can open it
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(self._address.uri)

    def _add(self, kind: Kind, items: Sequence[Item], vectors: np.ndarray) -> None:
        for part in batches(range(len(items)), BATCH):
            rows = [
                {"id": items[i].id, "vector": vectors[i], **dict(zip(FIELDS, items[i].fields, strict=True))}
                for i in part
            ]
            self._call("upsert", collection_name=self._collection(kind), data=rows)

    def _nearest(self, kind: Kind, queries: np.ndarray, k: int) -> list[list[Hit]]:
        params = {"ef": max(_EF, k)} if self.header.approximate else {}
        hits: list[list[Hit]] = []
        at_once = max(1, min(BATCH, _RESULTS // k))
        if self._address.is_file:  # Milvus Lite holds the products of all queries and items
            at_once = min(at_once, max(1, _PRODUCTS // self.count(kind)))
        for part in batches(range(len(queries)), at_once):
            found = self._call(
                "search",
                collection_name=self._collection(kind),
                data=list(queries[part[0] : part[-1] + 1]),
                limit=k,
                anns_field="vector",
                search_params={"metric_type": "IP", "params": params},
                output_fields=list(FIELDS),
            )
            for nearest in found:
                hits.append([Hit(_distance(hit["distance"]), _item(hit["entity"])) for hit in nearest])
        return hits

    def _connect(self) -> Any:
        try:
            from pymilvus import MilvusClient

            if self._address.is_file:
                import milvus_lite  # noqa: F401
        except ImportError:
            raise InputError(f"{self.place}: Milvus needs packages that are not installed: {INSTALL}") from None
        for name in ("pymilvus", "milvus_lite", "grpc"):  # what they log is said by our own errors
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if self._address.is_file:
            _check_file(Path(self._address.uri))
        token = os.environ.get(TOKEN, "")
        return self._as_input_errors(
            lambda: MilvusClient(self._address.uri, token=token, timeout=min(self._seconds, 2 * _SECONDS) / 4)
        )

    def _collection(self, part: str) -> str:
        return f"{self._address.name}_{part}"

    def _require_own(self, part: str) -> None:
        """Raise InputError if the collection of this name has other fields: it belongs to another program."""
        name = self._collection(part)
        if not self._call("has_collection", collection_name=name):
            return
        fields = {field["name"] for field in self._call("describe_collection", collection_name=name)["fields"]}
        if fields != {"id", *FIELDS, "vector"}:
            raise InputError(f"{self.place}: another program's collection is called {name}: choose another name")

    def _create_collection(self, part: str, dimension: int, kind_of_index: dict[str, Any]) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("name", DataType.VARCHAR, max_length=_CHARACTERS)
        schema.add_field("content", DataType.VARCHAR, max_length=64)
        schema.add_field("text", DataType.VARCHAR, max_length=_CHARACTERS)
        schema.add_field("count", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        params = self._client.prepare_index_params()
        params.add_index("vector", metric_type="IP", **kind_of_index)
        self._call(
            "create_collection",
            collection_name=self._collection(part),
            schema=schema,
            index_params=params,
            consistency_level="Strong",  # the default lets a search miss what was just written
        )

    def _read_header(self) -> str | None:
        if not self._call("has_collection", collection_name=self._collection("header")):
            return None
        self._call("load_collection", collection_name=self._collection("header"))
        return self._newest_header()

    def _newest_header(self) -> str | None:
        rows = self._query("header", filter="id >= 0", output_fields=["id", "text"])
        return max(rows, key=lambda row: row["id"])["text"] if rows else None

    def _range(self, kind: Kind, first: int, last: int) -> Iterator[Item]:
        """The items whose ids are at least `first` and less than `last`."""
        bounds = f"id >= {first} and id < {last}" if last <= _LAST else f"id == {first}"
        rows = self._query(kind, filter=bounds, output_fields=list(FIELDS), limit=_PAGE)
        if len(rows) < _PAGE:
            yield from map(_item, rows)
        else:
            middle = (first + last) // 2
            yield from self._range(kind, first, middle)
            yield from self._range(kind, middle, last)

    def _query(self, part: str, **arguments: Any) -> list[Any]:
        return list(self._call("query", collection_name=self._collection(part), **arguments))

    def _call(self, method: str, **arguments: Any) -> Any:
        return self._as_input_errors(lambda: getattr(self._client, method)(timeout=self._seconds, **arguments))

    def _as_input_errors(self, call: Callable[[], T]) -> T:
        """Call Milvus; what it raises becomes an InputError."""
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            return call()
        except (MilvusException, grpc.RpcError) as error:
            reason = getattr(error, "message", "") or getattr(error, "details", str)() or type(error).__name__
            if self._address.is_file and os.strerror(errno.ENOSPC) in reason:
                mend = "free some space or choose another folder, then start again"
            elif self._address.is_file:
                mend = "Milvus Lite takes one process at a time: is another one using this file?"
            elif os.environ.get(TOKEN):
                mend = f"is the server running, and does {TOKEN} hold its token?"
            else:
                mend = f"is the server running? (A token is read from {TOKEN})"
            raise InputError(f"{self.place}: Milvus says: {reason}: {mend}") from error


def is_lite(path: Path) -> bool:
    """Whether Milvus Lite has put an index there: its "file" is a folder."""
    return (path / "collections").is_dir()


def _check_file(path: Path) -> None:
    if path.is_file():
        raise InputError(f"{path}: a file of Milvus Lite 2, which version 3 cannot read: index into a new file")
    if path.is_dir() and not is_lite(path):
        others = [found.name for found in path.iterdir() if found.name not in _LITE]
        if others:
            raise InputError(f"{path}: holds other files ({others[0]}): name a new file for the index")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path.parent}: no such folder")


def _distance(product: float) -> float:
    """Euclidean distance of L2-normalized vectors from their inner product, which rounding can take above 1. (Milvus
    Lite computes Euclidean distances by itself in a hundred times the memory.)"""
    return max(0.0, 2.0 - 2.0 * float(product)) ** 0.5


def _item(row: Any) -> Item:
    return Item(row["name"], row["content"], row["text"], int(row["count"]))


def _without_noise(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:  # a server that is gone cannot be left politely
        logging.getLogger(__name__).debug("%s", error)
