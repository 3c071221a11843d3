"""The check that every image is named once and belongs to one split."""

from __future__ import annotations

import unicodedata

from encoded_text.common.errors import InputError
from single_net.data.readers.problems import Problems


class SplitCheck:
    """Checks the images of all splits one by one.

    Args:
        problems: receives the images that are named twice within a split.
    """

    def __init__(self, problems: Problems):
        self._problems = problems
        self._split_of: dict[str, str] = {}

    def is_new(self, id: str, split: str, where: str) -> bool:
        """Note an image.

        Args:
            id: name of the image.
            split: its split.
            where: file and line that name it.

        Returns:
            Whether this is the first time it is named.

        Raises:
            InputError: the image is in another split as well. --skip-bad does not help here: one of the two splits is
                wrong, and training might see test images.
        """
        spelled = unicodedata.normalize("NFC", id)  # image_files finds a file by any spelling
        if spelled not in self._split_of:
            self._split_of[spelled] = split
            return True
        if (before := self._split_of[spelled]) != split:
            raise InputError(f"{where}: {id} is in two splits, {before} and {split}: remove it from one")
        self._problems.add("image named twice", f"{where}: {id} is named twice")
        return False
