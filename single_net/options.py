"""Options that several commands share."""

from __future__ import annotations

import argparse

from .datasets import DATASETS


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """--data, --root, --skip-bad and --device."""
    parser.add_argument("--data", choices=DATASETS, help="data set instead of the configuration's")
    parser.add_argument("--root", help="folder of the data set (default: from the environment, e.g. COCO_ROOT)")
    parser.add_argument("--skip-bad", action="store_true", help="leave out and count what cannot be read")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="default: the GPU where there is one")
