"""The folder of a run, held by one training at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from single_net.common.lock import locked_or_refused
from single_net.common.outputs import check_outputs
from single_net.config import PATHS, RunConfig
from single_net.data.load import data_root
from single_net.inference.run_files import BEST, CURVES, ENCODER, LOCK, LOG, MODEL


def require_apart(run: Path, config: RunConfig, images: Sequence[object]) -> None:
    """Check that training into a folder would write over nothing that it reads.

    Args:
        run: the folder.
        config: of the run, with the files that it reads.
        images: of the training split.

    Raises:
        InputError: a file that is read has the name of one that is written.
    """
    check_outputs([run / name for name in (BEST, ENCODER, LOG, CURVES)], files_read(config), images)


def files_read(config: RunConfig) -> list[Path]:
    """The files and folders that a configuration names, and its data set where the environment names it.

    Raises:
        InputError: the data set is nowhere.
    """
    files = [getattr(getattr(config, section), name) for section, names in PATHS.items() for name in names]
    data = config.data.name
    root = [] if data == "scenes" else [data_root(data, config.data.root or None)]
    return [*root, *(Path(os.path.expanduser(file)) for file in (*files, config.teaching.file) if file)]


@contextlib.contextmanager
def hold_folder(run: Path) -> Iterator[None]:
    """Make the folder, keep other trainings out of it, and clear away what a killed one left half-written.

    Raises:
        InputError: another process is training into it, or it can hold no lock.
    """
    taken = f"another process is training into {run}: wait for it, or choose another --output"
    with locked_or_refused(run / LOCK, taken, "choose an --output on another file system"):
        for name in ("checkpoint-*", BEST, MODEL, ENCODER, LOG, CURVES):  # others may be those of an export
            for half_written in run.glob(f".{name[:40]}.*part*"):
                half_written.unlink()
        yield
