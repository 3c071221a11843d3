"""The figures about the preparation of images that `make bench` reports."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from experiments.bench.images import measure, read_whole
from single_net.data.image import read_image


@pytest.fixture
def paths(tmp_path):
    """Three different JPEG files of 160 x 120 pixels."""
    found = [tmp_path / f"{i}.jpg" for i in range(3)]
    for i, path in enumerate(found):
        Image.effect_mandelbrot((160, 120), (-2, -1.5, 1 + i, 1.5), 100).convert("RGB").save(path, quality=95)
    return found


def test_differences_and_speeds_for_every_size(paths):
    found = measure(paths, [24, 48, 96])
    assert json.loads(json.dumps(found)) == found
    assert found["images"] == 3 and found["median_pixels"] == [160, 120] and list(found["sizes"]) == ["24", "48", "96"]
    apart = np.stack([np.abs(read_image(path, 24).astype(int) - read_whole(path, 24)) for path in paths])
    coarse = found["sizes"]["24"]
    assert coarse["coarse"] == 1 and coarse["difference"]["max"] == apart.max() > 0
    assert coarse["difference"]["mean"] == pytest.approx(apart.mean(), abs=1e-4)
    assert coarse["difference"]["psnr_db"] == pytest.approx(10 * np.log10(255**2 / (apart**2).mean()), abs=0.01)
    for size in ("48", "96"):
        assert found["sizes"][size]["coarse"] == 0
        assert found["sizes"][size]["difference"] == {"mean": 0, "max": 0, "psnr_db": None}
    for of_size in found["sizes"].values():
        assert set(of_size["images_per_second"]) == {"decoded", "whole", "prepared", "again"}
        assert all(speed > 0 for speed in of_size["images_per_second"].values())
