"""What an index of a data set holds: an item for each image, and one for all captions of the same words."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path

from encoded_text.common.text import as_utf8
from encoded_text.tokenizer import tokenize
from single_net.data import heif
from single_net.data.cache import cache_folder
from single_net.data.checksums import image_checksums
from single_net.data.dataset import CaptionDataset
from single_net.search.indexes.item import Item, shortened
from single_net.search.source import drawn_content, path_inside


def content_keys(data: CaptionDataset) -> list[str | None]:
    """What tells each image from others: SHA-256 of its file, or of how it is drawn; None for an unreadable file."""
    if data.images_version is not None:
        return [drawn_content(data, name) for name in data.ids]
    return image_checksums(data, cache_folder())


def image_items(data: CaptionDataset, contents: list[str | None]) -> dict[Item, int]:
    """The items of all readable images, and their numbers in the data set."""
    return {
        Item(as_utf8(data.ids[i]), content, shortened(data.captions[i][0]) if data.captions[i] else ""): i
        for i, content in enumerate(contents)
        if content is not None
    }


def caption_items(data: CaptionDataset, images: Collection[str]) -> dict[Item, str]:
    """The items of the captions of some images, and each caption in full.

    Captions of the same words are one item, which stands for the first of them.

    Args:
        data: images with captions.
        images: names of the images whose captions count.
    """
    found: dict[str, tuple[str, str, set[int]]] = {}  # by words: first caption, its image, all images
    for i, captions in enumerate(data.captions):
        if (name := as_utf8(data.ids[i])) in images:
            for caption in captions:
                words = " ".join(tokenize(caption)) or caption
                found.setdefault(words, (caption, name, set()))[2].add(i)
    return {
        Item(name, _digest(caption), shortened(caption), len(images)): caption
        for caption, name, images in found.values()
    }


def may_still_exist(root: Path, name: str) -> bool:
    """Whether an indexed image that is not listed may be there all the same: its folder cannot be read now, or its
    format is one that this installation lacks."""
    path = path_inside(root, name)
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    folders = [folder for folder in path.parents if folder == root or root in folder.parents]
    if not all(os.access(folder, os.R_OK) for folder in folders):  # it can be opened by name, and not be listed
        return True
    return path.suffix.lower() in heif.SUFFIXES and not heif.reads_heif()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
