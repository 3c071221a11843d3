"""What search and evaluation import exists on Windows too. Nothing here can run there; this much can be checked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ABSENT = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog"}  # from Python on Windows
ABSENT_OF_OS = {"sysconf", "fork", "geteuid", "getuid", "mkfifo", "O_DIRECTORY", "getloadavg", "sched_getaffinity"}
PACKAGES = ("encoded_text", "encoded_sound", "single_net")
# The worker is never imported, and a Speaker says where it cannot be used.
FILES = sorted(path for of in PACKAGES for path in (ROOT / of).rglob("*.py") if path.name != "worker.py")


def at_import(node: ast.AST) -> list[ast.AST]:
    """The nodes that run when a module is imported."""
    found = [node]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found += at_import(child)
    return found


def modules(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {str(node.module).partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_that_windows_lacks_is_needed_to_import_a_module(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not ABSENT & set().union(*map(modules, at_import(tree)))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os"}
    assert not ABSENT_OF_OS & used
