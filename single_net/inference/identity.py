"""What tells two trained models apart: the checksum of their weights and encoder, read without importing torch."""

from __future__ import annotations

import hashlib
import json
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
        network = meta["config"]["network"]
        views = network.get("test_time_augmentation", "none")
        identity = hashlib.sha256(_text([network["image_size"], views, meta["encoder"], *_third(meta)]))
        for tensor in sorted(name for name in header if name.startswith(_PARTS)):
            described = header[tensor]
            identity.update(_text([tensor, described["dtype"], described["shape"]]))
            start, end = described["data_offsets"]
            file.seek(first + start)
            _update(identity, file, end - start)
        return Described(identity.hexdigest(), int(network["image_size"]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise InputError(f"{name} is damaged or not a model of this project ({error})") from None


def _third(meta: dict[str, Any]) -> list[Any]:
    """How a third modality is drawn; nothing for a model of two, whose identity stays as it was."""
    return [meta["third"]["encoder"]] if meta.get("third") else []


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _update(identity: Any, file: BinaryIO, length: int) -> None:
    while length > 0:
        part = file.read(min(length, _CHUNK))
        if not part:
            raise ValueError("it ends too early")
        identity.update(part)
        length -= len(part)
