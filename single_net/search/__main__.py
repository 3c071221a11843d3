"""python -m single_net.search RUN QUERY: images nearest to a caption, captions nearest to an image."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from encoded_text.common.errors import CommandParser, InputError, run_command
from single_net.data.dataset import SPLITS
from single_net.data.readers.folder import load_folder
from single_net.data_options import add_data_options, load_chosen
from single_net.search.answer import draw, report
from single_net.search.query import is_photograph, known_words, nearest_items

if TYPE_CHECKING:
    from single_net.inference.embedding_cache import Embedded

EXAMPLE = """examples:
  python -m single_net.search runs/scenes-nested "a boy and a dog on the beach"
  python -m single_net.search runs/flickr8k-nested "two dogs run through snow" -k 10
  python -m single_net.search runs/flickr8k-nested photo.jpg               its nearest captions
  python -m single_net.search runs/flickr8k-nested "a red car" --folder ~/Pictures
"""


def parser() -> CommandParser:
    p = CommandParser(
        prog="python -m single_net.search",
        description="Pictures nearest to a sentence, captions nearest to a photograph: a list and a contact sheet.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, or a model file in it")
    p.add_argument("query", nargs="+", help="a sentence in quotation marks, or the file of a photograph; or several")
    p.add_argument("--folder", type=Path, help="search the pictures of this folder instead of a data set's")
    p.add_argument("--split", choices=SPLITS, default="test", help="of the data set (default: test)")
    p.add_argument("-k", type=int, default=5, help="how many results (default: 5)")
    p.add_argument("-o", "--output", type=Path, help="the contact sheet, a PNG file (default: search.png in the run)")
    add_data_options(p)
    return p


def main() -> None:
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if args.k < 1:
        raise InputError(f"-k {args.k}: ask for one result or more")
    photographs = [is_photograph(query) for query in args.query]  # a misspelt file, before anything is loaded
    if args.folder and all(photographs):
        raise InputError("--folder holds pictures without captions: search it with a sentence, not with a photograph")

    from single_net.common.device import choose_device
    from single_net.inference.embedding_cache import embed_dataset
    from single_net.inference.model import Model

    model = Model.load(args.run, choose_device(args.device))
    known_words(model, [query for query, photograph in zip(args.query, photographs, strict=True) if not photograph])

    @cache
    def gallery(folder: Path | None) -> Embedded:
        if folder:
            return embed_dataset(model, load_folder(folder), skip_bad=args.skip_bad or model.config.data.skip_bad)
        data, skip_bad = load_chosen(args, model.config.data)
        return embed_dataset(model, data, skip_bad=skip_bad)

    found = []
    for query, photograph in zip(args.query, photographs, strict=True):
        among = gallery(None if photograph else args.folder)
        found.append((query, photograph, among, *nearest_items(model, query, photograph, among, args.k)))
        print(report(*found[-1]), flush=True)
    output = args.output or (args.run if args.run.is_dir() else args.run.parent) / "search.png"
    draw(found, output)
    print(f"contact sheet: {output}")


if __name__ == "__main__":
    main()
