"""The memory allocator of the C library: training on a CPU is faster if freed memory is kept, in huge pages."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # mallopt's parameters in glibc's malloc.h
_MADV_HUGEPAGE = 14  # Linux's mman-common.h
_HUGE = 2**21  # bytes of a huge page
_OVERCOMMIT = Path("/proc/sys/vm/overcommit_memory")
_MEMORY = Path("/proc/meminfo")  # its first line: "MemTotal:  24684000 kB"


def keep_freed_memory() -> None:
    """Let glibc reuse freed memory instead of returning it to the system. Without glibc nothing happens.

    Every training step frees and allocates gigabytes. By default glibc returns each large block, and the system has to
    clear its pages again. The heap is also to lie in huge pages, where Linux has them on request ("madvise"): they
    spare the CPU most of its address translation.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, -1)
        _ask_for_huge_pages(libc)


def _ask_for_huge_pages(libc: ctypes.CDLL) -> None:
    """Let the heap grow, untouched, to half of the machine's memory, and advise Linux of it.

    Where Linux counts untouched memory against a limit, the heap stays as it is.
    """
    try:
        if _OVERCOMMIT.read_text().strip() == "2":
            return
        size = int(_MEMORY.read_text().split()[1]) * 1024 // 2
    except OSError:  # no Linux
        return
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    block = libc.malloc(size)
    if block:  # no memory is used yet; under a limit of address space there may be none to have
        first = -(-block // _HUGE) * _HUGE
        libc.madvise(first, block + size - first, _MADV_HUGEPAGE)
        libc.free(block)
