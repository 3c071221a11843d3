"""python -m single_net.embed RUN: the vectors of a split or a folder as one file for other programs."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import CommandParser, run_command
from single_net.common.outputs import check_outputs
from single_net.data.dataset import SPLITS
from single_net.data.readers.folder import load_folder
from single_net.data_options import add_data_options, load_chosen, refuse_data_options

EXAMPLE = """examples:
  python -m single_net.embed runs/scenes-nested -o scenes.parquet
  python -m single_net.embed runs/flickr8k-nested --split val -o val.npz
  python -m single_net.embed runs/flickr8k-nested --folder ~/Pictures -o images.safetensors
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.embed",
        description="Ids, captions and L2-normalized vectors of a split or a folder as .parquet, .npz or .safetensors.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, or a model file in it")
    p.add_argument("-o", "--output", type=Path, required=True, help="the file: .parquet, .npz or .safetensors")
    p.add_argument("--folder", type=Path, help="the images of this folder instead of a data set's")
    p.add_argument("--split", choices=SPLITS, help="of the data set (default: test)")
    add_data_options(p)
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if args.folder:
        refuse_data_options(args, "--folder names the images")

    from single_net.common.device import choose_device
    from single_net.inference.embedding_cache import embed_dataset
    from single_net.inference.model import Model
    from single_net.inference.vector_file import check_vector_file, write_vectors

    check_vector_file(args.output)
    model = Model.load(args.run, choose_device(args.device))
    if args.folder:
        data, skip_bad = load_folder(args.folder), args.skip_bad or model.config.data.skip_bad
    else:
        data, skip_bad = load_chosen(args, model.config.data)
    check_outputs([args.output], [model.file], data.images)
    embedded = embed_dataset(model, data, skip_bad=skip_bad)
    write_vectors(args.output, embedded, {"model": str(model.file), "data": embedded.data.describe()})
    images, captions = len(embedded.data), len(embedded.data.flat_captions)
    print(f"{args.output}: {images:,} images and {captions:,} captions, {model.embedding_dim} values each")


if __name__ == "__main__":
    main()
