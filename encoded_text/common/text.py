"""Text that people wrote, and reading it from files: UTF-8, with or without byte order mark."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import InputError


def is_unicode(text: str) -> bool:
    r"""False for a text with unpaired surrogates, which JSON's \u escapes can contain."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_utf8(text: str) -> str:
    """A text that UTF-8 can hold: unpaired surrogates, such as the names of files may have, become escape sequences."""
    return text.encode(errors="backslashreplace").decode()


def read_bytes(path: Path) -> bytes:
    """The content of a file of text, without its byte order mark.

    Raises:
        InputError: the file is missing, UTF-16, or no ordinary file: reading a pipe would wait for ever.
    """
    if not path.is_file():
        raise InputError(f"{path}: {'no ordinary file' if path.exists() else 'no such file'}")
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]:
        raise InputError(f"{path} line 1: UTF-16, not UTF-8: save the file as UTF-8")
    return data.removeprefix(b"\xef\xbb\xbf")


def read_utf8(path: Path) -> str:
    """The text of a file, its lines ending in a line feed as on Unix.

    Raises:
        InputError: as `read_bytes`, or the file is not UTF-8; names the line.
    """
    data = read_bytes(path)
    try:
        return data.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path} line {line}: not UTF-8 ({error.reason}): save the file as UTF-8") from error
