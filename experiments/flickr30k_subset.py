"""python -m experiments.flickr30k_subset FOLDER: put together the images that Flickr30K shares with Flickr8k.

Flickr30K's images are given out on request only; its captions and Karpathy's split are public, and 7,478 of its images
are in Flickr8k as well. The folder is a small Flickr30K with Flickr30K's own split and captions.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import make_folder
from single_net.data.dataset import SPLITS
from single_net.data.load import load_dataset

TOKENS = "results_20130124.token"
_NUMBER = re.compile(r"(\d+)(?:_[0-9a-f]+)?\.jpg")  # Flickr's number of an image: both sets name their files by it


def put_together(flickr8k: Path, folder: Path) -> dict[str, int]:
    """Make `folder` a Flickr30K of the images in `flickr8k`: links to them, and captions and split of FLICKR30K_ROOT.

    Args:
        flickr8k: folder of Flickr8k.
        folder: is replaced if it was made by an earlier call.

    Returns:
        {split: number of images}.

    Raises:
        InputError: a split has no image in common, or the folder exists and holds something else or is the current one.
    """
    folder = folder.resolve()  # a link to a folder is followed
    _require_own(folder)
    at_hand = {}
    for path in sorted(flickr8k.rglob("*.jpg")):
        if number := _NUMBER.fullmatch(path.name):
            at_hand[number[1]] = path.resolve()
    new = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    make_folder(new / "Images")
    counts, captions = {}, []
    for split in SPLITS:
        data = load_dataset("flickr30k", None, split, captions_only=True)
        found = {
            i: at_hand[m[1]] for i, name in enumerate(data.ids) if (m := _NUMBER.fullmatch(name)) and m[1] in at_hand
        }
        for i, image in found.items():
            (new / "Images" / data.ids[i]).symlink_to(image)
            captions += [f"{data.ids[i]}#{number}\t{text}\n" for number, text in enumerate(data.captions[i])]
        (new / f"{split}.txt").write_text("".join(f"{data.ids[i]}\n" for i in found), encoding="utf-8")
        counts[split] = len(found)
    if not all(counts.values()):
        shutil.rmtree(new)
        raise InputError(f"{flickr8k}: no images of all three splits of Flickr30K in it: name Flickr8k's folder")
    (new / TOKENS).write_text("".join(captions), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return counts


def _require_own(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but what this command makes: links, and four files."""
    made = {"Images", TOKENS, *(f"{split}.txt" for split in SPLITS)}
    if not os.path.lexists(folder):
        return
    if Path.cwd().is_relative_to(folder.resolve()):
        raise InputError(f"{folder} is the current folder, or one above it, and is not replaced: name another folder")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if not folder.is_dir() or (names and names != made) or not all(map(os.path.islink, (folder / "Images").glob("*"))):
        raise InputError(
            f"{folder}: holds something else than an earlier subset, and is not replaced: name another folder"
        )


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.flickr30k_subset",
        description="Put together a small Flickr30K of the images that it shares with Flickr8k.",
        epilog="example: FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k "
        "python -m experiments.flickr30k_subset runs/flickr30k-subset-data",
    )
    p.add_argument("folder", type=Path, help="the folder to make; an earlier subset is replaced")
    folder = p.parse_args().folder
    load_dataset("flickr8k", None, "test", captions_only=True)  # says what is wrong with FLICKR8K_ROOT
    counts = put_together(Path(os.path.expanduser(os.environ["FLICKR8K_ROOT"])), folder)
    print(f"{folder}: " + ", ".join(f"{count:,} {split}" for split, count in counts.items()))


if __name__ == "__main__":
    run_command(_main)
