"""The embedded scenes: pictures drawn by code from a seed, with five captions each. A data set that needs no download.

    python -m single_net.datasets.scenes -o sheet.png --count 12

Scene number i of a split depends on (seed, split, i) alone: the same on every machine. No two pictures of all splits
say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageDraw

from encoded_text.errors import CommandParser, InputError, run_command
from encoded_text.files import replacing
from single_net.datasets.dataset import SPLITS, CaptionDataset
from single_net.datasets.scene_captions import captions_of
from single_net.datasets.scene_casting import sample_scene
from single_net.datasets.scene_drawing import draw_scene
from single_net.datasets.scene_world import Dice, Scene

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
    for path in sorted(Path(__file__).parent.glob("scene*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _dice(split: str, i: int, purpose: int) -> Dice:
    return Dice((SEED, SPLITS.index(split), i, purpose))


def contact_sheet(split: str, count: int, columns: int = 4) -> Image.Image:
    """The first `count` pictures of a split, each with two of its captions below."""
    data = load_scenes(split)
    side, text, gap = 192, 30, 8
    rows = -(-count // columns)
    sheet = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + text + gap) + gap), "white")
    draw = ImageDraw.Draw(sheet)
    for i in range(count):
        x, y = gap + (i % columns) * (side + gap), gap + (i // columns) * (side + text + gap)
        sheet.paste(Image.fromarray(data.images[i]), (x, y))
        for k, line in enumerate(_wrap(draw, min(data.captions[i], key=len), side)[:2]):
            draw.text((x, y + side + 3 + 12 * k), line, fill=(60, 60, 66), font_size=11)
    return sheet


def _wrap(draw: ImageDraw.ImageDraw, text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font_size=11) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _main() -> None:
    parser = CommandParser(
        prog="python -m single_net.datasets.scenes",
        description="Write a contact sheet of the embedded scenes.",
        epilog="example: python -m single_net.datasets.scenes -o sheet.png --count 12",
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="PNG file to write")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--count", type=int, default=12, help="how many pictures (default 12)")
    options = parser.parse_args()
    if not 1 <= options.count <= PICTURES[options.split]:
        raise InputError(
            f"--count {options.count}: the {options.split} split has 1 to {PICTURES[options.split]} pictures"
        )
    with replacing(options.output) as part:
        contact_sheet(options.split, options.count).save(part, format="PNG")
    print(options.output)


def main() -> None:
    run_command(_main)


if __name__ == "__main__":
    main()
