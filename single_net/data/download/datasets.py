"""One data set, fetched part by part into a folder that the readers can use."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from encoded_text.common.errors import InputError
from encoded_text.common.files import make_folder
from single_net.data.download.addresses import ADDRESSES, Part, read_addresses
from single_net.data.download.fetch import Unreachable, fetch
from single_net.data.download.unpack import unpack
from single_net.data.load import LABELS, load_dataset

WORK = ".download"  # in the data set's folder; holds what is not whole yet


def download(name: str, to: Path, addresses: Path = ADDRESSES) -> str:
    """Fetch what a folder still lacks of a data set.

    A part that is there is not fetched again. Nothing is fetched where the reader finds every image already, under
    whatever folder name. Calls go on where an interrupted one stopped.

    Args:
        name: A data set of the file of addresses.
        to: Its folder; made if there is none.
        addresses: The file of addresses.

    Returns:
        "" where everything is there; otherwise the line that says what is given out on request only, and where.

    Raises:
        InputError: No address gives a part, an archive is refused, the disk is full, or what came is not the data
            set as published.
    """
    data_set = read_addresses(addresses)[name]
    make_folder(to)
    to_ask = []
    with _alone(to):
        for part in data_set.parts:
            if _fault(name, to, data_set.splits) is None:
                break
            if not (to / part.name).exists() and not _obtain(part, to):
                to_ask.append(f"{part.request}, save {part.archive} in {to} and run the same command again")
        fault = _fault(name, to, data_set.splits, captions_only=bool(to_ask))
        if fault:
            raise InputError(
                f"{to} does not hold {LABELS[name]} as published: {fault}; "
                "or remove that file or folder and run the same command again"
            )
        shutil.rmtree(to / WORK, ignore_errors=True)
    return "; ".join(to_ask)


def _fault(name: str, to: Path, splits: dict[str, int], captions_only: bool = False) -> str | None:
    """What the reader finds wrong with the data set, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for split, expected in splits.items():
                found = len(load_dataset(name, to, split, captions_only=captions_only).images)
                if found != expected:
                    return f"its {split} split has {found} images, not {expected}"
    except InputError as error:
        return str(error)
    return None


def _obtain(part: Part, to: Path) -> bool:
    """Put a part into the folder; False where it has to be asked for."""
    target, work = to / part.name, to / WORK
    if part.request:
        archive = to / part.archive
        if archive.is_file():
            unpack(archive, part.inside, target, work / "unpacked")
        return archive.is_file()
    make_folder(work)
    faults = []
    for source in part.sources:
        print(f"fetching {part.name} from {source.url}", flush=True)
        try:
            file = fetch(source, work)
        except Unreachable as fault:
            faults.append(str(fault))
            if source is not part.sources[-1]:
                print(fault, flush=True)
            continue
        if source.is_archive:
            unpack(file, part.inside, target, work / "unpacked")
            file.unlink()
        else:
            file.replace(target)
        return True
    raise InputError(f"{part.name}: {'; '.join(faults)}. Run the same command again, or put {part.name} into {to}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two calls at a time would write into the same part."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"{folder}: another download into it is running; wait for it") from error
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(handle)
