"""What a reader is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from single_net.data.readers.problems import Problems


@dataclass(frozen=True)
class Request:
    """One split of a data set in files.

    Attributes:
        name: of the data set, as in load_dataset.
        root: its folder, or the file itself where the reader takes one.
        split: "train", "val" or "test".
        problems: receives what cannot be used.
        captions_only: do not look whether the images exist.
        image_folder: where the images are; None: below the root.
        columns: of a table: the names of the columns "image", "caption" and "split", where they are called otherwise.
    """

    name: str
    root: Path
    split: str
    problems: Problems
    captions_only: bool = False
    image_folder: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
