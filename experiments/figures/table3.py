"""Table 3 of the paper: what a trained run retrieves, as a PNG and an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from encoded_text.common.files import write_atomic
from single_net.common.html import image_uri, render_page
from single_net.data.dataset import CaptionDataset
from single_net.data.image import read_image
from single_net.data.load import label
from single_net.evaluation.cider import CaptionSimilarity
from single_net.evaluation.protocol import evaluated
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model
from single_net.retrieval.embeddings import normalize
from single_net.retrieval.neighbors import nearest
from single_net.search.sheet import SIDE, Line, Section, Sheet, Tile
from single_net.search.sheet_png import save_png

K = 5  # results, as in the paper
QUERIES = 2  # a section


@dataclass(frozen=True)
class Direction:
    """The K nearest items of every query of one direction.

    Args:
        data: the split.
        from_images: queries are images and items captions, or the other way around.
        distances: float32 (queries, K), ascending.
        items: int64 (queries, K), numbers of the items.
    """

    data: CaptionDataset
    from_images: bool
    distances: np.ndarray
    items: np.ndarray

    @classmethod
    def of(cls, data: CaptionDataset, images: np.ndarray, captions: np.ndarray, *, from_images: bool) -> Direction:
        """Search one direction among L2-normalized embeddings; of equal distances a wrong item comes first."""
        queries, gallery = (images, captions) if from_images else (captions, images)
        k = min(K, len(images))
        # So many that every wrong item as near as an own one among the first k is there.
        more = min(k + max(map(len, data.captions)), len(gallery))
        found = cls(data, from_images, *nearest(queries, gallery, more))
        order = np.lexsort((found.own, found.distances))[:, :k]
        return cls(data, from_images, *(np.take_along_axis(a, order, axis=1) for a in (found.distances, found.items)))

    @cached_property
    def own(self) -> np.ndarray:
        """bool (queries, K): which results belong to their query."""
        image_of_caption = self.data.image_of_caption
        if self.from_images:
            return np.asarray(image_of_caption[self.items] == np.arange(len(self.items))[:, None])
        return np.asarray(self.items == image_of_caption[:, None])

    @cached_property
    def found(self) -> np.ndarray:
        """bool (queries,): an own item is among the first K."""
        return np.asarray(self.own.any(axis=1))

    def image_of_query(self, query: int) -> int:
        """The image that a query is, or whose caption it is."""
        return query if self.from_images else int(self.data.image_of_caption[query])

    def by_position(self) -> list[int]:
        """Queries in the middle of each half of the split: chosen without looking at what they find."""
        return [len(self.items) * (2 * i + 1) // (2 * QUERIES) for i in range(QUERIES)]

    def first_found(self) -> list[int]:
        """The first queries with an own item among the first K, of different images."""
        return [int(query) for query in self._of_different_images(np.flatnonzero(self.found))]

    def nearly_right(self) -> tuple[list[int], np.ndarray]:
        """Queries without an own item among the first K whose nearest result is most similar in its words.

        Returns:
            The queries, most similar first, and the similarity of every query: CIDEr-D of a caption against those of
            the image it is found with.
        """
        queries, nearest_items = np.arange(len(self.items)), self.items[:, 0]
        captions, images = (nearest_items, queries) if self.from_images else (queries, nearest_items)
        similarity = CaptionSimilarity(self.data.captions).to_images(captions, images)
        missed = np.flatnonzero(~self.found)
        order = missed[np.argsort(-similarity[missed], kind="stable")]
        return [int(query) for query in self._of_different_images(order)], similarity

    def _of_different_images(self, queries: np.ndarray) -> list[int]:
        """The first QUERIES of them that concern different images."""
        chosen: dict[int, int] = {}
        for query in queries:
            chosen.setdefault(self.image_of_query(query), query)
            if len(chosen) == QUERIES:
                break
        return list(chosen.values())

    def lines(self, queries: Sequence[int], similarity: np.ndarray | None = None) -> list[Line]:
        """Queries with their results for the sheet, and the `similarity` that `nearly_right` gives."""
        return [self._line(query, None if similarity is None else float(similarity[query])) for query in queries]

    def _line(self, query: int, similarity: float | None) -> Line:
        data, captions = self.data, self.data.flat_captions
        remarks = [] if similarity is None else [f"similarity of the first result {similarity:.1f}"]
        if self.from_images:
            one = f"one of its captions: {data.captions[query][0].rstrip(' .')}"
            asked = Tile(image=self._image(query), note="; ".join([one, *remarks]))
        else:
            asked = Tile(text=captions[query], note="; ".join(remarks))
        results = []
        for item, distance, own in zip(self.items[query], self.distances[query], self.own[query], strict=True):
            note = f"distance {distance:.2f}" + (
                f", its own {'caption' if self.from_images else 'image'}" if own else ""
            )
            if self.from_images:
                results.append(Tile(text=captions[item], note=note, own=bool(own)))
            else:
                results.append(Tile(image=self._image(item), note=note, own=bool(own)))
        return Line(asked, results)

    def _image(self, i: int) -> np.ndarray:
        return read_image(self.data.images[int(i)], SIDE)


def make_sheet(model: Model, data: CaptionDataset) -> Sheet:
    """For each direction: queries chosen by position, queries that succeed, and errors with similar words."""
    embedded = embed_dataset(model, data, skip_bad=model.config.data.skip_bad)
    data = embedded.data
    images, captions = normalize(embedded.images).numpy(), normalize(embedded.captions).numpy()
    k = min(K, len(images))
    sections = []
    for from_images, name in ((True, "Image-to-sentence"), (False, "Sentence-to-image")):
        direction = Direction.of(data, images, captions, from_images=from_images)
        share = f"{100 * direction.found.mean():.1f} % of the queries find an own item among the first {k}"
        sections.append(
            Section(
                f"{name}: chosen by position",
                f"Chosen without looking at the results; {share}.",
                direction.lines(direction.by_position()),
            )
        )
        successes = direction.first_found()
        if successes:
            note = f"The first of the split with an own item among the first {k}."
            sections.append(Section(f"{name}: found", note, direction.lines(successes)))
        queries, similarity = direction.nearly_right()
        if queries:
            note = (
                f"No own item among the first {k}, so Recall@{k} counts them as errors; of all such queries these have "
                "the nearest results that are most similar in their words (CIDEr-D, 0 to 10)."
            )
            sections.append(Section(f"{name}: errors with similar words", note, direction.lines(queries, similarity)))
    title = f"Retrieval examples, {model.config.variant}, {label(data.name)}"
    note = (
        f"The query on the left, the {k} nearest of {len(images):,} images or {len(captions):,} captions on the "
        "right. Green: they belong together."
    )
    return Sheet(title, note, sections)


def draw(run: Path, path: Path) -> None:
    """Write the sheet of a run's test split as a PNG, and as an HTML page beside it.

    Args:
        run: folder of a trained run.
        path: the PNG file.
    """
    model = Model.load(run)
    sheet = make_sheet(model, evaluated(model.config.data.load("test")))
    save_png(sheet, path)
    save_page(sheet, path.with_suffix(".html"))


def save_page(sheet: Sheet, path: Path) -> None:
    """Write a sheet as one HTML file: images inside, no script, no network, all text escaped."""
    write_atomic(path, render_page("sheet.html", sheet=sheet, image_uri=lambda image: image_uri(image, SIDE)))
