"""Command-line options that several commands share: which data set, which device."""

from __future__ import annotations

import argparse

from single_net.config import DataConfig
from single_net.data.dataset import CaptionDataset
from single_net.data.load import DATASETS, load_dataset


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add --data, --root, --skip-bad and --device."""
    parser.add_argument("--data", choices=DATASETS, help="data set instead of the configuration's")
    parser.add_argument("--root", help="folder of the data set (default: from the environment, e.g. COCO_ROOT)")
    parser.add_argument("--skip-bad", action="store_true", help="leave out and count what cannot be read")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="default: the GPU where there is one")


def load_chosen(args: argparse.Namespace, trained_on: DataConfig) -> tuple[CaptionDataset, bool]:
    """Load the data set that the options name, by default the one a run was trained on.

    Args:
        args: the options of `add_data_options`, and `split`.
        trained_on: the run's data.

    Returns:
        The data set, and whether images that cannot be read are to be left out.

    Raises:
        InputError: as `load_dataset`.
    """
    name = args.data or trained_on.name
    root = args.root or (trained_on.root if name == trained_on.name else "") or None
    skip_bad = args.skip_bad or trained_on.skip_bad
    return load_dataset(name, root, args.split, skip_bad=skip_bad), skip_bad
