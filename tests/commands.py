"""Commands called in this process, which saves the seconds that importing torch takes."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Callable
from typing import NamedTuple
from unittest import mock


class Outcome(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def outcome(main: Callable[[], None], *arguments: object) -> Outcome:
    """Call a command's main() with arguments; only its own mistakes are raised."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.ExitStack() as block:
        block.enter_context(mock.patch.object(sys, "argv", ["command", *map(str, arguments)]))
        block.enter_context(contextlib.redirect_stdout(out))
        block.enter_context(contextlib.redirect_stderr(err))
        block.enter_context(warnings.catch_warnings())
        status = 0
        try:
            main()
        except SystemExit as left:
            status = int(left.code or 0)
    for stream in (out, err):
        stream.flush()
    said, told = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return Outcome(status, said, told)


def refusal(main: Callable[[], None], *arguments: object) -> str:
    """The one line with which a command refuses a call, with status 2."""
    status, _, err = outcome(main, *arguments)
    assert status == 2, err
    [line] = err.splitlines()
    assert line.startswith("error: ")
    return line
