"""python -m single_net.tsne RUN: images and captions in the plane, by t-SNE (paper, Figure 3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import require_suffix
from single_net.common.outputs import check_outputs
from single_net.data.dataset import SPLITS
from single_net.data_options import add_data_options, load_chosen
from single_net.inference.run_files import MODEL
from single_net.tsne.projection import CAPTIONS, IMAGES, tsne_map

RUNS = Path("runs")

EXAMPLE = """examples:
  python -m single_net.tsne                                  the newest run in runs/
  python -m single_net.tsne runs/scenes-nested --pairs --interactive
  FLICKR8K_ROOT=/data/flickr8k python -m single_net.tsne runs/flickr8k-nested --clusters 10 -o clusters.png
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.tsne",
        description="t-SNE of a trained run's images (blue), captions (red) and speech (green, where it was trained on "
        "that), as PNG and SVG.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, nargs="?", help=f"the run's folder (default: the newest in {RUNS}/)")
    p.add_argument("-o", "--output", type=Path, help="PNG file; others go beside it (default: tsne.png in the run)")
    p.add_argument("--split", choices=SPLITS, default="test", help="default: test")
    p.add_argument("--images", type=int, default=IMAGES, metavar="N", help="the first N images (default: %(default)s)")
    p.add_argument("--perplexity", type=float, default=30.0, metavar="P", help="of t-SNE (default: %(default)g)")
    p.add_argument("--seed", type=int, default=0, help="default: 0")
    p.add_argument("--clusters", type=int, default=0, metavar="N", help="color by N clusters of similar captions")
    p.add_argument("--pairs", action="store_true", help="join each image and its captions by thin lines")
    p.add_argument("--interactive", action="store_true", help="also an HTML page that shows the item under the pointer")
    add_data_options(p)
    return p


def newest_run() -> Path:
    """The folder in runs/ whose model was written last.

    Raises:
        InputError: there is no trained run.
    """
    models = sorted(RUNS.glob(f"*/{MODEL}"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise InputError(f"{RUNS}/ holds no trained run: make reproduce-table1 trains some, or name a run's folder")
    return models[-1].parent


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if args.images < 2:
        raise InputError(f"--images {args.images}: a map needs two or more")
    if args.clusters < 0 or args.clusters == 1:
        raise InputError(f"--clusters {args.clusters}: choose two or more")
    if not 0 <= args.seed < 2**32:
        raise InputError(f"--seed {args.seed}: choose a number from 0 to {2**32 - 1}")
    run = args.run = args.run or newest_run()
    output = args.output or (run if run.is_dir() else run.parent) / "tsne.png"
    require_suffix(output, ".png", "an image")
    files = [output, output.with_suffix(".svg")] + ([output.with_suffix(".html")] if args.interactive else [])
    check_outputs(files)

    from single_net.common.device import choose_device
    from single_net.data.third import check_third, load_third
    from single_net.inference.embedding_cache import embed_dataset
    from single_net.inference.model import Model
    from single_net.tsne.clusters import cluster_images

    model = Model.load(run, choose_device(args.device))
    check_third(model.config.data.third)
    data, skip_bad = load_chosen(args, model.config.data)
    check_outputs(files, [model.file], data.images)
    embedded = embed_dataset(model, data.first(args.images, CAPTIONS), skip_bad=skip_bad)
    split = None if model.encoder.tokenizer == "spaces" else model.encoder.tokenize
    clusters = cluster_images(embedded.data, args.clusters, args.seed, split) if args.clusters else None
    third = None
    if name := model.config.data.third:
        items = load_third(name, embedded.data, model.image_size, model.third)
        kept = np.flatnonzero(items.present)
        third = (name, model.embed_third(items.images[kept]), kept)
    points = len(embedded.images) + len(embedded.captions) + (len(third[2]) if third else 0)
    print(f"t-SNE of {run}, {points:,} points ...", flush=True)
    tsne = tsne_map(embedded, perplexity=args.perplexity, seed=args.seed, third=third)

    from matplotlib.figure import Figure

    from single_net.tsne.plot import draw_map, save_figure

    figure = Figure(figsize=(7, 7.6), layout="constrained")
    draw_map(figure.add_subplot(), tsne, pairs=args.pairs, clusters=clusters)
    save_figure(figure, *files[:2])
    if args.interactive:
        from single_net.data.image_cache import prepare_images
        from single_net.tsne.page import save_page

        _, images = prepare_images(tsne.data, model.image_size, skip_bad=skip_bad)
        save_page(tsne, images, files[-1], pairs=args.pairs, clusters=clusters)
    print("wrote " + ", ".join(map(str, files)))


if __name__ == "__main__":
    main()
