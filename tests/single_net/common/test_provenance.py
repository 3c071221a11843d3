"""Where a result comes from."""

from __future__ import annotations

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


def test_the_command_is_quoted(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys, "argv", ["/usr/bin/run.py", "--output", "my runs/a"])
    assert provenance.command() == "run.py --output 'my runs/a'"


def test_versions_and_device():
    assert provenance.versions()["torch"] == metadata.version("torch")
    assert set(provenance.PACKAGES) < set(provenance.versions())
    name = provenance.describe_device(torch.device("cpu"))
    assert name.startswith("cpu: ") and name.endswith(f", {torch.get_num_threads()} threads")
