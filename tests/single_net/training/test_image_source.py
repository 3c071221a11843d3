"""Images on the host or on the device: the same pixels in the same order."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from single_net.data.image_array import ImageRows
from single_net.training import image_source as module
from single_net.training.image_source import DeviceImages, HostImages, image_source

CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", [HostImages, DeviceImages])
@pytest.mark.parametrize("rows", [False, True])
def test_images_come_in_the_order_asked_for(kind, rows, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 4)
    images = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    order = np.array([7, 1, 9, 3, 0, 2, 8])
    source = kind(ImageRows(mapped, order) if rows else mapped, CPU)
    places = np.array([5, 0, 5, 2], np.int64)
    shown = source.load(source.read(places)).numpy()
    assert np.array_equal(shown, images[order[places]] if rows else images[places])


def test_on_a_cpu_images_stay_where_they_are():
    images = np.zeros((2, 8, 8, 3), np.uint8)
    assert isinstance(image_source(images, CPU), HostImages)


@pytest.mark.gpu
def test_on_a_gpu_they_are_copied_if_they_fit(monkeypatch):
    images = np.zeros((2, 8, 8, 3), np.uint8)
    device = torch.device("cuda")
    assert isinstance(image_source(images, device), DeviceImages)
    monkeypatch.setattr(module, "SHARE", 0.0)
    assert isinstance(image_source(images, device), HostImages)
