"""Errors of users, and commands that report them in one line: InputError, CommandParser, run_command."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from unicodedata import category

from encoded_text.common.threads import bound_spinning

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # reorder what follows
LONGEST = 1000  # characters of a message


class InputError(ValueError):
    """The user gave something that cannot be used. The message is one line: what, where, and how to mend it."""


class Interrupted(KeyboardInterrupt):
    """Stopped by a signal after everything was saved.

    Args:
        message: how to continue.
        number: the signal's number.
    """

    def __init__(self, message: str, number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.number = number


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser that keeps line breaks in the help and answers a wrong call with one line and status 2.

    An empty argument, which a shell makes of an unset variable, is a wrong call, unless its type is str. In one of type
    Path a leading ~ is the home folder, as in paths in configurations: shells leave it in --output=~/x.

    Args:
        **settings: those of ArgumentParser, except `formatter_class`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **settings)
        self.register("type", None, _not_empty)  # of arguments that name no type
        self.register("type", Path, lambda text: Path(os.path.expanduser(_not_empty(text))))

    def error(self, message: str) -> NoReturn:
        """Print the message as one line and exit with status 2."""
        _exit(f"{message}: see {self.prog} --help", 2)


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("is empty: give a value or leave it out")
    return text


def run_command(main: Callable[[], None]) -> None:
    """Run the body of a command and exit with its status.

    The status is 0 for success, 1 where the reader of the output has gone away, 2 for a wrong call or bad input, and
    128 plus the signal's number where a signal stopped it (130 for Ctrl-C, 143 for SIGTERM).

    An InputError, a missing or unreadable file and a full disk end in one line on stderr without a traceback; a warning
    is one line too. Any other exception is a bug of this project and keeps its traceback. A character that the terminal
    cannot show is printed as its escape sequence, and what is printed to a closed stream is dropped.

    Threads that wait for each other soon sleep, see common.threads.

    Args:
        main: the body of the command, called without arguments.
    """
    warnings.showwarning = _show_warning
    _prepare_streams()
    bound_spinning()
    try:
        main()
        sys.stdout.flush()
    except InputError as error:
        _exit(str(error), 2)
    except BrokenPipeError:
        _drop_output()
        sys.exit(1)
    except Interrupted as interrupt:
        _exit(str(interrupt), 128 + interrupt.number)
    except KeyboardInterrupt as interrupt:
        _exit(str(interrupt) or "stopped by Ctrl-C", 130)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _exit(f"the disk is full: {_where(error)}: free some space or choose another folder", 2)
        if error.filename is None:
            raise
        _exit(f"{_where(error)}: {error.strerror}", 2)
    except RuntimeError as error:
        if type(error).__name__ != "OutOfMemoryError":  # torch's, which is not imported here
            raise
        _exit("the GPU's memory is too small: close other programs on it, or use --device cpu", 2)


def _prepare_streams() -> None:
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller, as by `>&-`
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8", errors="backslashreplace"))  # noqa: SIM115
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Send what is still to be printed nowhere: the interpreter flushes stdout once more when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"warning: {_one_line(str(message))}", file=sys.stderr)


def _where(error: OSError) -> str:
    return str(error.filename) if error.filename is not None else "while printing"


def printable(text: str) -> str:
    """A text on one line of a terminal: control characters, such as a file name may hold, as escape sequences."""
    return "".join(repr(c)[1:-1] if category(c) in ("Cc", "Zl", "Zp") or c in _BIDI else c for c in text)


def _one_line(message: str) -> str:
    """The message on one line, the middle left out where it is too long to be read."""
    line = printable(" ".join(message.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 300]} ... {line[-300:]}"


def _exit(message: str, status: int) -> NoReturn:
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    with contextlib.suppress(OSError):
        print(f"error: {_one_line(message)}", file=sys.stderr)
    sys.exit(status)
