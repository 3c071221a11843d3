"""Downloads that go on where they stopped, checked before the file gets its name.

What has arrived is kept in a `.part` file, and the server is asked for the rest of it (HTTP Range).
"""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from encoded_text.common.progress import progress
from single_net.data.download.addresses import Source
from single_net.data.download.unpack import require_space

WAITS = (1.0, 3.0, 9.0)  # seconds before each new try; bytes that arrive start the count anew
_TIMEOUT = (15, 60)  # seconds to connect, and between two pieces
PIECE = 1 << 16  # bytes; less than one is lost where the connection breaks
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # HTTP statuses that may be others in a moment


class Unreachable(Exception):
    """An address does not give the file; the message says why, in one line. Another address may."""


class _Broken(Exception):
    """This try failed; the next one may go on."""


def fetch(source: Source, folder: Path) -> Path:
    """Download a file into `folder`, or go on with it; a file that is there whole is only checked.

    Args:
        source: Its address and checksum.
        folder: Where the file is put. The part that has arrived is kept there as well; sources with the same
            checksum continue each other's part.

    Returns:
        The path of the file, whose name begins with its checksum.

    Raises:
        Unreachable: The address does not give the file, or another file than the checksum's; that one is not kept.
        InputError: The file does not fit on the disk.
    """
    digest = source.checksum.partition(":")[2]
    file, part = folder / f"{digest[:16]}-{source.file}", folder / f"{digest[:16]}.part"
    if _is_expected(file, source.checksum):
        return file
    _download(source.url, part)
    if not _is_expected(part, source.checksum):
        part.unlink(missing_ok=True)
        raise Unreachable(f"{source.url} gives another file than the one expected ({source.checksum}); it was not kept")
    part.replace(file)
    return file


def _is_expected(file: Path, checksum: str) -> bool:
    """Whether the file is there and has this checksum, e.g. "sha256:0a1b..."."""
    if not file.is_file():
        return False
    kind, _, digest = checksum.partition(":")
    with file.open("rb") as contents:
        return hashlib.file_digest(contents, kind).hexdigest() == digest


def _download(url: str, part: Path) -> None:
    """Fill `part` up to the end of the file, with new tries where the connection breaks."""
    tries, connected, furthest = 0, False, _size(part)
    while True:
        try:
            _receive(url, part)
            return
        except _Broken as error:
            reason, connected = str(error), True
        except requests.RequestException as error:
            reason = _reason(error)
            if not connected and isinstance(error, requests.ConnectionError):
                raise Unreachable(f"{url}: {reason}") from error
        tries = 0 if _size(part) > furthest else tries + 1
        furthest = max(furthest, _size(part))
        if tries > len(WAITS):
            raise Unreachable(f"{url}: {reason}")
        time.sleep(WAITS[tries - 1] if tries else 0)


def _receive(url: str, part: Path) -> None:
    """One request for what `part` still lacks, appended to it as it arrives."""
    start = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
        status, sent = answer.status_code, answer.headers.get("Content-Range", "")
        if status in _PASSING:
            raise _Broken(f"the server answers {status} {answer.reason}")
        if status == 416 and sent == f"bytes */{start}":
            return  # the part is the whole file
        if status == 416 or (status == 206 and not sent.startswith(f"bytes {start}-")):
            part.unlink(missing_ok=True)  # not a part of this file
            raise _Broken("the server does not give the rest of the file")
        if status not in (200, 206):
            raise Unreachable(f"{url}: the server answers {status} {answer.reason}")
        if status == 200:
            start = 0  # the server knows no Range
            total = _number(r"(\d+)", answer.headers.get("Content-Length", ""))
        else:
            total = _number(r".*/(\d+)", sent)
        if total is not None:
            require_space(total - start, part.parent)
        ended_well = _append(answer, part, start, total)
    # urllib3 below 2 takes a short answer for a whole one, so the size is looked at as well.
    if not ended_well or (total is not None and _size(part) < total):
        total_text = "" if total is None else f" of {total}"
        raise _Broken(f"the connection broke after {_size(part)}{total_text} bytes")


def _append(answer: requests.Response, part: Path, start: int, total: int | None) -> bool:
    """Write what arrives to `part`; False where the connection broke."""
    host = urlsplit(answer.url).hostname
    try:
        with (
            open(part, "ab" if start else "wb") as file,
            progress(what=f"from {host}", total=total, unit="B", done=start) as bar,
        ):
            bar.unit_scale = True
            for piece in answer.iter_content(PIECE):
                file.write(piece)
                bar.update(len(piece))
        return True
    except requests.RequestException:
        return False
    except OSError as error:
        error.filename = error.filename or str(part)  # a full disk is reported without the file's name
        raise


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "the server does not answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not accepted"
    if isinstance(error, requests.ConnectionError):
        return "the server cannot be reached (no network?)"
    return f"the download failed ({type(error).__name__})"


def _number(pattern: str, text: str) -> int | None:
    match = re.fullmatch(pattern, text)
    return int(match[1]) if match else None


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
