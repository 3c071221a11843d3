"""python -m single_net.tsne RUN: pictures and captions in the plane, by t-SNE (paper, section 5.1, Figure 3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.errors import CommandParser, InputError, run_command
from encoded_text.files import replacing

from .datasets import SPLITS
from .options import add_data_options, load_chosen

if TYPE_CHECKING:
    from .datasets import CaptionDataset
    from .embedding_cache import Embedded

PICTURES, CAPTIONS = 1000, 5  # the paper's figure: 1,000 pictures with five captions each
PICTURE, CAPTION = "#1f5fc4", "#d6352f"  # blue and red, as in the paper
RUNS = Path("runs")

EXAMPLE = """examples:
  python -m single_net.tsne                                  the newest run, as after make reproduce-table1
  python -m single_net.tsne runs/scenes-nested --pairs --interactive
  FLICKR8K_ROOT=/data/flickr8k python -m single_net.tsne runs/flickr8k-nested --groups 10 -o groups.png
"""


@dataclass(frozen=True)
class TsneMap:
    """A data set in the plane. places: float32 (pictures + captions, 2), pictures first, in the order of the data."""

    data: CaptionDataset
    places: np.ndarray
    recall_10: tuple[float, float]  # image-to-sentence and sentence-to-image, percent
    modality_gap: float  # 0 to 2

    @property
    def title(self) -> str:
        from .datasets import LABELS

        data, (i2t, t2i) = self.data, self.recall_10
        return (
            f"{LABELS.get(data.name, data.name)} {data.split}: {len(data):,} pictures, "
            f"{len(data.flat_captions):,} captions\n"
            f"R@10 {i2t:.1f} image-to-sentence | {t2i:.1f} sentence-to-image, modality gap {self.modality_gap:.2f}"
        )


def tsne_map(embedded: Embedded, *, perplexity: float = 30.0, pca: int = 0, seed: int = 0) -> TsneMap:
    """scikit-learn's t-SNE (van der Maaten and Hinton 2008; Barnes-Hut) of the embeddings at length one, pictures and
    captions together, started from their first two principal components.

    pca: first reduce to so many dimensions; 0: not at all. Recall and gap are those of these very embeddings.
    Raises InputError where perplexity or pca do not fit the number of items.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    from .metrics import I2T, T2I, evaluate_retrieval
    from .retrieval import normalise

    data, pictures, captions = embedded
    points = np.concatenate([normalise(pictures).numpy(), normalise(captions).numpy()])
    if not 1 <= perplexity < len(points):
        raise InputError(f"--perplexity {perplexity:g}: choose 1 to {len(points) - 1}, below the number of points")
    if pca and not 2 <= pca <= min(points.shape):
        raise InputError(f"--pca {pca}: choose 2 to {min(points.shape)} dimensions")
    metrics = evaluate_retrieval(pictures, captions, data.image_of_caption, bootstrap=1)
    if pca:
        points = PCA(pca, random_state=seed).fit_transform(points)
    places = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=-1).fit_transform(points)
    recalls = metrics[I2T]["recall"]["10"], metrics[T2I]["recall"]["10"]
    return TsneMap(data, places.astype(np.float32), recalls, metrics["extra"]["modality_gap"])


def groups_of(data: CaptionDataset, number: int, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Semantic groups of the pictures, from their captions: int64 (pictures,), and a name of each group, the three
    words that mark it out most. Raises InputError where there are fewer pictures than groups."""
    if number > len(data):
        raise InputError(f"--groups {number}: choose at most {len(data)}, the number of pictures")
    from sklearn.feature_extraction.text import TfidfVectorizer

    from .classes import semantic_classes

    labels = semantic_classes(data.captions, [number], seed)[:, 0]
    tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    weights = tfidf.fit_transform(" ".join(of_one) for of_one in data.captions)
    words, overall = tfidf.get_feature_names_out(), np.asarray(weights.mean(axis=0)).ravel()
    names = []
    for group in range(number):
        excess = np.asarray(weights[labels == group].mean(axis=0)).ravel() - overall
        names.append(", ".join(words[np.argsort(-excess, kind="stable")[:3]]))
    return labels, names


def draw_map(
    axes, tsne: TsneMap, *, pairs: bool = False, groups: tuple[np.ndarray, list[str]] | None = None, label: str = ""
) -> None:
    """Onto matplotlib axes: pictures blue and captions red, or, with `groups`, a colour a group and pictures outlined.

    pairs: thin lines from each picture to its captions. label: a line above the title.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    owner, count = tsne.data.image_of_caption, len(tsne.data)
    pictures, captions = tsne.places[:count], tsne.places[count:]
    if pairs:
        lines = np.stack([pictures[owner], captions], axis=1)
        axes.add_collection(LineCollection(lines, colors="#55555f", linewidths=0.25, alpha=0.25, zorder=1))
    if groups is None:
        axes.scatter(*captions.T, s=5, c=CAPTION, alpha=0.55, linewidths=0, zorder=2)
        axes.scatter(*pictures.T, s=9, c=PICTURE, alpha=0.8, linewidths=0, zorder=3)
        marks = [_mark(PICTURE, f"pictures ({count:,})"), _mark(CAPTION, f"captions ({len(captions):,})")]
    else:
        labels, names = groups
        colours = np.array(group_colours(len(names)))
        axes.scatter(*captions.T, s=5, c=colours[labels[owner]], alpha=0.6, linewidths=0, zorder=2)
        axes.scatter(*pictures.T, s=16, c=colours[labels], linewidths=0.5, edgecolors="#1c1c22", zorder=3)
        marks = [_mark(colours[i], name) for i, name in enumerate(names)]
        marks.append(
            Line2D([], [], ls="", marker="o", ms=5, mfc="none", mec="#1c1c22", mew=0.8, label="outlined: picture")
        )
    axes.legend(handles=marks, loc="upper left", bbox_to_anchor=(0, -0.01), ncols=2, frameon=False, fontsize=9)
    axes.set_title("\n".join(filter(None, (label, tsne.title))), fontsize=10, loc="left")
    low, high = tsne.places.min(axis=0), tsne.places.max(axis=0)
    middle, reach = (low + high) / 2, 0.53 * float((high - low).max())  # a square, whatever the map's shape
    axes.set(xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach))
    axes.set(xticks=[], yticks=[], box_aspect=1)
    for spine in axes.spines.values():
        spine.set_edgecolor("#d9d9e0")


