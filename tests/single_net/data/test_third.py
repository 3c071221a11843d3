"""What a third modality gives is checked, whoever wrote it."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError
from single_net.config import RunConfig
from single_net.data import third
from single_net.data.dataset import CaptionDataset
from single_net.data.third import ThirdItems, load_third

DATA = CaptionDataset("mine", "test", ["a", "b"], [None] * 2, [["x", "y"], ["z"]])


class Encoder:
    def state(self):
        return {}, {}


def given(monkeypatch, images, present) -> ThirdItems:
    items = ThirdItems(images, present, Encoder(), {})
    monkeypatch.setattr(third, "MODALITIES", {"melody": lambda data, size, state: items})
    return load_third("melody", DATA, 8)


PRESENT = np.array([True, False, True])


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 8, 8, 3)])
def test_gray_and_colored_items(monkeypatch, shape):
    assert given(monkeypatch, np.zeros(shape, np.uint8), PRESENT).about["items"] == 2


@pytest.mark.parametrize(
    ("images", "present", "message"),
    [
        (
            np.zeros((3, 8, 8), np.float32),
            PRESENT,
            r"'melody' gives float32 \(3, 8, 8\) as images of 3 captions: uint8",
        ),
        (np.zeros((2, 8, 8), np.uint8), PRESENT, r"uint8 \(2, 8, 8\) as images"),
        (np.zeros((3, 9, 9, 3), np.uint8), PRESENT, r"uint8 \(3, 9, 9, 3\) as images"),
        ([[0]], PRESENT, "list as images"),
        (np.zeros((3, 8, 8), np.uint8), np.array([1, 0, 1]), r"int64 \(3,\) as present of 3 captions: bool \(3,\)"),
        (np.zeros((3, 8, 8), np.uint8), PRESENT[:2], r"bool \(2,\) as present"),
        (np.zeros((3, 8, 8), np.uint8), [True] * 3, "list as present"),
    ],
)
def test_what_does_not_fit_is_refused_and_names_the_modality(monkeypatch, images, present, message):
    with pytest.raises(InputError, match=message):
        given(monkeypatch, images, present)


def test_something_else_than_items_is_refused(monkeypatch):
    monkeypatch.setattr(third, "MODALITIES", {"melody": lambda data, size, state: None})
    with pytest.raises(InputError, match="the modality 'melody' gives NoneType: ThirdItems are needed"):
        load_third("melody", DATA, 8)


def test_a_name_that_is_not_registered_here_is_refused_only_where_items_are_drawn():
    config = RunConfig.from_dict({"data": {"third": "melody"}})
    with pytest.raises(InputError, match=r"no third modality is called 'melody': .*register it first, see docs/add_a"):
        load_third(config.data.third, DATA, 8)
