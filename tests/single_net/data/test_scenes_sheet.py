"""The contact sheet of the synthetic scenes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from commands import refusal
from PIL import Image

from single_net.data.scenes.__main__ import main


@pytest.mark.slow
def test_the_contact_sheet(tmp_path):
    command = [sys.executable, "-m", "single_net.data.scenes", "-o"]
    done = subprocess.run([*command, tmp_path / "sheet.png", "--count", "3"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / "sheet.png").width > 3 * 192
    wrong = subprocess.run([*command, tmp_path / "no.png", "--count", "0"], capture_output=True, text=True)
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1
    assert not (tmp_path / "no.png").exists()


def test_the_contact_sheet_is_a_png_in_a_place_that_can_be_written(tmp_path):
    assert "ends in .png" in refusal(main, "-o", tmp_path / "sheet.jpg")
    (tmp_path / "folder.png").mkdir()
    assert "folder.png" in refusal(main, "-o", tmp_path / "folder.png")
