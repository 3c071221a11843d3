"""Data sets of pictures with captions: `load_dataset(name, root, split)` gives a CaptionDataset."""

from __future__ import annotations

import os
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.dataset import SPLITS, CaptionDataset
from single_net.data.readers import coco, flickr, karpathy, table
from single_net.data.readers.common import Problems

__all__ = ["DATASETS", "LABELS", "CaptionDataset", "load_dataset"]

_READERS = {
    "flickr8k": flickr.load,
    "flickr30k": flickr.load,
    "coco": coco.load,
    "karpathy": karpathy.load,
    "table": table.load,
}
DATASETS = ("scenes", *_READERS)
LABELS = {"coco": "COCO", "flickr30k": "Flickr30K", "flickr8k": "Flickr8k", "scenes": "embedded scenes"}  # as printed


def load_dataset(
    name: str,
    root: str | os.PathLike | None = None,
    split: str = "test",
    *,
    skip_bad: bool = False,
    captions_only: bool = False,
) -> CaptionDataset:
    """The pictures and captions of one split; the pictures stay files (or are drawn) until someone looks at them.

    name           one of DATASETS; "scenes" is drawn by code and takes no root
    root           folder of the data (for "table" and "karpathy" also the file itself); by default the environment
                   variable FLICKR8K_ROOT, FLICKR30K_ROOT, COCO_ROOT, KARPATHY_ROOT or TABLE_ROOT
    split          "train", "val" ("dev" means the same) or "test"
    skip_bad       leave out what cannot be used and count it in `skipped`, instead of stopping
    captions_only  do not ask whether the pictures exist: enough to fit word vectors

    Raises:
        InputError: an unknown name or split, missing files, or captions and pictures that do not fit together. One
            line that names the first case with file and line, and how many there are of each kind.
    """
    split = "val" if split == "dev" else split
    if name not in DATASETS:
        raise InputError(f"no data set is called {name!r}: choose one of {', '.join(DATASETS)}")
    if split not in SPLITS:
        raise InputError(f"no split is called {split!r}: choose one of {', '.join(SPLITS)}")
    if name == "scenes":
        if root is not None:
            raise InputError(f"scenes are drawn by code and take no folder, but {str(root)!r} was given")
        from single_net.data.scenes import load_scenes

        return load_scenes(split)
    variable = f"{name.upper()}_ROOT"
    chosen = root if root is not None else os.environ.get(variable)
    if not chosen:
        raise InputError(f"where is {name}? Give its folder, or set {variable} to it")
    folder = Path(os.path.expanduser(chosen))
    if not folder.exists():
        source = "" if root is not None else f" (from {variable})"
        raise InputError(f"{folder}{source}: no such folder for {name}")
    if not folder.is_dir() and name not in ("table", "karpathy"):
        raise InputError(f"{folder}: the folder of {name} is expected, not a file")
    return _READERS[name](name, folder, split, Problems(f"{name} {split}", skip_bad), captions_only)
