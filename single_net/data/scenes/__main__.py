"""Write a contact sheet of the synthetic scenes: python -m single_net.data.scenes -o sheet.png --count 12"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import check_output, replacing, require_suffix
from single_net.data.dataset import SPLITS
from single_net.data.scenes import IMAGES, load_scenes
from single_net.data.scenes.composition.scene import SIZE


def contact_sheet(split: str, count: int, columns: int = 4) -> Image.Image:
    """Lay out the first images of a split, each above its longest caption that fits in two lines.

    Args:
        split: "train", "val" or "test".
        count: number of images.
        columns: images per line of the sheet.

    Returns:
        The sheet, RGB.
    """
    data = load_scenes(split)
    side, text, gap = SIZE, 30, 8
    rows = -(-count // columns)
    sheet = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + text + gap) + gap), "white")
    draw = ImageDraw.Draw(sheet)
    for i in range(count):
        x, y = gap + (i % columns) * (side + gap), gap + (i // columns) * (side + text + gap)
        sheet.paste(Image.fromarray(np.asarray(data.images[i])), (x, y))
        fitting = [lines for caption in data.captions[i] if len(lines := _wrap(draw, caption, side)) <= 2]
        for k, line in enumerate(max(fitting, key=lambda lines: sum(map(len, lines)), default=[])):
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
        prog="python -m single_net.data.scenes",
        description="Write a contact sheet of the synthetic scenes.",
        epilog="example: python -m single_net.data.scenes -o sheet.png --count 12",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="PNG file to write")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--count", type=int, default=12, help="how many images (default 12)")
    options = parser.parse_args()
    if not 1 <= options.count <= IMAGES[options.split]:
        raise InputError(f"--count {options.count}: the {options.split} split has 1 to {IMAGES[options.split]} images")
    require_suffix(options.output, ".png", "an image")
    check_output(options.output)
    with replacing(options.output) as part:
        contact_sheet(options.split, options.count).save(part, format="PNG")
    print(options.output)


def main() -> None:
    """Run the command."""
    run_command(_main)


if __name__ == "__main__":
    main()
