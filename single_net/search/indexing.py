"""Bringing an index up to date: what is new is embedded, what moved keeps its vector, what is gone is removed last."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from encoded_text import CaptionWarning
from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.common.text import as_utf8
from encoded_text.word_ids import report_losses
from single_net.common.batches import batches
from single_net.common.parallel import map_in_order, usable_cores
from single_net.data.checksums import file_state
from single_net.data.dataset import CaptionDataset
from single_net.search.dataset_items import caption_items, content_keys, image_items, may_still_exist
from single_net.search.embedding_model import (
    EmbeddingModel,
    caption_encoder,
    check_model,
    dimension,
    encode_captions,
    encode_images,
    identity,
    read_image_for,
)
from single_net.search.indexes import Header, Index, Item, Kind, Source, open_or_create, writing
from single_net.search.source import folder_source, load_source

BATCH = 128  # images that are embedded and stored at once: at most as many are embedded again after an interruption
CAPTIONS = 128  # the same for captions; of more a model would show a progress bar of its own within that of the index


@dataclass
class Report:
    """What an update did.

    Attributes:
        images: that the index holds now.
        captions: that the index holds now, those of the same words counted once.
        embedded: images that were embedded.
        moved: images that had been embedded before: under another name, or with another caption.
        removed: images that were taken out, because they are gone or have other contents.
        captions_added, captions_removed: captions that the index did not hold before, and that it holds no more.
        kept: names of images that cannot be read at present and stay in the index as they were.
        left_out: why images are not in the index, a sentence for each.
    """

    images: int = 0
    captions: int = 0
    embedded: int = 0
    moved: int = 0
    removed: int = 0
    captions_added: int = 0
    captions_removed: int = 0
    kept: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def update_index(
    place: str | os.PathLike[str],
    model: EmbeddingModel,
    source: Source | str | os.PathLike[str],
    *,
    force: bool = False,
    skip_bad: bool = False,
    approximate: bool = False,
    data: CaptionDataset | None = None,
) -> Report:
    """Make an index of a folder or data set, or bring it up to date.

    Images are known by their contents. Each batch is stored before the next one is embedded, so that an interrupted
    call is resumed by the next one. Images that cannot be read are left out and named in the report.

    Args:
        place: a folder, a Milvus Lite file or the address of a Milvus server, see `indexes.open_index`.
        model: embeds images and captions.
        source: the images; a path is that of a folder of images.
        force: also where most of the images are gone, or where the index was made of another source.
        skip_bad: leave out rows and missing images of a data set, as in `load_dataset`.
        approximate: of a new index on a Milvus server: faster, and misses some neighbors.
        data: of the source, where it is already loaded.

    Raises:
        InputError: the index is of another model or source, most of its images are gone, or it cannot be written.
    """
    if isinstance(source, (str, os.PathLike)):
        source = folder_source(source)
    if not isinstance(source, Source):
        raise InputError(f"the source of an index is a folder's path or a Source, not {type(source).__name__}")
    data = data or load_source(source, skip_bad=skip_bad)
    file = getattr(model, "file", None)
    run = os.path.abspath(file) if isinstance(file, Path) else ""

    def header() -> Header:
        return Header(identity(model), dimension(model), source, run, approximate)

    with writing(place), open_or_create(place, header) as index:
        check_model(index, model)
        if approximate and not index.header.approximate:
            raise InputError(f"{place} is an exact index: leave --approximate out, or make one in another place")
        if index.header.source != source and not force:
            raise InputError(
                f"{place} is the index of {index.header.source}, not of {source}: name another place, or add --force "
                "if these are the same images"
            )
        if (index.header.source, index.header.run) != (source, run):
            index.set_header(replace(index.header, source=source, run=run))
        return _Update(index, model, data).run(force)


class _Update:
    """One update of an index.

    Args:
        index: receives what is new.
        model: embeds it.
        data: holds it.
    """

    def __init__(self, index: Index, model: EmbeddingModel, data: CaptionDataset) -> None:
        self.index, self.model, self.data, self.report = index, model, data, Report()
        listed = data.images if data.images_version is None else ()  # drawn images would be drawn here
        # Of the files before their contents.
        self.states = [file_state(image) if isinstance(image, Path) else None for image in listed]
        self.contents = content_keys(data)

    def run(self, force: bool) -> Report:
        """Do it all. Raises InputError where most of the images are gone, unless forced."""
        index, report = self.index, self.report
        stored = set(index.items("images"))
        wanted = image_items(self.data, self.contents)
        new = {item: number for item, number in wanted.items() if item not in stored}
        gone, report.kept = self._gone(stored - wanted.keys())
        names = {item.name for item in stored}
        for i, content in enumerate(self.contents):
            if content is None and (name := as_utf8(self.data.ids[i])) not in names:
                report.left_out.append(f"{name}: it cannot be read")

        known = {item.content: item for item in stored}
        here = {item.content for item in wanted}
        listed = {item.name for item in wanted}  # a file with other contents is not lost
        lost = sum(item.content not in here and item.name not in listed for item in gone)
        if lost * 2 > len(stored) and not force:
            raise InputError(
                f"{lost} of the {len(stored)} images of {index.place} are no longer in {index.header.source}: if that "
                "is right, add --force; else bring the images back"
            )
        self._expect(len(wanted) + len(report.kept))
        moved = [item for item in new if item.content in known]
        self._copy("images", moved, known)
        report.moved = len(moved)
        groups: dict[str, list[Item]] = {}
        for item in new:
            if item.content not in known:
                groups.setdefault(item.content, []).append(item)
        bad = self._embed_images(groups, wanted)
        index.remove("images", gone)
        report.removed = len(gone)
        present = {item.name for item in (wanted.keys() - bad) | (stored - set(gone))}
        self._update_captions(caption_items(self.data, present))
        report.images, report.captions = index.count("images"), index.count("captions")
        self._expect(report.images)
        return report

    def _expect(self, images: int) -> None:
        if self.index.header.expected != images:
            self.index.set_header(replace(self.index.header, expected=images))

    def _gone(self, unwanted: set[Item]) -> tuple[list[Item], list[str]]:
        """The items to be removed, and the names of those that are only unreadable at present."""
        names, source = [as_utf8(name) for name in self.data.ids], self.index.header.source
        unreadable = {name for name, content in zip(names, self.contents, strict=True) if content is None}
        root = Path(source.root) if source.name == "folder" else None
        listed = set(names)
        gone, kept = [], []
        for item in unwanted:
            hidden = root is not None and item.name not in listed and may_still_exist(root, item.name)
            if item.name in unreadable or hidden:
                kept.append(item.name)
            else:
                gone.append(item)
        return gone, sorted(kept)

    def _copy(self, kind: Kind, items: Sequence[Item], known: dict[str, Item]) -> None:
        """Add items whose contents are in the index under another name."""
        for part in batches(items, CAPTIONS):
            self.index.add(kind, part, self.index.vectors(kind, [known[item.content] for item in part]))

    def _embed_images(self, groups: dict[str, list[Item]], numbers: dict[Item, int]) -> set[Item]:
        """Decode images in threads, embed them in batches, and add them.

        Args:
            groups: items of the same contents, by contents; the first of each is embedded.
            numbers: of the items in the data set.

        Returns:
            The items that were left out.
        """
        left_out: set[Item] = set()

        def decode(group: list[Item]) -> np.ndarray | str:
            number = numbers[group[0]]
            try:
                source = self.data.images[number]
                image = read_image_for(self.model, source)
            except InputError as error:
                return str(error)
            if isinstance(source, Path) and file_state(source) != self.states[number]:
                return f"{source}: it changed while it was indexed: index again"
            return image

        waiting: list[tuple[list[Item], np.ndarray]] = []
        with ThreadPoolExecutor(usable_cores()) as pool, warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")  # of large images and broken EXIF, see cached_array
            decoding = map_in_order(pool, decode, groups.values(), waiting=BATCH)  # the next, while one is embedded
            bar = progress(
                zip(groups.values(), decoding, strict=True), what="indexing images", total=len(groups), unit=" images"
            )
            for group, image in bar:
                if isinstance(image, str):
                    left_out.update(group)
                    self.report.left_out.append(image)
                    self.report.left_out += [f"{item.name}: the same contents as {group[0].name}" for item in group[1:]]
                else:
                    waiting.append((group, image))
                if len(waiting) == BATCH:
                    self._store(waiting)
                    waiting = []
            if waiting:
                self._store(waiting)
        return left_out

    def _store(self, decoded: list[tuple[list[Item], np.ndarray]]) -> None:
        """Embed a batch of images and add each to the index, for all items of its contents."""
        vectors = encode_images(self.model, [image for _, image in decoded])
        items = [item for group, _ in decoded for item in group]
        self.index.add("images", items, np.repeat(vectors, [len(group) for group, _ in decoded], axis=0))
        self.report.embedded += len(decoded)

    def _update_captions(self, wanted: dict[Item, str]) -> None:
        stored = set(self.index.items("captions"))
        known = {item.content: item for item in stored}
        new = [item for item in wanted if item not in stored]
        self._copy("captions", [item for item in new if item.content in known], known)
        unknown = [item for item in new if item.content not in known]
        texts = [wanted[item] for item in unknown]
        encoder = caption_encoder(self.model) if texts else None  # without new captions the network need not be loaded
        if encoder is not None:  # once for all of them, not for each batch
            report_losses(texts, encoder.look_up(texts), encoder.layout)
        with warnings.catch_warnings(), progress(what="indexing captions", total=len(unknown), unit=" captions") as bar:
            warnings.simplefilter("ignore", CaptionWarning)
            for part in batches(unknown, CAPTIONS):
                self.index.add("captions", part, encode_captions(self.model, [wanted[item] for item in part]))
                bar.update(len(part))
        self.index.remove("captions", [item for item in stored if item not in wanted])
        before, now = ({item.content for item in items} for items in (stored, wanted))
        self.report.captions_added, self.report.captions_removed = len(now - before), len(before - now)
