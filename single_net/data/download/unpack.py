"""Zip and tar archives, unpacked so that a bad one can do no harm.

Everything is checked before the first byte is written: names that lead out of the folder, links, devices, and sizes
that no real data set has. What is unpacked gets its final name only when it is whole.
"""

from __future__ import annotations

import gzip
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, NamedTuple

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress

MAX_EXPANSION = 100  # unpacked bytes to packed ones; JPEG has 1, JSON 10, a bomb 1,000 and more
MAX_MEMBERS = 1_000_000
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,  # zipfile's word for a password or an unknown compression
)


class _Member(NamedTuple):
    name: str
    size: int
    kind: str  # "file", "folder", or what it is instead
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, inside: str, target: Path, temporary: Path) -> None:
    """Unpack one file or folder of an archive.

    Args:
        archive: A zip, or a tar with or without compression.
        inside: The path of the file or folder in the archive; "." is the whole archive. macOS's __MACOSX is left out.
        target: Where it is put; nothing is there yet.
        temporary: A folder on the same disk to unpack into; made anew, and removed at the end.

    Raises:
        InputError: The archive is broken, holds a member that is refused or nothing of the name `inside`, or does
            not fit on the disk. `target` does not exist then.
    """
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        with _members(archive) as found:
            wanted = [member for member in _checked(found, archive) if _is_wanted(member, inside)]
            require_space(sum(member.size for member in wanted), target.parent)
            for member in progress(wanted, what=f"unpacking {target.name}", unit=" files"):
                _write(member, temporary / member.name)
        if not (temporary / inside).exists() or not wanted:
            raise InputError(f"{archive} holds no {inside}: unpack it by hand and call that part {target}")
        if hasattr(os, "sync"):  # not on Windows
            os.sync()  # the name must not reach the disk before the contents
        (temporary / inside).replace(target)
    except _BROKEN as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(":")
        raise InputError(f"{archive} is broken ({reason}): remove it and fetch it again") from error
    except OSError as error:
        error.filename = error.filename or str(target)  # a full disk is reported without the file's name
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[_Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zip_file:
            yield (
                _Member(info.filename, info.file_size, _kind_in_zip(info), partial(zip_file.open, info))
                for info in zip_file.infolist()
            )
    else:
        with tarfile.open(archive) as tar_file:
            yield (
                _Member(info.name, info.size, _kind_in_tar(info), partial(_open_in_tar, tar_file, info))
                for info in tar_file
            )


def _kind_in_zip(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "device"
    return "folder" if info.is_dir() else "file"


def _kind_in_tar(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return "link"
    return "folder" if info.isdir() else "file" if info.isreg() else "device"


def _open_in_tar(tar_file: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar_file.extractfile(info)
    assert file is not None  # that is for members which are refused
    return file


def _checked(members: Iterable[_Member], archive: Path) -> Iterator[_Member]:
    """The members, one by one, up to the first that must not be unpacked."""
    limit = MAX_EXPANSION * archive.stat().st_size
    total = 0
    for number, member in enumerate(members, 1):
        path = PurePosixPath(member.name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(member.name).drive:
            raise InputError(f"{archive}: {member.name!r} leads out of the folder; nothing was unpacked")
        if member.kind not in ("file", "folder"):
            raise InputError(f"{archive}: {member.name!r} is a {member.kind}; nothing was unpacked")
        total += member.size
        if total > limit or number > MAX_MEMBERS:
            raise InputError(
                f"{archive} would unpack to more than {MAX_EXPANSION} times its size or {MAX_MEMBERS:,} files; "
                "nothing was unpacked"
            )
        yield member


def _is_wanted(member: _Member, inside: str) -> bool:
    path = PurePosixPath(member.name)
    return member.kind == "file" and path.is_relative_to(inside) and "__MACOSX" not in path.parts


def require_space(needed: int, folder: Path) -> None:
    """Check that the disk of a folder has room for so many bytes. Raises InputError if not."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{folder}: {needed / 1e9:.1f} GB more are needed and {free / 1e9:.1f} GB are free: free some space or "
            "choose another folder"
        )


def _write(member: _Member, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with member.open() as packed, open(path, "wb") as file:
        shutil.copyfileobj(packed, file, 1 << 20)
    if path.stat().st_size != member.size:
        raise EOFError(f"{member.name} is shorter than the archive says")
