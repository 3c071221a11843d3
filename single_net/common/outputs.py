"""Files that commands write never replace what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from encoded_text.common.files import check_output


def check_outputs(paths: Sequence[Path], read: Iterable[Path | None] = (), images: Sequence[object] = ()) -> None:
    """Check before the work that files can be written, and over nothing that the command reads.

    Args:
        paths: the files to be written.
        read: files that are read; None for one that is not given.
        images: of a data set; those that are no files (arrays, or drawn when indexed) do not count.

    Raises:
        InputError: see encoded_text.common.files.check_output.
    """
    inputs = [path for path in read if path is not None]
    if any(path.exists() for path in paths) and len(images) and isinstance(images[0], Path):
        inputs += [image for image in images if isinstance(image, Path)]
    for path in paths:
        check_output(path, inputs)
