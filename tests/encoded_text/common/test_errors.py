"""How commands end: one line and a status, or a traceback where it is our own mistake."""

from __future__ import annotations

import errno
import warnings

import pytest

from encoded_text.common.errors import CommandParser, InputError, run_command


def leave(error: BaseException, capsys) -> tuple[int, str]:
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as left:
        run_command(main)
    return left.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    "error, status, named",
    [
        (InputError("a.csv line 3\nis broken: mend it"), 2, "a.csv line 3 is broken"),
        (KeyboardInterrupt(), 130, "Ctrl-C"),
        (KeyboardInterrupt("stopped at step 3"), 130, "stopped at step 3"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), 2, "the disk is full: /x/y"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), 2, "/x/y: Permission denied"),
    ],
)
def test_a_users_mistake_is_one_line(error, status, named, capsys):
    code, said = leave(error, capsys)
    assert code == status
    assert said.startswith("error: ") and said.count("\n") == 1 and named in said


def test_our_own_mistakes_keep_their_traceback():
    with pytest.raises(ZeroDivisionError):
        run_command(lambda: 1 / 0)
    with pytest.raises(OSError):
        run_command(lambda: (_ for _ in ()).throw(OSError("no file name: not the user's")))


def test_an_unknown_option_is_one_line(capsys):
    with pytest.raises(SystemExit) as left:
        CommandParser(prog="python -m x").parse_args(["--nothing"])
    assert left.value.code == 2
    assert capsys.readouterr().err == "error: unrecognized arguments: --nothing: see python -m x --help\n"


def test_warnings_are_one_line(capsys):
    run_command(lambda: warnings.warn("three captions\nare blank", UserWarning, stacklevel=1))
    assert capsys.readouterr().err == "warning: three captions are blank\n"
