"""Finding and reading the text and JSON files of a data set. What cannot be read is named with its line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from encoded_text.common.errors import InputError
from encoded_text.common.text import read_bytes, read_utf8
from single_net.data.readers.problems import Problems

Text = TypeVar("Text", str, bytes)


def find_file(root: Path, *names: str) -> Path | None:
    """The first of `names` that is a file in `root` or in a folder directly inside it; None if there is none."""
    with os.scandir(root) as entries:  # which knows folders without a look at each of a hundred thousand images
        folders = [root, *sorted(Path(entry.path) for entry in entries if _is_folder(entry))]
    # os.path.isfile is also false in a folder that cannot be read, such as lost+found.
    return next((folder / name for name in names for folder in folders if os.path.isfile(folder / name)), None)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and os.path.isdir(entry.path))


def read_lines(path: Path, problems: Problems) -> Iterator[tuple[int, str]]:
    """Read a UTF-8 file, with or without BOM, line by line. Lines end as on Unix, Windows or the first Macintosh.

    Args:
        path: the file.
        problems: receives the lines that are not UTF-8.

    Yields:
        Number of the line, from 1, and the line without its end. Blank lines are left out.

    Raises:
        InputError: the file is empty, UTF-16 or no ordinary file.
    """
    for number, line in enumerate(_not_empty(read_bytes(path), path).splitlines(), 1):
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            problems.add("line not UTF-8", f"{path} line {number}: not UTF-8 ({error.reason}): save the file as UTF-8")
            continue
        if text.strip():
            yield number, text


def read_json(path: Path) -> dict[str, Any]:
    """Read the object in a UTF-8 JSON file.

    Raises:
        InputError: the file is empty, not UTF-8, not JSON, no object or no ordinary file.
    """
    text = _not_empty(read_utf8(path), path)
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply to be a file of captions") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path} line {error.lineno}: not JSON ({error.msg}); is the file complete?") from error
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"{path}: not a file of captions ({error})") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: a JSON object is expected, not a {type(value).__name__}")
    return value


def list_of(document: dict[str, Any], key: str, path: Path) -> list[Any]:
    """The list `document[key]`.

    Args:
        document: content of the file.
        key: name of the list.
        path: the file, for the message.

    Raises:
        InputError: there is no list of that name.
    """
    value = document.get(key)
    if not isinstance(value, list):
        raise InputError(f'{path}: no list "{key}"; is this a file of captions?')
    return value


def _not_empty(content: Text, path: Path) -> Text:
    if not content.strip():
        raise InputError(f"{path}: the file is empty")
    return content
