"""Paths as they are stored: absolute for use, without this machine's folders for records."""

from __future__ import annotations

import os
from pathlib import Path


def absolute_path(path: str | os.PathLike[str]) -> str:
    """The path that means the same from any folder; ~ is the home folder."""
    return os.path.abspath(os.path.expanduser(path))


def portable_path(path: str) -> str:
    """An absolute path relative to the current folder if it is inside, else its name; another path as it is."""
    if not os.path.isabs(path):
        return path
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else Path(path).name
