"""The README keeps its promises: its Python runs, its commands and links exist; so do the documentation's commands."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import tomllib
import warnings
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from commands import outcome
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.config import load_config

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = (README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LIMIT = 12_000  # bytes
RUN = "runs/scenes-nested"


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced code blocks of a page in one of these languages."""
    found = re.findall(r"^```(\S+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [text for language, text in found if language in languages]


def run_python(block: str, run: Path, folder: Path) -> None:
    """Execute a block in `folder` with a trained run's place taken by `run` and its images made up; then compare the
    comments that give a dtype and a shape."""
    for number, name in enumerate(re.findall(r'"([\w-]+\.jpg)"', block)):
        Image.new("RGB", (90, 90), (60 * number, 120, 90)).save(folder / name)
    names: dict[str, Any] = {}
    exec(compile(block.replace(RUN, str(run)), "README.md", "exec"), names)
    for name, dtype, shape in re.findall(r"^(\w+) = .*# (\w+) (\([\d, ]+\))", block, re.MULTILINE):
        assert (str(names[name].dtype), str(names[name].shape)) == (dtype, shape), f"README.md: {name}"


def check_command(line: str) -> None:
    """Raise AssertionError unless the command, its options and the files it names exist."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z0-9_]+=.*", words[0]):
        words.pop(0)  # the environment
    if not words or words[0] == "export" or words == ["source", ".venv/bin/activate"]:
        return
    if words[:2] == ["pip", "install"]:
        for extra in re.findall(r"^single-net\[(.+)\]$", words[2]):
            assert extra in tomllib.loads(PYPROJECT)["project"]["optional-dependencies"], f"{line}: no such extra"
        return
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        result = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == 0, f"{line}: {result.stderr}"
        return
    assert words[0] in ("python", "torchrun") and "-m" in words, f"{line}: not a command that this test can check"
    module, *arguments = words[words.index("-m") + 1 :]
    help_text = help_of(module)
    for argument in arguments:
        if argument.startswith("-"):
            assert re.search(rf"(?<![\w-]){argument}(?![\w-])", help_text), f"{line}: {module} has no {argument}"
        if argument.startswith("experiments/"):
            assert (ROOT / argument).exists(), f"{line}: no file {argument}"
    changes = [after for before, after in pairwise(arguments) if before == "--set"]
    if changes:
        try:
            load_config(ROOT / arguments[0], changes)
        except InputError as error:
            raise AssertionError(f"{line}: {error}") from None


@cache
def help_of(module: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the module may be imported already
        try:
            done = outcome(lambda: runpy.run_module(module, run_name="__main__"), "--help")
        except ImportError as error:
            raise AssertionError(f"python -m {module} --help: {error}") from None
    assert done.status == 0, f"python -m {module} --help: {done.err}"
    return done.out


def broken_links(text: str) -> list[str]:
    """Relative links that lead nowhere from the repository's root."""
    links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text)
    return [link for link in links if "://" not in link and not (ROOT / link).exists()]


def commands(page: Path) -> list[str]:
    return [line for block in blocks(page, "console", "bash", "sh") for line in block.replace("\\\n", " ").splitlines()]


def test_no_page_of_the_docs_takes_the_place_of_one_that_sphinx_writes() -> None:
    """Sphinx overwrites it without a warning."""
    assert not {page.stem for page in (ROOT / "docs").glob("*.md")} & {"search", "genindex", "py-modindex"}


def test_readme_is_short() -> None:
    assert README.stat().st_size <= LIMIT


def test_readme_has_code() -> None:
    assert blocks(README, "python") and commands(README)


@pytest.mark.parametrize("number", range(len(blocks(README, "python"))))
def test_python_of_the_readme_runs(
    number: int, untrained_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_python(blocks(README, "python")[number], untrained_run, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.slow
def test_commands_exist(page: Path) -> None:
    for line in commands(page):
        check_command(line)


def test_links_of_the_readme_exist() -> None:
    assert broken_links(README.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "make no-such-target",
        "python -m single_net.no_such_command",
        "python -m single_net.train experiments/configs/scenes_nested.toml --no-such-option",
        "python -m single_net.train experiments/configs/no_such.toml",
        "python -m single_net.train experiments/configs/scenes_nested.toml --set training.no_such=1",
        "no-such-program",
    ],
)
def test_a_wrong_command_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        check_command(line)


def test_wrong_python_is_noticed(untrained_run: Path, tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        run_python("import single_net as sn\nsn.no_such_name()", untrained_run, tmp_path)
    with pytest.raises(AssertionError, match="zeros"):
        run_python("import numpy as np\nzeros = np.zeros(3)  # float32 (3,)", untrained_run, tmp_path)


def test_a_broken_link_is_noticed() -> None:
    assert broken_links("[a](docs/no_such.md#part) [b](https://example.org) [c](LICENSE)") == ["docs/no_such.md"]
