"""Records of measurements that are commands of their own, as JSON with a page beside it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from encoded_text.common.errors import InputError
from encoded_text.common.files import check_output, require_suffix, write_atomic
from single_net.common import provenance


def check_place(output: Path, format: str, title: str | None = None) -> None:
    """Check before the measurement that its files can be written, and that they replace nothing else.

    Args:
        output: the JSON file.
        format: the kind of record.
        title: first line of the page beside it. None: there is no page.

    Raises:
        InputError: a file is there that is no such record or page, or none can be written.
    """
    require_suffix(output, ".json", "a record")
    page = output.with_suffix(".md")
    for path in (output, page) if title else (output,):
        check_output(path)
    if title and page.exists() and not _text(page).startswith(title + "\n"):
        raise InputError(f"{page} is no page of this command and is not replaced: choose another place")
    kind = format.rpartition(" ")[0]  # of any version
    if output.exists() and f'"format": "{kind} ' not in _text(output):
        raise InputError(f"{output} is no record of this command and is not replaced: choose another place")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def read(path: Path, format: str, module: str) -> dict[str, Any]:
    """Read a record.

    Args:
        path: the JSON file.
        format: its kind.
        module: the command that makes such records.

    Raises:
        InputError: it is anything else, or was made with --quick; names the file.
    """
    again = f"make it anew with python -m {module}"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no record ({error}): {again}") from None
    if not isinstance(record, dict) or record.get("format") != format:
        raise InputError(f'{path}: "format" should be "{format}": {again}')
    if record.get("quick"):
        raise InputError(f"{path}: made with --quick, its numbers mean nothing: {again}")
    return record


def about(format: str) -> dict[str, Any]:
    """What a record says of its measurement; to be called before it: whatever is committed meanwhile did not run."""
    return {
        "format": format,
        "command": provenance.command(),
        "git": provenance.git_state(),
        "versions": provenance.versions(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def write_json(output: Path, record: dict[str, Any]) -> None:
    """Write a record, or nothing."""
    write_atomic(output, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def write(output: Path, record: dict[str, Any], page: Callable[[dict[str, Any]], str]) -> str:
    """Write a record as JSON and as a page beside it; returns the page.

    Args:
        output: the JSON file; the page has the suffix .md.
        record: see `about`, and what was measured.
        page: makes the page of a record.
    """
    text = page(record)
    write_json(output, record)
    write_atomic(output.with_suffix(".md"), text)
    return text


def save(output: Path, record: dict[str, Any], page: Callable[[dict[str, Any]], str]) -> None:
    """As `write`, and print the page."""
    print(write(output, record, page))
    print(f"written: {output}, {output.with_suffix('.md')}")
