"""The Makefile's variables."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("words", "data"), [([], ""), (["DATA=scenes"], "--data scenes")])
def test_data_and_args_are_those_of_the_command_line(words, data):
    """Clusters export a DATA of their own."""
    outer = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")  # where make runs this test
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment |= {"DATA": "/scratch/data", "ARGS": "-x"}
    command = ["make", "-n", "reproduce-table1", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-len(data.split()) - 1 :] == ["table1", *data.split()]
