"""The record of a measurement with a page of it beside it, for measurements that are commands of their own."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import InputError
from encoded_text.common.files import check_output, replacing, require_suffix
from single_net.common import provenance


def check_place(output: Path, format: str, title: str | None = None) -> None:
    """Check before the measurement that its files can be written, and over no others.

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


def save(output: Path, format: str, values: dict[str, Any], page: Callable[[dict[str, Any]], str]) -> None:
    """Write a record as JSON and as a page beside it, and print the page.

    Args:
        output: the JSON file; the page has the suffix .md.
        format: the kind of record.
        values: what was measured.
        page: makes the page of a record.
    """
    record = {
        "format": format,
        **values,
        "device": provenance.describe_device(torch.device("cpu")),
        "command": provenance.command(),
        "git": provenance.git_state(),
        "versions": provenance.versions(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    text = page(record)
    for path, content in ((output, json.dumps(record, indent=1) + "\n"), (output.with_suffix(".md"), text)):
        with replacing(path) as temporary:
            temporary.write_text(content, encoding="utf-8")
    print(text)
    print(f"written: {output}, {output.with_suffix('.md')}")
