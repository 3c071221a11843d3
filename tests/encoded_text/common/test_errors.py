"""How commands end: one line and a status, or a traceback where it is our own mistake."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import warnings
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import torch

from encoded_text.common.errors import CommandParser, InputError, Interrupted, run_command


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
        (Interrupted("stopped at step 3"), 130, "stopped at step 3"),
        (Interrupted("stopped at step 3", signal.SIGTERM), 143, "stopped at step 3"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), 2, "the disk is full: /x/y"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), 2, "/x/y: Permission denied"),
    ],
)
def test_a_users_mistake_is_one_line(error, status, named, capsys):
    code, said = leave(error, capsys)
    assert code == status
    assert said.startswith("error: ") and said.count("\n") == 1 and named in said


def test_a_full_gpu_is_one_line(capsys):
    code, said = leave(torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), capsys)
    assert code == 2 and said.startswith("error: the GPU's memory is too small") and said.count("\n") == 1
    with pytest.raises(RuntimeError, match="ours"):
        run_command(lambda: (_ for _ in ()).throw(RuntimeError("ours")))


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


def test_an_empty_argument_is_a_wrong_call_unless_it_may_be_empty(capsys):
    parser = CommandParser(prog="python -m x")
    for name, given in {"--root": {}, "--output": {"type": Path}, "--note": {"type": str}}.items():
        parser.add_argument(name, **given)
    assert parser.parse_args(["--note", ""]).note == ""
    for name in ("--root", "--output"):
        with pytest.raises(SystemExit):
            parser.parse_args([name, ""])
        assert capsys.readouterr().err.startswith(f"error: argument {name}: is empty: give a value or leave it out")


def test_a_path_may_begin_with_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    parser = CommandParser()
    parser.add_argument("--output", type=Path)
    assert parser.parse_args(["--output=~/x.png"]).output == Path("/home/me/x.png")
    assert parser.parse_args(["--output=~nobody-there/x"]).output == Path("~nobody-there/x")


def test_warnings_are_one_line(capsys):
    run_command(lambda: warnings.warn("three captions\nare blank", UserWarning, stacklevel=1))
    assert capsys.readouterr().err == "warning: three captions are blank\n"


PRINTS = """
import sys
from encoded_text.common.errors import InputError, run_command
def main():
    print("caf\\u00e9 \\u72ac \\udcff.jpg")
    if sys.argv[1:]:
        raise InputError("caf\\u00e9 \\udcff")
run_command(main)
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_the_terminal_cannot_show_is_escaped(encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", PRINTS], capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"caf") and b"\\udcff.jpg" in done.stdout
    assert ("\u72ac".encode() in done.stdout) == (encoding == "utf-8")
    done = subprocess.run([sys.executable, "-c", PRINTS, "x"], capture_output=True, env=environment)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("streams", "arguments", "status", "said"),
    [
        (">&-", "", 0, ""),
        (">&-", "x", 2, "error: "),
        ("2>&-", "x", 2, ""),
        (">&- 2>&- <&-", "", 0, ""),
        (">/dev/full", "", 2, "error: the disk is full: while printing"),
        (">/dev/full", "x", 2, "error: caf"),
    ],
)
def test_streams_that_are_closed_or_full(streams, arguments, status, said):
    command = f'"$0" -c "$1" {arguments} {streams}'
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    call = ["sh", "-c", command, sys.executable, PRINTS]
    done = subprocess.run(call, capture_output=True, text=True, env=environment)
    assert done.returncode == status
    assert done.stderr.startswith(said) and done.stderr.count("\n") == bool(said), done.stderr


def test_a_message_of_thousands_of_characters_keeps_its_ends(capsys):
    _, said = leave(InputError(f"x.toml: epochs is {'9' * 5000}: give less"), capsys)
    assert said.startswith("error: x.toml: epochs is 999") and said.endswith("99: give less\n") and len(said) < 1100


def test_commands_import_torch_in_their_body():
    """Or --help and every mistake on the command line would take seconds."""
    scripts = [script.module for script in entry_points(group="console_scripts") if script.dist.name == "single-net"]
    assert len(scripts) > 5
    program = f"import sys, {', '.join(scripts)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
