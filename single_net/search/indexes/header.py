"""What an index says about itself: its model, and the data that it was made from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, get_type_hints

from encoded_text.common.errors import InputError
from single_net.data.load import label

FORMAT = "single-net index 1"


class DamagedIndex(InputError):
    """What an index has stored is no index of this version: it can only be made anew."""


@dataclass(frozen=True)
class Source:
    """The data of an index: a folder of images, or a split of a data set. Arguments of `load_dataset`.

    Attributes:
        name: "folder", or a data set.
        root: absolute path of its folder or file; "" where it has none.
        split: "own" for a folder.
        image_folder: absolute path; "" where it is not given.
        columns: of a table.
    """

    name: str
    root: str = ""
    split: str = "own"
    image_folder: str = ""
    columns: dict[str, str] | None = None

    @property
    def label(self) -> str:
        """For people, without the path."""
        return "a folder of images" if self.name == "folder" else f"{label(self.name)}, {self.split} split"

    def __str__(self) -> str:
        return self.root if self.name == "folder" else " ".join(filter(None, [self.name, self.split, self.root]))


@dataclass(frozen=True)
class Header:
    """An index in a few words.

    Attributes:
        model: identity of the model whose vectors it holds.
        dimension: of the vectors.
        source: where its images are.
        run: where the model was loaded from; "" if it was given as an object.
        approximate: whether a server may miss some neighbors and be faster (HNSW), instead of comparing all vectors.
        expected: images at the end of the last update; while it is under way, or where it was interrupted, there are
            fewer.
    """

    model: str
    dimension: int
    source: Source
    run: str = ""
    approximate: bool = False
    expected: int = 0

    def to_json(self) -> str:
        """ASCII, also where a path is not UTF-8."""
        return json.dumps({"format": FORMAT} | asdict(self))

    @classmethod
    def from_json(cls, text: str, place: str) -> Header:
        """The inverse.

        Args:
            text: of `to_json`.
            place: where it was read, for the error message.

        Raises:
            DamagedIndex: not of this version.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            if found.pop("format") != FORMAT:
                raise ValueError("another version")
            found["source"] = Source(**found["source"])
            header = cls(**found)
            types = get_type_hints(cls)
            if any(type(getattr(header, name)) is not types[name] for name in types):  # True is an int, too
                raise TypeError("other types")
            source = header.source
            if not all(isinstance(text, str) for text in (source.name, source.root, source.split, source.image_folder)):
                raise TypeError("other types")
            if not all(isinstance(text, str) for text in (source.columns or {}).values()):
                raise TypeError("other types")
            if header.dimension < 1:
                raise ValueError("vectors without a dimension")
            return header
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise DamagedIndex(f"{place}: no index of this version ({error}): make a new one") from None
