"""The comparison of layouts: runs on a few clips, and refuses what it cannot compare."""

from __future__ import annotations

import functools
import json

import pytest
from commands import outcome, refusal

from encoded_text.common.errors import run_command
from experiments import sound_layouts
from single_net.data.scenes import load_scenes


def command() -> None:
    run_command(sound_layouts._main)


def test_wrong_calls(monkeypatch):
    monkeypatch.setattr(sound_layouts, "load_dataset", functools.cache(sound_layouts.load_dataset))
    assert "3x6" in refusal(command, "--layouts", "three")
    assert "8 px" in refusal(command, "--layouts", "40x6")
    for wrong in ("5", "3001"):
        assert "128 to 3,000 images" in refusal(command, "--images", wrong)
    assert "--seeds -1" in refusal(command, "--seeds", "-1")


@pytest.mark.slow
def test_a_line_for_each_layout(tmp_path, monkeypatch):
    pytest.importorskip("espeakng_loader")
    monkeypatch.setattr(sound_layouts, "CLUSTERS", (2, 4))
    monkeypatch.setattr(sound_layouts, "BATCH", 12)
    # The scenes load in no time, their images are not drawn; few of the validation set are enough.
    monkeypatch.setattr(
        sound_layouts,
        "load_dataset",
        lambda name, split, captions_only: load_scenes(split).select(range(10 if split == "val" else 6)),
    )
    path = tmp_path / "layouts.json"
    ended = outcome(command, "--layouts", "3x6", "1x6", "--images", 6, "--samples", 30, "-o", path)  # two batches
    assert ended.status == 0, ended.err
    record = json.loads(path.read_text())
    assert path.with_suffix(".md").read_text() == sound_layouts.page(record)
    assert (record["data"], record["images"], record["samples"]) == ("scenes", 6, 24)
    lines = record["layouts"]
    assert [(line["lines"], line["bands"]) for line in lines] == [(3, 32), (1, 96)]
    assert all(0 <= line["r1"] <= line["r5"] <= line["r10"] <= 100 for line in lines) and "Cut off" in ended.out
