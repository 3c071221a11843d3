"""The device that computes: which one, in which precision, and how much of its memory is in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

from encoded_text.common.errors import InputError
from single_net.common import distributed


def choose_device(name: str | int | torch.device | None = None) -> torch.device:
    """The named device, or the GPU if there is one; under torchrun each process has its own GPU.

    Args:
        name: "cpu", "cuda", "cuda:1" or the number 1, ..., or None.

    Raises:
        InputError: no name of a device, or a GPU that is not there.
    """
    available = torch.cuda.device_count() if torch.cuda.is_available() else 0
    try:
        wanted = torch.device(name if name is not None else "cuda" if available else "cpu")
        if wanted.type not in ("cpu", "cuda"):
            raise RuntimeError
    except (RuntimeError, TypeError):
        raise InputError(f"{name!r} is no device: choose cpu, cuda, or one GPU as cuda:1") from None
    if wanted.type != "cuda":
        return wanted
    index = distributed.local_rank() if wanted.index is None else wanted.index
    if index >= available:
        missing = "no CUDA device" if not available else f"only {available} CUDA devices"
        raise InputError(f"torch sees {missing} here: leave --device out, start fewer processes, or use --device cpu")
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32; matrix products keep it by torch's default
    return torch.device("cuda", index)


def supported_precision(wanted: str, device: torch.device) -> str:
    """ "bfloat16" where it is wanted and the device computes in it natively, else "float32"."""
    return wanted if wanted == "float32" or _has_bfloat16(device) else "float32"


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """The context in which a network runs in "bfloat16" or "float32"; weights and loss stay float32."""
    # Cached casts would break a CUDA graph.
    cached = device.type != "cuda"
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16", cache_enabled=cached)


@cache
def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except FileNotFoundError:  # not Linux
        return False
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


@contextmanager
def without_autotuning() -> Iterator[None]:
    """Within the block cuDNN does not try several kernels for every new shape, as training lets it: batches are few."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def memory_in_use(device: torch.device) -> int:
    """Bytes: the peak of what torch reserved on a GPU; on a CPU the resident memory of this process now, without mapped
    files (the system may drop those pages at any time). Where that is not known, as on macOS, the peak with mapped
    files; 0 where that is not known either, as on Windows."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)  # a graph's memory counts as allocated only while it is captured
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        if own := [int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem") if name in fields]:
            return 1024 * sum(own)
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
