"""python -m single_net.search PLACE QUERY: what is nearest to a sentence, image or sound, in an index or a data set."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import require_suffix
from encoded_text.common.threads import one_blas_thread
from single_net.common.outputs import check_outputs
from single_net.data.dataset import SPLITS
from single_net.data_options import add_data_options, chosen_data, refuse_data_options
from single_net.inference.load import load, load_for_queries
from single_net.search.indexes import KINDS, Index, exists, model_of, open_index
from single_net.search.query import check_query, is_image_file, is_sound_file, search
from single_net.search.source import SourceImages, dataset_source, folder_source

if TYPE_CHECKING:
    from single_net.inference.model import Model
    from single_net.inference.onnx_model import OnnxModel

MOST = 1000  # results; of more, a contact sheet would need gigabytes of memory

EXAMPLE = """examples:
  python -m single_net.search photos.index "a boy and a dog on the beach"           an index of single_net.index
  python -m single_net.search photos.index holiday.jpg --find images --json         similar images, for a program
  python -m single_net.search sound.index question.wav                              a spoken query
  python -m single_net.search http://127.0.0.1:19530/photos "a red car"             an index on a Milvus server
  python -m single_net.search runs/scenes-nested "two dogs run" -k 10 -o dogs.png   the data set of a run
  python -m single_net.search runs/flickr8k-nested "a red car" --folder ~/Pictures  a folder, without an index
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.search",
        description="The images or captions nearest to a sentence, an image or a sound: a list and a contact sheet.",
        epilog=EXAMPLE,
    )
    p.add_argument(
        "place",
        help="an index (folder, FILE.db or address of a Milvus server), or a run, a model file or an exported .onnx",
    )
    p.add_argument(
        "query",
        nargs="+",
        help="a sentence in quotation marks, or an image or sound file (./NAME if it has no ending); or several",
    )
    p.add_argument("--find", choices=KINDS, help="default: images for a sentence or sound, captions for an image")
    p.add_argument("-k", type=int, default=5, help=f"how many results, up to {MOST:,} (default: 5)")
    p.add_argument("--json", action="store_true", help="print one line of JSON per query")
    p.add_argument("-o", "--output", type=Path, help="contact sheet, a PNG file (default for a run: RUN/search.png)")
    p.add_argument("--run", type=Path, help="the model of an index, if it has moved")
    p.add_argument("--folder", type=Path, help="with a run: search the images of this folder instead of a data set's")
    p.add_argument("--split", choices=SPLITS, help="with a run: of the data set (default: test)")
    add_data_options(p)
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if not 1 <= args.k <= MOST:
        raise InputError(f"-k {args.k}: ask for 1 to {MOST:,} results")
    is_index = exists(args.place)
    if is_index:
        refuse_data_options(args, f"{args.place} is an index of its own images", also=("folder", "skip_bad"))
    else:
        _check_run(args)
        args.run = Path(args.place)  # chosen_data looks for its data from there
    output = _checked_output(args, is_index)

    from single_net.search.answer import answer_json, answer_sheet, answer_text

    one_blas_thread()
    warnings.filterwarnings("ignore", module=r"PIL\.")  # read_image has its own limit
    index, images, model = _open_index(args) if is_index else _open_run(args)
    with index:
        for query in args.query[1:]:  # one that cannot be answered is found before the first is
            check_query(model, query)
        if output and output.exists():
            check_outputs([output], [model.file], images.files(item.name for item in index.items("images")))
        answers = []
        for query in args.query:
            answers.append(search(index, model, query, args.find, args.k))
            note = answers[-1].words.note
            if note and not args.json:
                print(f"not encoded: {note}")
            print(answer_json(answers[-1], images) if args.json else answer_text(answers[-1]), flush=True)
        if output:
            from single_net.search.sheet_png import save_png

            save_png(answer_sheet(index, answers, images), output)
            if not args.json:
                print(f"contact sheet: {output}")


def _check_run(args: argparse.Namespace) -> None:
    if not Path(args.place).exists():
        raise InputError(
            f"{args.place}: no index and no run: python -m single_net.index makes an index, "
            "python -m single_net.train CONFIG a run"
        )
    if args.run:
        raise InputError(f"{args.place} is a run and no index: leave --run out")
    if args.folder and args.find == "captions":
        raise InputError(f"{args.folder} holds no captions: look for images")


def _checked_output(args: argparse.Namespace, is_index: bool) -> Path | None:
    """The contact sheet's file, if there is to be one, which is none of the queries."""
    output: Path | None = args.output
    if output is None and not is_index and not args.json:
        output = (args.run if args.run.is_dir() else args.run.parent) / "search.png"
    if output:
        require_suffix(output, ".png", "an image")
        if args.k * len(args.query) > MOST:
            raise InputError(f"a contact sheet shows up to {MOST:,} results in all: ask for fewer, or use --json")
    # Also without a sheet: a misspelt file is found now.
    files = [Path(query) for query in args.query if is_image_file(query) or is_sound_file(query)]
    if output:
        check_outputs([output], files)
    return output


def _open_index(args: argparse.Namespace) -> tuple[Index, SourceImages, Model | OnnxModel]:
    index = open_index(args.place)
    return index, SourceImages(index.header.source), load_for_queries(model_of(index, args.run), args.device)


def _open_run(args: argparse.Namespace) -> tuple[Index, SourceImages, Model | OnnxModel]:
    from single_net.search.cached_index import cached_index

    model = load(args.run, args.device)
    if args.folder:
        refuse_data_options(args, "--folder names the images")
        source, skip_bad = folder_source(args.folder), args.skip_bad or model.config.data.skip_bad
    else:
        chosen = chosen_data(args, model.config.data)
        source, skip_bad = dataset_source(chosen), chosen.skip_bad
    index, images = cached_index(model, source, skip_bad=skip_bad)
    return index, images, model


if __name__ == "__main__":
    main()
