"""What a vector of an index stands for: an image, or a caption."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from encoded_text.common.text import as_utf8

Kind = Literal["images", "captions"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FIELDS = ("name", "content", "text", "count")
LONGEST = 4000  # bytes of a text that is kept to be shown


@dataclass(frozen=True)
class Item:
    """An image, or all captions of the same words.

    Attributes:
        name: the image's name, for images of a folder its path inside it; of a caption that of its first image.
        content: SHA-256 of what was embedded: the image file, or the caption.
        text: of an image its first caption, "" if it has none; of a caption its text, cut after LONGEST bytes.
        count: of a caption, how many images have it.
    """

    name: str
    content: str
    text: str = ""
    count: int = 1

    @property
    def fields(self) -> tuple[str, str, str, int]:
        """All of it, in the order of FIELDS."""
        return self.name, self.content, self.text, self.count

    @cached_property
    def id(self) -> int:
        """Of the contents of all fields, 0 to 2^63 - 1: the same item has the same id in every index, so that adding
        it twice changes nothing. Among a million items two ids are equal with a probability of 5e-8."""
        digest = hashlib.sha256(json.dumps(self.fields).encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1


class Hit(NamedTuple):
    """A result of a search.

    Attributes:
        distance: Euclidean, between L2-normalized embeddings: 0 to 2.
        item: what was found.
    """

    distance: float
    item: Item


def shortened(text: str) -> str:
    """A text as an index keeps it: UTF-8, of at most LONGEST bytes."""
    raw = as_utf8(text).encode()
    return raw.decode() if len(raw) <= LONGEST else raw[: LONGEST - 3].decode(errors="ignore") + "…"
