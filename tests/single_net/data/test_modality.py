"""The protocol of a modality: encoded text keeps to it, and every breach is named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from encoded_sound import SoundImageEncoder
from encoded_text import InputError, Layout, TextImageEncoder
from single_net.data.modality import Modality, check_modality

CAPTIONS = ["a dog runs", "two cats sleep on a bed"]


def test_encoded_text_is_the_first_modality():
    layout = Layout.paper().scaled_to(96)
    words = sorted(set(" ".join(CAPTIONS).split()))
    colors = np.random.default_rng(0).integers(1, 256, (len(words), layout.features), dtype=np.uint8)
    encoder = TextImageEncoder(words, colors, layout, "zscore", {})
    modality: Modality[str] = encoder  # for mypy
    check_modality(modality, CAPTIONS, 96)


def test_sound_is_the_second():
    modality: Modality[np.ndarray] = SoundImageEncoder(96)
    rng = np.random.default_rng(0)
    check_modality(modality, [rng.normal(size=9000), rng.normal(size=20_000)], 96)


@dataclass
class Dots:
    """Numbers as gray images, with one mistake."""

    mistake: str
    calls: int = 0

    def transform(self, items):
        self.calls += 1
        values = np.array(items, np.uint8) + (self.mistake == "random") * self.calls
        values = values + (self.mistake == "together") * len(items)
        images = np.broadcast_to(values.astype(np.uint8)[:, None, None, None], (len(items), 8, 8, 3)).copy()
        images = images * (self.mistake != "alike")
        return images.astype(float) if self.mistake == "float" else images[:, :7] if self.mistake == "shape" else images

    def augment(self, image, rng):
        if self.mistake == "writes":
            image[0] = 7
        if self.mistake == "clock":
            self.calls += 1
            return np.full_like(image, self.calls)
        return image.astype(float) if self.mistake == "augment" else image + np.uint8(rng.integers(2))

    def state(self):
        arrays = {"a": [1]} if self.mistake == "arrays" else {}
        return arrays, {"value": np.float32(1) if self.mistake == "json" else 1.0}


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ("float", "transform gives float64"),
        ("shape", "is needed"),
        ("random", "in two ways"),
        ("together", "beside others"),
        ("alike", "alike"),
        ("augment", "augment gives float64"),
        ("writes", "writes into its argument"),
        ("clock", "other random numbers"),
        ("arrays", "something else than arrays"),
        ("json", "JSON does not hold"),
    ],
)
def test_every_breach_is_named(mistake, told):
    check_modality(Dots(""), [1, 2], 8)
    with pytest.raises(InputError, match=told):
        check_modality(Dots(mistake), [1, 2], 8)
