"""Which device computes, and how much of its memory is in use."""

from __future__ import annotations

import resource
import sys
from functools import cache
from pathlib import Path

import torch

from encoded_text.common.errors import InputError
from single_net.common import distributed


def choose_device(name: str | None = None) -> torch.device:
    """The named kind of device, or the GPU where there is one; under torchrun each process has its own GPU.

    Raises InputError for a GPU that is not there.
    """
    available = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "cpu" or (name is None and not available):
        return torch.device("cpu")
    if distributed.local_rank() >= available:
        missing = "no CUDA device" if not available else f"only {available} CUDA devices"
        raise InputError(f"torch sees {missing} here: leave --device out, start fewer processes, or use --device cpu")
    return torch.device("cuda", distributed.local_rank())


@cache
def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    try:
        processor = Path("/proc/cpuinfo").read_text().split()
    except FileNotFoundError:  # no Linux
        return False
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(processor)


def memory(device: torch.device) -> int:
    """Bytes held: the most so far of a GPU's memory; or by this process now, mapped files left out (the system may drop
    those pages at any time). Where that is not known, as on macOS, the most so far, mapped files included."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return 1024 * sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
