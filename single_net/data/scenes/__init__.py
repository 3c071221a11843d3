"""The embedded scenes: pictures drawn by code from a seed, with five captions each. A data set that needs no download.

    python -m single_net.data.scenes -o sheet.png --count 12

Everything follows from SEED, by NumPy's PCG64 alone: the same scenes and captions on every machine. No two pictures of
all splits say the same. `themes` tells what goes together, `casting` and `layout` make a scene of it, `drawing` and
`captions` show and tell it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import PIL

from encoded_text.common.errors import InputError
from single_net.data.dataset import SPLITS, CaptionDataset
from single_net.data.scenes.captions import captions_of
from single_net.data.scenes.casting import sample_scene
from single_net.data.scenes.drawing import draw_scene
from single_net.data.scenes.world import Dice, Scene

SEED = 1807
PICTURES = {"train": 3000, "val": 300, "test": 1000}


class ScenePictures(Sequence):
    """The pictures of a split, uint8 (192, 192, 3), drawn when indexed. Picklable."""

    def __init__(self, split: str):
        self.split = split

    @property
    def version(self) -> str:
        """Changes whenever the code that draws the scenes does, and with the version of Pillow."""
        return f"scenes-{self.split}-{SEED}-pillow-{PIL.__version__}-{_source_digest()[:16]}"

    def __len__(self) -> int:
        return PICTURES[self.split]

    def __getitem__(self, i: int) -> np.ndarray:
        return draw_scene(scenes(self.split)[i])


def load_scenes(split: str) -> CaptionDataset:
    """One split of the embedded scenes: 3,000 training, 300 validation, 1,000 test pictures with five captions each."""
    if split not in SPLITS:
        raise InputError(f"no split is called {split!r}: choose one of {', '.join(SPLITS)}")
    chosen = scenes(split)
    captions = [captions_of(scene, _dice(split, i, 1)) for i, scene in enumerate(chosen)]
    return CaptionDataset(
        "scenes", split, [f"scenes-{split}-{i:04d}" for i in range(len(chosen))], ScenePictures(split), captions
    )


@cache
def scenes(split: str) -> tuple[Scene, ...]:
    """What is in the pictures of a split; what an earlier split already has is drawn by lot again."""
    earlier = SPLITS[: SPLITS.index(split)]
    seen = {scene.key for name in earlier for scene in scenes(name)}
    chosen = []
    for i in range(PICTURES[split]):
        dice = _dice(split, i, 0)
        scene = sample_scene(dice)
        while scene.key in seen:
            scene = sample_scene(dice)
        seen.add(scene.key)
        chosen.append(scene)
    return tuple(chosen)


@cache
def _source_digest() -> str:
    """SHA-256 of the files that make the scenes."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _dice(split: str, i: int, purpose: int) -> Dice:
    return Dice((SEED, SPLITS.index(split), i, purpose))
