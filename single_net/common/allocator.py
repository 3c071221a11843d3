"""How freed memory is treated on processors."""

from __future__ import annotations

import ctypes
import platform

_MMAP_MAX, _TRIM_THRESHOLD = -4, -1  # malloc.h of glibc


def keep_freed_memory() -> None:
    """Let glibc keep freed memory instead of giving it back to the system; elsewhere nothing happens.

    Every training step frees and asks again for gigabytes. By default glibc returns each large block, and the system
    clears its pages anew.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, -1)
