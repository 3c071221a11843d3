"""Data sets by name: `load_dataset(name, root, split)` gives a CaptionDataset."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import SPLITS, CaptionDataset

__all__ = ["DATASETS", "LABELS", "label", "load_dataset", "root_variable"]

DATASETS = ("scenes", "flickr8k", "flickr30k", "coco", "karpathy", "table")  # with captions, which one can train on
LABELS = {"coco": "COCO", "flickr30k": "Flickr30K", "flickr8k": "Flickr8k", "scenes": "synthetic scenes"}  # as printed


def label(name: str) -> str:
    """A data set's name as printed."""
    return LABELS.get(name, name)


def root_variable(name: str) -> str:
    """The environment variable that holds a data set's root, e.g. "FLICKR8K_ROOT"."""
    return f"{name.upper()}_ROOT"


def load_dataset(
    name: str,
    root: str | os.PathLike[str] | None = None,
    split: str = "test",
    *,
    skip_bad: bool = False,
    captions_only: bool = False,
    image_folder: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> CaptionDataset:
    """Load the captions and the names of the images of one split. Images are read, or drawn, when they are indexed.

    Args:
        name: "scenes" (drawn by code), "flickr8k", "flickr30k", "coco", "karpathy" (any split file of that form; the
            data set is then named after the file), "table" (your own images and captions) or "folder" (images without
            captions, to search in).
        root: folder of the data, or a file that `python -m single_net.data.pack` wrote; for "karpathy" and "table" also
            the file itself. None: the environment variable FLICKR8K_ROOT, FLICKR30K_ROOT, COCO_ROOT, KARPATHY_ROOT or
            TABLE_ROOT. "scenes" takes no root, "folder" needs one.
        split: "train", "val" (or "dev") or "test". A folder is a single split, "own", whatever is asked for.
        skip_bad: leave out what cannot be used and count it in `skipped`, instead of raising.
        captions_only: do not look whether the images exist. Enough to train word vectors.
        image_folder: where the images are, if not below the root.
        columns: of a table: the names of its columns "image", "caption" and "split", where they are called otherwise;
            an empty name for "split" means that there is none.

    Returns:
        The split, in its published order.

    Raises:
        MissingSplit: the data set has no such split.
        InputError: an unknown name or split, missing files, or captions and images that do not fit together. The
            message names the first case with file and line, and counts the cases of each kind.
    """
    # Here, so that asking for a name or label takes no reader.
    from single_net.data.readers import coco, flickr, folder, karpathy, packed, table
    from single_net.data.readers.problems import Problems
    from single_net.data.readers.request import Request

    split = "val" if split == "dev" else split
    if name not in (*DATASETS, "folder"):
        raise InputError(f"no data set is called {name!r}: choose one of {', '.join(DATASETS)}, folder")
    if columns and name != "table":
        raise InputError(f"only a table has columns, {name} has none: leave --columns out, or choose --data table")
    if image_folder is not None and name in ("folder", "scenes"):
        raise InputError(f"{name} takes no folder of images beside it: leave --image-folder out")
    if name == "folder":
        if root is None:
            raise InputError("which folder? Give its path as root")
        return folder.load_folder(Path(os.path.expanduser(root)))
    if split not in SPLITS:
        raise InputError(f"no split is called {split!r}: choose one of {', '.join(SPLITS)}")
    if name == "scenes":
        if root is not None:
            raise InputError(f"scenes are drawn by code and take no folder, but {str(root)!r} was given")
        from single_net.data.scenes import load_scenes

        data = load_scenes(split)
        return data.select(range(len(data)))  # whose images can be sliced, too
    path = data_root(name, root)
    images = None if image_folder is None else Path(os.path.expanduser(image_folder))
    if images is not None and not images.is_dir():
        raise InputError(f"{images}: no such folder of images")
    if packed.is_packed(path):
        if images or columns:
            raise InputError(f"{path} is packed, with its own images: leave --image-folder and --columns out")
        return packed.load(name, path, split, captions_only)
    problems = Problems(f"{name} {split}", skip_bad)
    readers = {
        "flickr8k": flickr.load,
        "flickr30k": flickr.load,
        "coco": coco.load,
        "karpathy": karpathy.load,
        "table": table.load,
    }
    return readers[name](Request(name, path, split, problems, captions_only, images, columns or {}))


def data_root(name: str, root: str | os.PathLike[str] | None) -> Path:
    """The folder (or file) of a data set, given or from the environment. Raises InputError if there is none."""
    from single_net.data.readers import packed

    variable = root_variable(name)
    chosen = root if root is not None else os.environ.get(variable)
    if not chosen:
        raise InputError(f"where is {name}? Give its folder with --root, or set {variable} to it")
    path = Path(os.path.expanduser(chosen))
    if not os.path.exists(path):
        source = "" if root is not None else f" (from {variable})"
        raise InputError(f"{path}{source}: no such folder for {name}")
    if not path.is_dir() and name not in ("table", "karpathy") and not packed.is_packed(path):
        raise InputError(f"{path}: the folder of {name} (or a packed .zip) is expected, not a file")
    return path
