"""The memory allocator: what is freed is kept, and lies in huge pages."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from single_net.common import allocator

LINUX = sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
# Kilobytes of huge pages, and page faults of the second of two allocations of 64 MB.
SCRIPT = """
import re, resource, sys
from pathlib import Path
from single_net.common.allocator import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
block = bytes(2**26)
huge = int(re.search(r"AnonHugePages: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])
del block
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
block = b"a" * 2**26
print(huge, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def measure(how: str) -> tuple[int, int]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True)
    huge, faults = map(int, done.stdout.split())
    return huge, faults


@pytest.mark.skipif(not LINUX, reason="needs Linux with glibc")
class TestKeepFreedMemory:
    def test_freed_memory_is_used_again(self):
        assert measure("kept")[1] < 100
        assert measure("plain")[1] > 1000 or "[always]" in HUGE_PAGES.read_text()

    def test_memory_lies_in_huge_pages(self):
        limited = allocator._OVERCOMMIT.read_text().strip() == "2"
        if limited or not HUGE_PAGES.exists() or "[madvise]" not in HUGE_PAGES.read_text():
            pytest.skip("huge pages are not given on request here")
        assert measure("kept")[0] > 30_000
        assert measure("plain")[0] == 0

    def test_where_untouched_memory_counts_the_heap_is_left_alone(self, tmp_path, monkeypatch):
        (tmp_path / "overcommit").write_text("2\n")
        monkeypatch.setattr(allocator, "_OVERCOMMIT", tmp_path / "overcommit")
        allocator._ask_for_huge_pages(None)  # it would fail if it went on
