"""python -m single_net.index RUN FOLDER_OR_DATASET --to PLACE: an index of images, made or brought up to date."""

from __future__ import annotations

import os
import time
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, printable, run_command
from single_net.data.dataset import SPLITS
from single_net.data.load import DATASETS
from single_net.data.readers.columns import parse_columns
from single_net.data_options import Chosen, add_device_option, add_place_options, refuse_data_options
from single_net.search.source import dataset_source, folder_source

MOST_NAMED = 20  # images that are left out

EXAMPLE = """examples:
  python -m single_net.index runs/flickr8k-nested ~/Pictures --to photos.index
  python -m single_net.index runs/scenes-nested scenes --split test --to scenes.index    captions, too
  python -m single_net.index runs/flickr8k-nested ~/Pictures --to photos.db              in Milvus Lite
  python -m single_net.index runs/flickr8k-nested ~/Pictures --to http://127.0.0.1:19530/photos
run it again after adding or removing images: only new images are embedded
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.index",
        description="Make an index of a folder or data set for python -m single_net.search, or bring it up to date.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, a model file in it, or an exported .onnx")
    p.add_argument("images", metavar="folder_or_dataset", help=f"a folder of images, or {', '.join(DATASETS)}")
    p.add_argument(
        "--to",
        metavar="PLACE",
        required=True,
        help="the index: a folder; FILE.db for Milvus Lite; http(s)://HOST:PORT/NAME for a Milvus server or Zilliz "
        "Cloud, whose token is read from MILVUS_TOKEN",
    )
    p.add_argument("--split", choices=SPLITS, help="of a data set (default: test)")
    add_place_options(p)
    p.add_argument(
        "--force", action="store_true", help="update even if most images are gone, or the folder is another one"
    )
    p.add_argument(
        "--approximate",
        action="store_true",
        help="a new index on a Milvus server: HNSW, faster, may miss neighbors",
    )
    add_device_option(p)
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    began = time.monotonic()
    if args.images in DATASETS:
        columns = parse_columns(args.columns)
        source = dataset_source(
            Chosen(args.images, args.root, args.split or "test", args.image_folder, columns, args.skip_bad)
        )
    else:
        if not os.path.isdir(os.path.expanduser(args.images)):
            raise InputError(f"{args.images}: no such folder of images, and no data set ({', '.join(DATASETS)})")
        refuse_data_options(args, f"{args.images} is a folder and no data set", also=("skip_bad",))
        source = folder_source(args.images)

    from single_net.inference.lazy_model import LazyModel
    from single_net.search.indexing import update_index

    model = LazyModel(args.run, args.device)
    report = update_index(
        args.to, model, source, force=args.force, skip_bad=args.skip_bad, approximate=args.approximate
    )
    _name("left out", report.left_out)
    if not report.images:
        raise InputError(f"{args.to}: none of the images can be read")
    _name("cannot be read at present and kept as they were", report.kept)
    captions = f" and {report.captions:,} captions" if report.captions else ""
    done = {"embedded": report.embedded, "moved": report.moved, "removed": report.removed}
    done |= {"captions added": report.captions_added, "captions removed": report.captions_removed}
    changes = ", ".join(f"{number:,} {what}" for what, number in done.items() if number) or "nothing was new"
    print(f"{args.to}: {report.images:,} images{captions} ({changes}) in {time.monotonic() - began:.1f} s")


def _name(what: str, names: list[str]) -> None:
    for name in names[:MOST_NAMED]:
        print(f"{what}: {printable(name)}")
    if len(names) > MOST_NAMED:
        print(f"{what}: {len(names) - MOST_NAMED} more")


if __name__ == "__main__":
    main()