def group_colours(number: int) -> list[str]:
    """A colour a group, "#rrggbb"; beyond twenty they come again."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    palette = colormaps["tab20" if number > 10 else "tab10"].colors
    return [to_hex(palette[i % len(palette)]) for i in range(number)]


def _mark(colour, label: str):
    from matplotlib.lines import Line2D

    return Line2D([], [], ls="", marker="o", ms=6, color=colour, label=label)


def save_figure(figure, *paths: Path) -> None:
    """Write a matplotlib figure as PNG or SVG, by the endings of the paths; the same figure gives the same file."""
    from matplotlib import rc_context

    for path in paths:
        undated = {"Date": None} if path.suffix == ".svg" else None
        with replacing(path) as temporary, rc_context({"svg.hashsalt": "single-net"}):
            figure.savefig(
                temporary, dpi=160, format=path.suffix[1:], metadata=undated, bbox_inches="tight", pad_inches=0.12
            )


def parser() -> CommandParser:
    p = CommandParser(
        prog="python -m single_net.tsne",
        description="t-SNE of a trained run's pictures (blue) and captions (red): a PNG, an SVG, and an HTML page.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, nargs="?", help=f"the run's folder (default: the newest in {RUNS}/)")
    p.add_argument("-o", "--output", type=Path, help="PNG file; SVG and page beside it (default: tsne.png in the run)")
    p.add_argument("--split", choices=SPLITS, default="test", help="default: test")
    p.add_argument("--pictures", type=int, default=PICTURES, help="the first so many (default: %(default)s)")
    p.add_argument("--perplexity", type=float, default=30.0, help="of t-SNE (default: %(default)g)")
    p.add_argument("--pca", type=int, default=0, metavar="DIMENSIONS", help="reduce to so many dimensions before t-SNE")
    p.add_argument("--seed", type=int, default=0, help="default: 0")
    p.add_argument("--groups", type=int, default=0, metavar="N", help="colour by N semantic groups, not by modality")
    p.add_argument("--pairs", action="store_true", help="join each picture and its captions by thin lines")
    p.add_argument("--interactive", action="store_true", help="also an HTML page that shows what one points at")
    add_data_options(p)
    return p


def newest_run() -> Path:
    """The folder in runs/ whose model was written last. Raises InputError where there is none."""
    models = sorted(RUNS.glob("*/model.safetensors"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise InputError(f"{RUNS}/ holds no trained run: make reproduce-table1 trains some, or name a run's folder")
    return models[-1].parent


def main() -> None:
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if args.pictures < 2:
        raise InputError(f"--pictures {args.pictures}: a map needs two or more")
    if args.groups < 0 or args.groups == 1:
        raise InputError(f"--groups {args.groups}: choose two or more")
    if not 0 <= args.seed < 2**32:
        raise InputError(f"--seed {args.seed}: a number from 0 to {2**32 - 1}")
    run = args.run or newest_run()
    output = args.output or (run if run.is_dir() else run.parent) / "tsne.png"
    if output.suffix != ".png":
        raise InputError(f"{output}: name a file that ends in .png; SVG and page are written beside it")

    from .embedding import Model, choose_device
    from .embedding_cache import embed_dataset

    model = Model.load(run, choose_device(args.device))
    data, skip_bad = load_chosen(args, model.config.data)
    embedded = embed_dataset(model, data.first(args.pictures, CAPTIONS), skip_bad=skip_bad)
    groups = groups_of(embedded.data, args.groups, args.seed) if args.groups else None
    points = len(embedded.pictures) + len(embedded.captions)
    print(f"t-SNE of {run}, {points:,} points ...", flush=True)
    tsne = tsne_map(embedded, perplexity=args.perplexity, pca=args.pca, seed=args.seed)

    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 7.6), layout="constrained")
    draw_map(figure.add_subplot(), tsne, pairs=args.pairs, groups=groups)
    files = [output, output.with_suffix(".svg")]
    save_figure(figure, *files)
    if args.interactive:
        from .picture_cache import prepare_images
        from .tsne_page import save_page

        files.append(output.with_suffix(".html"))
        save_page(tsne, prepare_images(tsne.data, model.image_size, skip_bad=skip_bad)[1], files[-1], groups=groups)
    print("wrote " + ", ".join(map(str, files)))


if __name__ == "__main__":
    main()
