"""python -m experiments.figure3 RUN [RUN ...]: the paper's Figure 3, t-SNE of trained runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from encoded_text.common.errors import CommandParser, run_command
from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model
from single_net.tsne.plot import draw_map, save_figure
from single_net.tsne.projection import CAPTIONS, PICTURES, tsne_map

COLUMNS = 2


def draw(runs: Sequence[Path], path: Path) -> None:
    """One panel a run: the first 1,000 pictures (blue) of the test split of the data it was trained on, and five
    captions of each (red). Dots only, so that it may be published whatever the data's terms are."""
    from matplotlib.figure import Figure

    maps = []
    for run in runs:
        model = Model.load(run)
        data = model.config.data
        split = load_dataset(data.name, data.root or None, "test", skip_bad=data.skip_bad).first(PICTURES, CAPTIONS)
        print(f"t-SNE of {run}", flush=True)
        maps.append((model.config.row, tsne_map(embed_dataset(model, split, skip_bad=data.skip_bad))))
    columns = min(COLUMNS, len(maps))
    lines = -(-len(maps) // columns)
    figure = Figure(figsize=(6.2 * columns, 6.9 * lines), layout="constrained")
    for place, (row, of_run) in enumerate(maps):
        axes = figure.add_subplot(lines, columns, place + 1)
        draw_map(axes, of_run, label=f"({chr(ord('a') + place)}) {row}" if len(maps) > 1 else row)
    save_figure(figure, path)


def main() -> None:
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.figure3",
        description="Figure 3: t-SNE of the test pictures (blue) and captions (red) of trained runs, side by side.",
        epilog="example: python -m experiments.figure3 runs/scenes-config-2 runs/scenes-nested",
    )
    p.add_argument("runs", type=Path, nargs="+", help="folders of trained runs, one panel each")
    p.add_argument("-o", "--output", type=Path, default=Path("results/figure3.png"), help="default: %(default)s")
    args = p.parse_args()
    draw(args.runs, args.output)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
