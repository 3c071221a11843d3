"""Running a network over many inputs: its mode, its views, its pieces."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from single_net.inference.embedding import BATCH, embed
from single_net.inference.test_time_augmentation import image_views


class Seeing(nn.Module):
    """Keeps what it is shown; its embedding is the mean color."""

    embedding_dim = 3

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.frozen = nn.BatchNorm1d(3), nn.BatchNorm1d(3).eval()
        self.seen: list[torch.Tensor] = []
        self.modes: set[bool] = set()

    def forward(self, pixels: torch.Tensor, own_images: int) -> torch.Tensor:
        self.seen.append(pixels)
        self.modes |= {module.training for module in self.modules()}
        return pixels.float().mean((2, 3)) + 1


def run(network: nn.Module, *pieces: np.ndarray, kind: str = "none", precision: str = "float32") -> np.ndarray:
    settings = {"precision": precision, "are_images": True, "what": "", "total": None}
    return embed(network, pieces, image_views(kind), **settings)


def images(number: int, size: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (number, size, size, 3), np.uint8)


@pytest.mark.parametrize("caller", [False, True])
def test_views_are_computed_in_float32_where_the_network_is_not(caller):
    network, shown = Seeing(), images(2, 160)
    with torch.autocast("cpu", torch.bfloat16, enabled=caller):
        run(network, shown, kind="corners", precision="bfloat16")
    assert len(network.seen) == 10
    for seen, view in zip(network.seen, image_views("corners"), strict=True):
        assert torch.equal(seen, view(torch.from_numpy(shown)))


def test_each_module_is_afterwards_in_the_mode_that_it_was_in():
    network = Seeing()
    run(network, images(2))
    assert network.modes == {False}
    assert network.training and network.norm.training and not network.frozen.training

    def broken(*_):
        raise ValueError

    network.forward = broken
    with pytest.raises(ValueError):
        run(network, images(2))
    assert network.norm.training


def test_pieces_are_embedded_as_the_whole_and_read_one_at_a_time():
    whole = images(2 * BATCH + 5)
    network, read = Seeing(), []

    def pieces():
        for start in range(0, len(whole), 100):
            read.append(len(network.seen))
            yield whole[start : start + 100]

    found = embed(network, pieces(), image_views("none"), precision="float32", are_images=True, what="", total=None)
    np.testing.assert_array_equal(found, run(Seeing(), whole))
    assert read == [0, 1, 2] and found.dtype == np.float32
    assert run(network).shape == (0, 3)
