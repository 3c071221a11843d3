"""What tells two trained models apart: the checksum of their weights and encoder, read without importing torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

from encoded_text.common.errors import InputError

_PARTS = ("network.", "encoder.", "third.")  # names of the tensors that decide about embeddings
_CHUNK = 1 << 22  # bytes


class Described(NamedTuple):
    """A model file, without its weights.

    Attributes:
        identity: SHA-256 of everything that an embedding depends on.
        image_size: side of an input in pixels.
    """

    identity: str
    image_size: int


class Tensor(NamedTuple):
    """A tensor of a model file.

    Attributes:
        name: with the prefix of its part.
        dtype: as the safetensors format calls it, e.g. "F32".
        shape: of the tensor.
        content: its bytes in order, little-endian, in one or several parts.
    """

    name: str
    dtype: str
    shape: Sequence[int]
    content: Iterable[bytes | memoryview]


def read_header(file: BinaryIO) -> tuple[dict[str, Any], int]:
    """The JSON header of a file in the safetensors format, and where its tensors begin.

    Raises:
        ValueError: there is none.
    """
    length = int.from_bytes(file.read(8), "little")
    if length > 100_000_000:  # the limit of the safetensors library
        raise ValueError("its header is too long")
    header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("its header is not a table")
    return header, 8 + length


def describe(file: BinaryIO) -> Described:
    """Read what a model is from its file, in the safetensors format: a JSON header, and the tensors' bytes.

    When it was trained, on which machine and how well is not part of its identity.

    Args:
        file: open for reading.

    Raises:
        InputError: not a model file, or a damaged one.
    """
    name = getattr(file, "name", "the model")
    try:
        header, first = read_header(file)
        meta = json.loads(header["__metadata__"]["meta"])
        tensors = [_stored(file, first, key, value) for key, value in header.items() if key.startswith(_PARTS)]
        return Described(checksum(meta, tensors), int(meta["config"]["network"]["image_size"]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise InputError(f"{name} is damaged or not a model of this project ({error})") from None


def checksum(meta: Mapping[str, Any], tensors: Iterable[Tensor]) -> str:
    """The identity of a model, as hexadecimal digits.

    Args:
        meta: of its file.
        tensors: those that decide about embeddings, in any order.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the meta is not that of a model.
    """
    network = meta["config"]["network"]
    views = network.get("test_time_augmentation", "none")
    third = [meta["third"]["encoder"]] if meta.get("third") else []  # models of two modalities keep their identity
    found = hashlib.sha256(_text([network["image_size"], views, meta["encoder"], *third]))
    for tensor in sorted(tensors, key=lambda tensor: tensor.name):
        found.update(_text([tensor.name, tensor.dtype, tensor.shape]))
        for part in tensor.content:
            found.update(part)
    return found.hexdigest()


def _stored(file: BinaryIO, first: int, name: str, described: Mapping[str, Any]) -> Tensor:
    start, end = described["data_offsets"]
    if not 0 <= start <= end <= file.seek(0, os.SEEK_END) - first:
        raise ValueError("its tensors lie outside of it")
    return Tensor(name, described["dtype"], described["shape"], _read(file, first + start, end - start))


def _read(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    file.seek(start)
    while length > 0:
        part = file.read(min(length, _CHUNK))
        if not part:
            raise ValueError("it ends too early")
        yield part
        length -= len(part)


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
