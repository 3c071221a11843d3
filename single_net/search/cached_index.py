"""The index behind a search of a run: kept in the cache, brought up to date each time."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.cache import cache_folder, cache_key, mark_used, prune_folders
from single_net.data.readers.problems import Problems
from single_net.search.embedding_model import EmbeddingModel, identity
from single_net.search.indexes import DamagedIndex, Index, Source, open_index, writing
from single_net.search.indexes.folder import CATALOG
from single_net.search.indexes.header import FORMAT
from single_net.search.indexing import update_index
from single_net.search.source import SourceImages, load_source


def cached_index(model: EmbeddingModel, source: Source, *, skip_bad: bool = False) -> tuple[Index, SourceImages]:
    """The index of a source in the cache of this user, and its images. Only what is new is embedded.

    Args:
        model: embeds it.
        source: a folder, or a split of a data set.
        skip_bad: leave out images that cannot be read, and tell how many, instead of raising.

    Raises:
        InputError: an image cannot be read, or as `load_dataset`.
    """
    place = cache_folder() / "indexes" / cache_key(FORMAT, identity(model), asdict(source))
    if place.exists():
        mark_used(place / CATALOG)  # so that no other process deletes it meanwhile
    else:
        prune_folders(place.parent)
    data = load_source(source, skip_bad=skip_bad)
    try:
        report = update_index(place, model, source, force=True, data=data)  # what is lost from the cache is made again
    except DamagedIndex:
        _empty(place)
        report = update_index(place, model, source, force=True, data=data)
    problems = Problems(f"{source.name} {source.split}", skip_bad)
    for reason in report.left_out:
        problems.add("unreadable image", reason)
    problems.settle()
    index = open_index(place)
    if not index.count("images"):
        raise InputError(f"{source}: none of its images can be read")
    return index, SourceImages(source, data)


def _empty(place: Path) -> None:
    """Delete a damaged index, but not its lock, unless another process has made it anew."""
    with writing(place):
        with contextlib.suppress(DamagedIndex):
            open_index(place).close()
            return
        # The catalog last, and its journal before it: the journal would be played into the next one.
        journals = [place / f"{CATALOG}-{ending}" for ending in ("journal", "wal", "shm")]
        for file in (*place.glob("*.f32"), *journals, place / CATALOG):
            file.unlink(missing_ok=True)
