"""The memory allocator of the C library: training on a CPU is faster if freed memory is kept."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # mallopt's parameters in glibc's malloc.h


def keep_freed_memory() -> None:
    """Let glibc reuse freed memory instead of returning it to the system. Without glibc nothing happens.

    Every training step frees and allocates gigabytes. By default glibc returns each large block, and the system has to
    clear its pages again.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, -1)
