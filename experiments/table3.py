"""python -m experiments.table3 RUN: the paper's Table 3, what a trained run retrieves, as a PNG and an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from encoded_text.common.errors import CommandParser, run_command
from single_net.common.html import SIDE
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.load import LABELS, load_dataset
from single_net.evaluation.semantic_recall import CaptionLikeness
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model
from single_net.retrieval.neighbors import nearest, normalise
from single_net.search.contact_sheet import Item, Line, Section, Sheet, save_page, save_png

PICTURES, CAPTIONS, K = 1000, 5, 5  # the protocol of the tables, and how many results the paper shows
QUERIES = 2  # a section


@dataclass(frozen=True)
class Direction:
    """The K nearest items of every query of one direction: distances and items (queries, K)."""

    data: CaptionDataset
    from_pictures: bool
    distances: np.ndarray
    items: np.ndarray

    @cached_property
    def own(self) -> np.ndarray:
        """bool (queries, K): which results belong to their query."""
        owner = self.data.image_of_caption
        if self.from_pictures:
            return owner[self.items] == np.arange(len(self.items))[:, None]
        return self.items == owner[:, None]

    @cached_property
    def found(self) -> np.ndarray:
        """bool (queries,): an own item is among the first K."""
        return self.own.any(axis=1)

    def picture_of_query(self, query: int) -> int:
        return query if self.from_pictures else int(self.data.image_of_caption[query])

    def by_place(self) -> list[int]:
        """Queries in the middle of each half of the split: chosen without looking at what they find."""
        return [len(self.items) * (2 * i + 1) // (2 * QUERIES) for i in range(QUERIES)]

    def first_found(self) -> list[int]:
        return [int(query) for query in self._of_different_pictures(np.flatnonzero(self.found))]

    def nearly_right(self) -> tuple[list[int], np.ndarray]:
        """Queries without an own item among the first K whose nearest result says most nearly the same, most alike
        first, and the likeness of every query: CIDEr-D of a caption against those of the picture it is found with."""
        queries, nearest_items = np.arange(len(self.items)), self.items[:, 0]
        captions, pictures = (nearest_items, queries) if self.from_pictures else (queries, nearest_items)
        likeness = CaptionLikeness(self.data.captions).to_pictures(captions, pictures)
        missed = np.flatnonzero(~self.found)
        order = missed[np.argsort(-likeness[missed], kind="stable")]
        return [int(query) for query in self._of_different_pictures(order)], likeness

    def _of_different_pictures(self, queries: np.ndarray) -> list[int]:
        """The first QUERIES of them that concern different pictures."""
        chosen: dict[int, int] = {}
        for query in queries:
            chosen.setdefault(self.picture_of_query(query), query)
            if len(chosen) == QUERIES:
                break
        return list(chosen.values())

    def lines(self, queries: Sequence[int], likeness: np.ndarray | None = None) -> list[Line]:
        return [self._line(query, None if likeness is None else float(likeness[query])) for query in queries]

    def _line(self, query: int, likeness: float | None) -> Line:
        data, captions = self.data, self.data.flat_captions
        told = [] if likeness is None else [f"likeness of the first result {likeness:.1f}"]
        if self.from_pictures:
            asked = Item(
                picture=self._picture(query), note="; ".join([f"one of its captions: {data.captions[query][0]}", *told])
            )
        else:
            asked = Item(text=captions[query], note="; ".join(told))
        results = []
        for item, distance, own in zip(self.items[query], self.distances[query], self.own[query], strict=True):
            note = f"distance {distance:.2f}" + (
                f", its own {'caption' if self.from_pictures else 'picture'}" if own else ""
            )
            if self.from_pictures:
                results.append(Item(text=captions[item], note=note, own=bool(own)))
            else:
                results.append(Item(picture=self._picture(item), note=note, own=bool(own)))
        return Line(asked, results)

    def _picture(self, i: int) -> np.ndarray:
        return read_image(self.data.images[int(i)], SIDE)


def make_sheet(model: Model, data: CaptionDataset) -> Sheet:
    """Of each direction: queries chosen by place, queries that succeed, and failures a person would be content with."""
    embedded = embed_dataset(model, data, skip_bad=model.config.data.skip_bad)
    data = embedded.data
    pictures, captions = normalise(embedded.pictures).numpy(), normalise(embedded.captions).numpy()
    k = min(K, len(pictures))
    sections = []
    for from_pictures, name in ((True, "Image-to-sentence"), (False, "Sentence-to-image")):
        found = nearest(pictures, captions, k) if from_pictures else nearest(captions, pictures, k)
        direction = Direction(data, from_pictures, *found)
        share = f"{100 * direction.found.mean():.1f} % of the queries find an own item among the first {k}"
        sections.append(
            Section(f"{name}: chosen by place", f"Whatever they find; {share}.", direction.lines(direction.by_place()))
        )
        successes = direction.first_found()
        if successes:
            note = f"The first of the split with an own item among the first {k}."
            sections.append(Section(f"{name}: found", note, direction.lines(successes)))
        queries, likeness = direction.nearly_right()
        if queries:
            note = (
                f"Nothing of their own among the first {k}, so Recall@{k} counts them as errors; but of all such "
                "queries these have a nearest result whose words are most alike (CIDEr-D, 0 to 10)."
            )
            sections.append(Section(f"{name}: wrong, and yet", note, direction.lines(queries, likeness)))
    title = f"{LABELS.get(data.name, data.name)} {data.split}, {model.config.row}: what is retrieved"
    note = (
        f"The query on the left, the {k} nearest of {len(pictures):,} pictures or {len(captions):,} captions on the "
        "right. Green: they belong together."
    )
    return Sheet(title, note, sections)


def main() -> None:
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.table3",
        description="Table 3: queries of a trained run with their five nearest results, as a PNG and an HTML page.",
        epilog="example: python -m experiments.table3 runs/scenes-nested",
    )
    p.add_argument("run", type=Path, help="folder of a trained run")
    p.add_argument("-o", "--output", type=Path, help="PNG file, the page beside it (default: see below)")
    p.epilog += (
        "\n\nWithout --output: results/table3.png for the embedded scenes; table3.png in the run's folder for every\n"
        "other data set, whose pictures and captions may not be published with this project."
    )
    args = p.parse_args()
    model = Model.load(args.run)
    config = model.config.data
    data = load_dataset(config.name, config.root or None, "test", skip_bad=config.skip_bad).first(PICTURES, CAPTIONS)
    sheet = make_sheet(model, data)
    output = args.output or (Path("results") if config.name == "scenes" else args.run) / "table3.png"
    save_png(sheet, output)
    save_page(sheet, output.with_suffix(".html"))
    print(f"wrote {output} and {output.with_suffix('.html')}")


if __name__ == "__main__":
    main()
