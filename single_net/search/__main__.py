"""python -m single_net.search RUN QUERY: the images nearest to a sentence, the captions nearest to an image."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from encoded_text.common.errors import CommandParser, InputError, run_command
from single_net.common.outputs import check_outputs, require_png
from single_net.data.dataset import SPLITS
from single_net.data.readers.folder import load_folder
from single_net.data_options import add_data_options, load_chosen
from single_net.search.query import is_image_file, search, split_words

if TYPE_CHECKING:
    from single_net.inference.embedding_cache import Embedded

MOST = 1000  # results; their contact sheet takes 150 MB

EXAMPLE = """examples:
  python -m single_net.search runs/scenes-nested "a boy and a dog on the beach"
  python -m single_net.search runs/flickr8k-nested "two dogs run through snow" -k 10
  python -m single_net.search runs/flickr8k-nested photo.jpg               its nearest captions
  python -m single_net.search runs/flickr8k-nested "a red car" --folder ~/Images
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.search",
        description="The images nearest to a sentence, the captions nearest to an image: a list and a contact sheet.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, or a model file in it")
    p.add_argument("query", nargs="+", help="a sentence in quotation marks, or the file of an image; or several")
    p.add_argument("--folder", type=Path, help="search the images of this folder instead of a data set's")
    p.add_argument("--split", choices=SPLITS, default="test", help="of the data set (default: test)")
    p.add_argument("-k", type=int, default=5, help=f"how many results, up to {MOST:,} (default: 5)")
    p.add_argument("-o", "--output", type=Path, help="the contact sheet, a PNG file (default: search.png in the run)")
    add_data_options(p)
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if not 1 <= args.k <= MOST:
        raise InputError(f"-k {args.k}: ask for 1 to {MOST:,} results")
    output = args.output or (args.run if args.run.is_dir() else args.run.parent) / "search.png"
    require_png(output)
    are_images = [is_image_file(query) for query in args.query]  # finds a misspelt file before anything is loaded
    if args.folder and all(are_images):
        raise InputError("--folder holds images without captions: search it with a sentence, not with an image")
    check_outputs([output], [Path(query) for query, is_image in zip(args.query, are_images, strict=True) if is_image])

    from single_net.common.device import choose_device
    from single_net.inference.embedding_cache import embed_dataset
    from single_net.inference.model import Model
    from single_net.search.answer import answer_sheet, answer_text
    from single_net.search.sheet_png import save_png

    model = Model.load(args.run, choose_device(args.device))
    queries = list(zip(args.query, are_images, strict=True))
    for sentence in [query for query, is_image in queries if not is_image]:
        _, left_out = split_words(model, sentence)
        if left_out:
            print(f"not encoded, as the run does not know these words or has no place left: {', '.join(left_out)}")

    @cache
    def gallery(folder: Path | None) -> Embedded:
        if folder:
            data, skip_bad = load_folder(folder), args.skip_bad or model.config.data.skip_bad
        else:
            data, skip_bad = load_chosen(args, model.config.data)
        check_outputs([output], [model.file], data.images)
        return embed_dataset(model, data, skip_bad=skip_bad)

    answers = []
    for query, is_image in queries:
        answers.append(search(model, query, is_image, gallery(None if is_image else args.folder), args.k))
        print(answer_text(answers[-1]), flush=True)
    save_png(answer_sheet(answers), output)
    print(f"contact sheet: {output}")


if __name__ == "__main__":
    main()
