"""Images and captions as the files of a data set name them, before any check."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Caption(NamedTuple):
    """One caption.

    Attributes:
        where: file and line.
        text: as in the file.
        number: COCO's id of the caption, if the file has one.
    """

    where: str
    text: str
    number: int | None = None


@dataclass
class Entry:
    """One image with its captions.

    Attributes:
        id: the name of the image in the CaptionDataset.
        file: relative path or file name under which the image is looked for.
        where: file and line.
        captions: in order.
        path: where the image must be, if the reader knows; otherwise `file` is looked for.
        number: COCO's id of the image, if the file has one.
    """

    id: str
    file: str
    where: str
    captions: list[Caption] = field(default_factory=list)
    path: Path | None = None
    number: int | None = None
