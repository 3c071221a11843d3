"""A table data set of colored shapes, made by code."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

COLORS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (50, 70, 200), "yellow": (230, 210, 60)}
SHAPES = ("square", "bar", "cross")
HOSTILE = "a red </script><script>document.title='taken over'</script> & <b>bar</b> {{note}}"


def draw(color: tuple[int, int, int], shape: str, rng: np.random.Generator) -> np.ndarray:
    """A 90x90 image of one colored shape, somewhere, on a noisy background."""
    image = rng.integers(90, 130, size=(90, 90, 3), dtype=np.uint8)
    mask = np.zeros((90, 90), bool)
    if shape == "square":
        mask[25:65, 25:65] = True
    elif shape == "bar":
        mask[35:55, 5:85] = True
    else:
        mask[38:52, 10:80] = mask[10:80, 38:52] = True
    image[np.roll(mask, rng.integers(-15, 16, 2), (0, 1))] = color
    return image


def write_shapes(folder: Path, images: dict[str, int], seed: int = 0) -> Path:
    """A table data set of colored shapes, five captions an image; images: how many in each split."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for split, count in images.items():
        for number in range(count):
            name = list(COLORS)[number % len(COLORS)]
            shape = SHAPES[number // len(COLORS) % len(SHAPES)]
            file = f"{split}{number}.png"
            Image.fromarray(draw(COLORS[name], shape, rng)).save(folder / file)
            for caption in (
                f"a {name} {shape}",
                f"one {shape} that is {name}",
                f"the {shape} is painted {name}",
                f"here is a {name} colored {shape}",
                f"an image of a {name} {shape} on gray",
            ):
                rows.append({"image": file, "caption": caption, "split": split})
    with open(folder / "captions.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("image", "caption", "split"))
        writer.writeheader()
        writer.writerows(rows)
    return folder
