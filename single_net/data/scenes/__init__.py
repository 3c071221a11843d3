"""The synthetic scenes: images drawn by code from a seed, with five captions each. A data set without a download.

Everything follows from SEED by NumPy's PCG64, so that scenes and captions are the same on every machine. No two images
of all splits show the same scene. `composition` decides what is in a scene and where, `drawing` makes the image of it
and `captions` its five captions.
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
from single_net.data.scenes.captions.sentences import captions_of
from single_net.data.scenes.composition.casting import sample_scene
from single_net.data.scenes.composition.dice import Dice
from single_net.data.scenes.composition.scene import Scene
from single_net.data.scenes.drawing.scene import draw_scene

SEED = 1807
IMAGES = {"train": 3000, "val": 300, "test": 1000}


class SceneImages(Sequence[np.ndarray]):
    """The images of a split, uint8 (192, 192, 3), drawn when indexed. Can be pickled for worker processes.

    Args:
        split: "train", "val" or "test".
    """

    def __init__(self, split: str):
        self.split = split

    @property
    def version(self) -> str:
        """Changes with the code that draws the scenes and with Pillow, so that stored images become invalid."""
        return f"scenes-{self.split}-{SEED}-pillow-{PIL.__version__}-{source_digest(Path(__file__).parent)[:16]}"

    def __len__(self) -> int:
        return IMAGES[self.split]

    def __getitem__(self, i: int) -> np.ndarray:  # type: ignore[override]  # one at a time, no slices
        return draw_scene(scenes(self.split)[i])


def load_scenes(split: str) -> CaptionDataset:
    """Make one split of the synthetic scenes.

    Args:
        split: "train" (3,000 images), "val" (300) or "test" (1,000).

    Returns:
        The split, with five captions per image; its images are drawn when indexed.

    Raises:
        InputError: there is no such split.
    """
    if split not in SPLITS:
        raise InputError(f"no split is called {split!r}: choose one of {', '.join(SPLITS)}")
    chosen = scenes(split)
    captions = [captions_of(scene, _dice(split, i, 1)) for i, scene in enumerate(chosen)]
    return CaptionDataset(
        "scenes", split, [f"scenes-{split}-{i:04d}" for i in range(len(chosen))], SceneImages(split), captions
    )


@cache
def scenes(split: str) -> tuple[Scene, ...]:
    """What is in the images of a split. A scene that came before, in this split or an earlier one, is sampled again."""
    earlier = SPLITS[: SPLITS.index(split)]
    seen = {scene.key for name in earlier for scene in scenes(name)}
    chosen = []
    for i in range(IMAGES[split]):
        dice = _dice(split, i, 0)
        scene = sample_scene(dice)
        while scene.key in seen:
            scene = sample_scene(dice)
        seen.add(scene.key)
        chosen.append(scene)
    return tuple(chosen)


def source_digest(folder: Path) -> str:
    """SHA-256 of all code and tables (*.py, *.toml) below a folder, with their names."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml")):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _dice(split: str, i: int, purpose: int) -> Dice:
    return Dice((SEED, SPLITS.index(split), i, purpose))
