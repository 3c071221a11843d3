"""Command-line options that several commands share: which data set, which device."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from encoded_text.common.errors import InputError
from single_net.common.notice import notice
from single_net.data.dataset import CaptionDataset
from single_net.data.load import DATASETS, load_dataset
from single_net.data.readers.columns import parse_columns

if TYPE_CHECKING:
    from single_net.config import DataConfig

_LEVELS = 4  # folders above a run in which its moved data are looked for


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add --data, --device, and the options of `add_place_options`."""
    parser.add_argument(
        "--data",
        choices=DATASETS,
        help="data set instead of the configuration's; table: your own CSV or JSON lines; karpathy: a dataset_*.json",
    )
    add_place_options(parser)
    add_device_option(parser)


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add --root, --image-folder, --columns and --skip-bad, which say where a data set is and how to read it."""
    parser.add_argument(
        "--root", help="folder (or file) of the data set (default: from the environment, e.g. COCO_ROOT)"
    )
    parser.add_argument("--image-folder", metavar="DIR", help="where the images are, if not below the root")
    parser.add_argument(
        "--columns", metavar="ROLE=NAME,...", help="columns of a table, e.g. image=file,caption=text,split=part"
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out and count what cannot be read (in training also images of the validation or test set)",
    )


def add_set_option(parser: argparse.ArgumentParser, what: str = "change any other setting") -> None:
    """Add --set SECTION.KEY=VALUE, which may be given several times; `what` is its help."""
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help=what)


def add_device_option(parser: argparse.ArgumentParser, note: str = "") -> None:
    """Add --device, as common.device.choose_device takes it; `note` follows its help."""
    parser.add_argument(
        "--device", type=_device, help=f"cpu, cuda, or one GPU as cuda:1 (default: the GPU if there is one{note})"
    )


def _device(name: str) -> str:
    # torch, which knows more devices, takes a second to import.
    if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", name, re.ASCII):
        raise argparse.ArgumentTypeError(f"{name!r} is no device: choose cpu, cuda, or one GPU as cuda:1")
    return name


def refuse_data_options(args: argparse.Namespace, why: str, *, also: tuple[str, ...] = ()) -> None:
    """Refuse options that name a data set, where another place of images is given.

    Args:
        args: the options of `add_data_options`, and "split", None if it is not given.
        why: what is given instead, for the message.
        also: further options that mean nothing there.

    Raises:
        InputError: one of them is given.
    """
    for name in (*also, "data", "root", "image_folder", "columns", "split"):
        if getattr(args, name, None):
            raise InputError(f"{why}: leave --{name.replace('_', '-')} out")


def data_changes(args: argparse.Namespace) -> list[str]:
    """The options as changes of a configuration, "data.KEY=VALUE", except the root.

    Args:
        args: the options of `add_data_options`.

    Raises:
        InputError: malformed columns.
    """
    changes = [f"data.name={_toml(args.data)}"] if args.data else []
    if args.image_folder:
        changes.append(f"data.image_folder={_toml(args.image_folder)}")
    for role, name in parse_columns(args.columns).items():
        changes.append(f"data.columns.{role}={_toml(name)}")
    return [*changes, "data.skip_bad=true"] if args.skip_bad else changes


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class Chosen(NamedTuple):
    """A split of a data set that options name: arguments of `load_dataset`.

    Attributes:
        name: of the data set.
        root: of its folder or file; None if it has none, or the environment gives it.
        split: "train", "val" or "test".
        image_folder: if it is given.
        columns: of a table.
        skip_bad: leave out what cannot be used.
    """

    name: str
    root: str | None
    split: str
    image_folder: str | None
    columns: dict[str, str]
    skip_bad: bool


def chosen_data(args: argparse.Namespace, trained_on: DataConfig) -> Chosen:
    """What the options name, by default the data that a run was trained on.

    Args:
        args: the options of `add_data_options`, `split` and `run`.
        trained_on: the run's data.

    Raises:
        InputError: the run's data are no longer where they were, or malformed columns.
    """
    from single_net.config import DataConfig

    name = args.data or trained_on.name
    own = trained_on if name == trained_on.name and not args.root else DataConfig(name=name)
    also = _reading(own)
    root = args.root or find_again(own.root, args.run, also)
    image_folder = args.image_folder or find_again(own.image_folder, args.run, also)
    columns = {str(role): name for role, name in own.columns.items()} | parse_columns(args.columns)
    skip_bad = args.skip_bad or (name == trained_on.name and trained_on.skip_bad)
    return Chosen(name, root, args.split or "test", image_folder, columns, skip_bad)


def load_chosen(args: argparse.Namespace, trained_on: DataConfig) -> tuple[CaptionDataset, bool]:
    """Load the data set that the options name, by default the one a run was trained on.

    Args:
        args: the options of `add_data_options`, `split` and `run`.
        trained_on: the run's data.

    Returns:
        The data set, and whether images that cannot be read are to be left out.

    Raises:
        InputError: as `load_dataset`, or the run's data are no longer where they were.
    """
    chosen = chosen_data(args, trained_on)
    data = load_dataset(
        chosen.name,
        chosen.root,
        chosen.split,
        skip_bad=chosen.skip_bad,
        image_folder=chosen.image_folder,
        columns=chosen.columns,
    )
    return data, chosen.skip_bad


def _reading(trained_on: DataConfig) -> str:
    """The options that data need when --root names their new place, "" if none."""
    columns = ",".join(f"{role}={name}" for role, name in trained_on.columns.items())
    given = {"image-folder": trained_on.image_folder and "DIR", "columns": columns and shlex.quote(columns)}
    return " ".join(f"--{name} {value}" for name, value in given.items() if value)


def find_again(stored: str, run: Path | None, also: str = "") -> str | None:
    """The folder or file that a run was trained on, also if both were moved together.

    Args:
        stored: its path, as the run's configuration has it; "" if it came from the environment.
        run: the run's folder or model file, if known.
        also: further options that its data need then, for the message.

    Returns:
        The path; None for "".

    Raises:
        InputError: it is neither there nor beside the run.
    """
    if not stored or os.path.exists(os.path.expanduser(stored)):
        return stored or None
    moved = next((path for path in _beside(stored, run) if path.exists()), None) if run else None
    if moved is None:
        options = f"--root DIR {also}" if also else "--root"
        raise InputError(
            f"{run or 'the run'} was trained on {stored}, which is not there: give the place of its data with {options}"
        )
    notice(f"{stored} is not there: reading {moved}, which lies beside {run}")
    return str(moved)


def _beside(stored: str, run: Path) -> Iterator[Path]:
    """Where data may be that were moved together with a run: the longest end of their path first."""
    above = [folder for folder in Path(os.path.abspath(run)).parents if folder != folder.parent][:_LEVELS]
    parts = [part for part in Path(stored).parts if part not in (os.sep, "..")]
    near = 2 if run.is_dir() else 3  # further up a mere name, as "data", is likely to be that of something else
    for start in range(len(parts)):
        for folder in above if start < len(parts) - 1 else above[:near]:
            yield folder.joinpath(*parts[start:])
