"""The page of GPU speeds: measured where there is a record, estimated otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.gpu_check import page
from experiments.gpu_check.page import RESULTS
from experiments.gpu_check.report import FORMAT


@pytest.mark.slow
def test_the_committed_page_is_what_publish_makes():
    made = page.page(RESULTS / "gpu.json")
    assert (RESULTS / "gpu.md").read_text(encoding="utf-8") == made, "results/gpu.md is stale: run make publish"


def test_what_was_measured_comes_first(tmp_path: Path, monkeypatch):
    for table in ("speeds", "hours", "memories", "resident"):
        monkeypatch.setattr(page.estimate, table, lambda: "estimated")
    assert "**Nothing has been measured on a GPU yet.**" in page.page(tmp_path / "gpu.json")
    record = tmp_path / "gpu.json"
    record.write_text(json.dumps({"format": FORMAT, "trainings": {"flickr8k-nested": {"outcome": "no time left"}}}))
    text = page.page(record)
    assert "Nothing has been measured" not in text
    assert text.index("no time left") < text.index("estimated")
