"""python -m experiments.flickr30k_subset: our row on the photographs that Flickr30K shares with Flickr8k.

Flickr30K's photographs are given out on request only; its captions and Karpathy's split are public, and 7,478 of its
photographs are also in Flickr8k. Put together they are a small Flickr30K with its own split; Flickr8k's is not looked
at.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import make_folder
from experiments.reproduce import call, train
from experiments.table2 import main as write_table
from single_net.data.dataset import SPLITS
from single_net.data.load import load_dataset

_NUMBER = re.compile(r"(\d+)(?:_[0-9a-f]+)?\.jpg")  # Flickr's number of a photograph: both sets name their files by it


def put_together(flickr8k: Path, folder: Path) -> dict[str, int]:
    """Make `folder` a Flickr30K of the photographs that lie in the folder `flickr8k` (links to them), with all their
    captions from FLICKR30K_ROOT and its split; how many pictures each split has.

    Raises InputError where the two sets share nothing.
    """
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
        for i, photograph in found.items():
            (new / "Images" / data.ids[i]).symlink_to(photograph)
            captions += [f"{data.ids[i]}#{number}\t{text}\n" for number, text in enumerate(data.captions[i])]
        (new / f"{split}.txt").write_text("".join(f"{data.ids[i]}\n" for i in found), encoding="utf-8")
        counts[split] = len(found)
    if not all(counts.values()):
        shutil.rmtree(new)
        raise InputError(f"{flickr8k}: no photographs of all three splits of Flickr30K in it: name Flickr8k's folder")
    (new / "results_20130124.token").write_text("".join(captions), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return counts


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.flickr30k_subset",
        description="Train and evaluate our row on the photographs that Flickr30K shares with Flickr8k.",
        epilog="example: FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k make reproduce-flickr30k-subset",
    )
    p.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change a setting")
    args = p.parse_args()
    load_dataset("flickr8k", None, "test", captions_only=True)  # says what is wrong with FLICKR8K_ROOT
    folder = Path("runs") / "flickr30k-subset-data"
    counts = put_together(Path(os.environ["FLICKR8K_ROOT"]).expanduser(), folder)
    print(f"{folder}: " + ", ".join(f"{count:,} {split}" for split, count in counts.items()), flush=True)
    run = train("flickr30k", "nested_subset", [f'data.root="{folder}"', *args.set])
    record = Path("results") / "records" / "table2" / f"{run.name}.json"
    call("single_net.evaluate", run, "--table", "table2", "--record", record)
    write_table([])
    call("experiments.readme")


if __name__ == "__main__":
    run_command(_main)
