"""Figure 3: a panel for each run."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from experiments.figures import figure3
from single_net.tsne import projection


@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.slow
def test_figure_3_has_a_panel_for_each_run(untrained_run, tmp_path, runs, monkeypatch):
    monkeypatch.setattr(figure3, "tsne_map", lambda of: projection.tsne_map(of, perplexity=5))
    figure3.draw([untrained_run] * runs, tmp_path / "f.png")
    with Image.open(tmp_path / "f.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape[1] > 900 * min(runs, 2)
    blue = (pixels[..., 2] - pixels[..., 0] > 60).any(axis=0)
    halves = np.array_split(blue, min(runs, 2))
    assert all(half.any() for half in halves)
    assert (pixels.shape[0] > 1500) == (runs > 2)
