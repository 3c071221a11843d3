"""Where a result comes from."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import torch

from single_net.common import provenance

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git checkout")
def test_the_commit_is_that_of_the_checkout():
    state = provenance.git_state()
    assert isinstance(state["commit"], str) and len(state["commit"]) == 40
    assert isinstance(state["dirty"], bool)


def test_outside_a_checkout_the_commit_is_not_known(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "single_net" / "common" / "provenance.py"))
    assert provenance.git_state() == {"commit": None, "dirty": None}


@pytest.mark.parametrize(
    "text, state",
    [
        (
            "0123456789abcdef0123456789abcdef01234567\n",
            {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": False},
        ),
        (
            "0123456789abcdef0123456789abcdef01234567-dirty",
            {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": True},
        ),
        ("main", {"commit": None, "dirty": None}),
    ],
)
def test_where_there_is_no_git_a_file_names_the_commit(tmp_path, monkeypatch, text, state):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "single_net" / "common" / "provenance.py"))
    (tmp_path / "COMMIT").write_text(text)
    assert provenance.git_state() == state


def test_the_file_of_the_commit_is_written_as_it_is_read(tmp_path, monkeypatch):
    def git(*arguments):
        settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *settings, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "first")
    git("tag", "v1")
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "single_net" / "common" / "provenance.py"))
    for content, dirty in (("1", False), ("2", True)):
        (tmp_path / "a").write_text(content)
        subprocess.run(["make", "-f", ROOT / "Makefile", "gpu-commit"], cwd=tmp_path, check=True)
        state = provenance.git_state()
        assert len(state["commit"]) == 40 and state["dirty"] is dirty


def test_the_command_is_quoted(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys, "argv", ["/usr/bin/run.py", "--output", "my runs/a"])
    assert provenance.command() == "run.py --output 'my runs/a'"


def test_versions_and_device(monkeypatch):
    assert provenance.versions()["torch"] == metadata.version("torch")
    assert set(provenance.PACKAGES) < set(provenance.versions())
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "no-such-package"))
    assert set(provenance.versions()) == {"python", "torch"}
    name = provenance.describe_device(torch.device("cpu"))
    count = torch.get_num_threads()
    assert name.startswith("cpu: ") and name.endswith(f", {count} threads" if count > 1 else ", 1 thread")
