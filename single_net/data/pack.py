"""python -m single_net.data.pack: the images, captions and ids of a data set in one file, to take it elsewhere.

The file is read like a folder: `--root FILE`, or as the value of FLICKR8K_ROOT and its like. Its images are resized and
stored as WebP, so they are not quite the published ones, and run records say so ("packing"). Flickr8k's 8,000 images at
160 px, against images that were only resized (one in eight of the validation split):

| WebP quality | MiB  | mean difference in gray levels | PSNR    |
| ------------ | ---- | ------------------------------ | ------- |
| 70           | 32.2 | 4.1                            | 33.0 dB |
| 80           | 41.2 | 3.3                            | 34.9 dB |
| 85           | 50.1 | 2.8                            | 36.5 dB |
| 90           | 63.5 | 2.2                            | 38.4 dB |

JPEG needs 60.8 MiB for 34.7 dB.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import warnings
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import check_output, replacing, require_suffix
from encoded_text.common.progress import progress
from single_net.common.parallel import map_in_order, usable_cores
from single_net.data.dataset import JUDGEMENTS, SPLITS, CaptionDataset, Packing
from single_net.data.image import read_image
from single_net.data.load import DATASETS, data_root, load_dataset
from single_net.data.readers.columns import parse_columns
from single_net.data.readers.packed import DESCRIPTION, FORMAT, image_name
from single_net.data.readers.problems import Problems
from single_net.data_options import add_place_options

QUALITY = 80
_DATE = (1980, 1, 1, 0, 0, 0)  # of everything inside, so that equal data give equal files
EXAMPLE = """examples:
  python -m single_net.data.pack flickr8k --root /data/flickr8k --size 160 -o flickr8k.zip
  python -m single_net.data.pack flickr30k --captions-only -o flickr30k-captions.zip
  python -m single_net.train experiments/configs/flickr8k_config_2.toml --root flickr8k.zip
"""


def pack(splits: Sequence[CaptionDataset], path: Path, packing: Packing | None, *, skip_bad: bool = False) -> None:
    """Write a packed file.

    Args:
        splits: of one data set.
        path: the file, written atomically.
        packing: how the images are stored; None: captions alone.
        skip_bad: leave out images that cannot be read, and count them, instead of raising.

    Raises:
        InputError: images cannot be read, or are packed already.
    """
    if packing and (before := next((data.packing for data in splits if data.packing), None)):
        raise InputError(
            f"{splits[0].name} is packed already, at {before.size} px and quality {before.quality}: pack its own images"
        )
    described: dict[str, Any] = {
        "format": FORMAT,
        "name": splits[0].name,
        "packing": dataclasses.asdict(packing) if packing else None,
        "splits": {},
    }
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for data in splits:
            if packing:
                data = _write_images(archive, data, packing, skip_bad)
            described["splits"][data.split] = {
                "ids": list(data.ids),
                "captions": list(data.captions),
                "numbers": None if data.numbers is None else list(data.numbers),
                "skipped": data.skipped,
            }
        _write_text(archive, DESCRIPTION, json.dumps(described, ensure_ascii=False, separators=(",", ":")))
        folder = next((data.judgements_folder for data in splits if data.judgements_folder), None)
        files = [folder / name for name in JUDGEMENTS] if folder else []
        for file in files:
            if file.is_file():
                _write_text(archive, file.name, file.read_bytes())


def _write_images(archive: zipfile.ZipFile, data: CaptionDataset, packing: Packing, skip_bad: bool) -> CaptionDataset:
    """Write the images of a split; returns it without those that cannot be read."""

    def attempt(i: int) -> bytes | InputError:
        try:
            return _encoded(read_image(data.images[i], packing.size), packing)
        except InputError as error:
            return error

    problems = Problems(f"{data.name} {data.split}", skip_bad)
    kept: list[int] = []
    with ThreadPoolExecutor(usable_cores()) as pool, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # of large images and broken EXIF, see cached_array
        encoded = map_in_order(pool, attempt, range(len(data)))
        for i, image in enumerate(
            progress(encoded, what=f"packing {data.name} {data.split}", total=len(data), unit=" images")
        ):
            if isinstance(image, InputError):
                problems.add("unreadable image", str(image))
            else:
                archive.writestr(zipfile.ZipInfo(image_name(data.split, len(kept)), _DATE), image)
                kept.append(i)
    skipped = problems.settle()
    return dataclasses.replace(data.select(kept), skipped=data.skipped | skipped) if skipped else data


def _encoded(pixels: np.ndarray, packing: Packing) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, packing.format, quality=packing.quality, method=6)  # 6: slow and small
    return file.getvalue()


def _write_text(archive: zipfile.ZipFile, name: str, text: str | bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED, 9)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text) if text.isdecimal() and len(text) < 10 else -1  # int refuses thousands of digits in its way
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return value

    return parse


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.data.pack",
        description="Pack images, captions and ids of a data set into one file that is read like its folder.",
        epilog=EXAMPLE,
    )
    p.add_argument("data", choices=[name for name in DATASETS if name != "scenes"], help="the data set")
    add_place_options(p)
    p.add_argument("-o", "--output", type=Path, required=True, help="the file to write, .zip")
    p.add_argument("--size", type=_whole(16, 4096), metavar="PX", help="side of the images; smaller ones can be used")
    p.add_argument("--quality", type=_whole(1, 100), help=f"of the images, 1 to 100 (default: {QUALITY})")
    p.add_argument("--captions-only", action="store_true", help="no images: enough for encoder.extra_captions")
    p.add_argument("--splits", nargs="+", choices=SPLITS, default=SPLITS, help="default: all")
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    p = parser()
    args = p.parse_args()
    if args.captions_only == (args.size is not None):
        p.error("give either --size PX for images, or --captions-only")
    if args.captions_only and args.quality:
        p.error("--captions-only packs no images: leave --quality out")
    require_suffix(args.output, ".zip", "a packed data set")
    check_output(args.output, [data_root(args.data, args.root)])
    packing = None if args.captions_only else Packing(args.size, "WebP", args.quality or QUALITY)
    splits = [
        load_dataset(
            args.data,
            args.root,
            split,
            skip_bad=args.skip_bad,
            captions_only=args.captions_only,
            image_folder=args.image_folder,
            columns=parse_columns(args.columns),
        )
        for split in SPLITS
        if split in args.splits
    ]
    pack(splits, args.output, packing, skip_bad=args.skip_bad)
    how = f"images of {packing.size} px, WebP quality {packing.quality}" if packing else "captions alone"
    count = sum(map(len, splits))
    print(f"{args.output}: {args.data}, {count:,} images, {how}, {args.output.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
