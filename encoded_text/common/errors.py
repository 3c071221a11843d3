"""One clear line for a user's mistake: InputError, the parser and the wrapper of every command."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import NoReturn


class InputError(ValueError):
    """Something the user gave cannot be used. The message is one line: what, where, and how to mend it."""


class Interrupted(KeyboardInterrupt):
    """Stopped by a signal (its number), everything saved; the message says how to go on."""

    def __init__(self, message: str, number: int = signal.SIGINT):
        super().__init__(message)
        self.number = number


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser that keeps the examples' line breaks and answers a wrong call with one line and status 2."""

    def __init__(self, **settings):
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **settings)

    def error(self, message: str) -> NoReturn:
        _leave(f"{message}: see {self.prog} --help", 2)


def run_command(main: Callable[[], None]) -> None:
    """Run a command's body and leave with a status: 0 done, 2 wrong call or bad input, 130 Ctrl-C, 143 SIGTERM.

    A user's mistake (InputError), a missing or unreadable file and a full disk end in one line on stderr, without a
    traceback. Warnings are one line as well. Anything else is a defect of this project and keeps its traceback.
    """
    warnings.showwarning = _show_warning
    try:
        main()
        sys.stdout.flush()
    except InputError as error:
        _leave(str(error), 2)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Interrupted as interrupt:
        _leave(str(interrupt), 128 + interrupt.number)  # as shells number it
    except KeyboardInterrupt as interrupt:
        _leave(str(interrupt) or "stopped by Ctrl-C", 130)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _leave(f"the disk is full: {_where(error)}: free some space or choose another folder", 2)
        if error.filename is None:
            raise
        _leave(f"{_where(error)}: {error.strerror}", 2)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print("warning: " + " ".join(str(message).split()), file=sys.stderr)


def _where(error: OSError) -> str:
    return str(error.filename) if error.filename is not None else "while writing"


def _leave(message: str, status: int) -> NoReturn:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    sys.exit(status)
