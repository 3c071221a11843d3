"""How commands end: one line and a status, or a traceback where it is our own mistake."""

from __future__ import annotations

import errno
import os
import warnings
from pathlib import Path

import pytest

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import replacing


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


def test_replacing_is_all_or_nothing(tmp_path):
    path = tmp_path / "new" / "x.txt"
    with replacing(path) as temporary:
        temporary.write_text("first")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["x.txt"]


def test_replacing_names_the_file_when_the_disk_is_full(tmp_path):
    with pytest.raises(OSError) as error, replacing(tmp_path / "x.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(tmp_path / "x.txt")


@pytest.mark.parametrize("name", ["folder", "device"])
def test_folders_and_devices_are_not_replaced(tmp_path, name):
    path = tmp_path if name == "folder" else Path(os.devnull)
    with pytest.raises(InputError, match="ordinary file"), replacing(path):
        pass
    assert path.exists() and not path.is_file()


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"), replacing(tmp_path / "file" / "deep" / "x.txt"):
        pass


def test_links_are_followed(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with replacing(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "real.txt").read_text() == "new" and (tmp_path / "link.txt").is_symlink()


def test_warnings_are_one_line(capsys):
    run_command(lambda: warnings.warn("three captions\nare blank", UserWarning, stacklevel=1))
    assert capsys.readouterr().err == "warning: three captions are blank\n"
