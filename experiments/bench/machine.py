"""The machine's limits, measured: how fast it copies memory and multiplies matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from experiments.bench.timing import in_turn
from single_net.common import provenance

COPIED = 512 << 20  # bytes, far more than any cache holds
SIDES = (1024, 2048, 4096)  # of square matrices
SIDES_CUDA = (4096, 8192, 16384)


def measure(device: torch.device, *, quick: bool) -> dict:
    """{"device", "threads", "copy": bytes written a second by a plain copy of 512 MiB into memory already in use,
    "matrix_rate": {"float32", "bfloat16"}: floating point operations a second, the best of three sizes}."""
    return {
        "device": provenance.describe_device(device),
        "threads": torch.get_num_threads(),
        "copy": copy_rate(COPIED // 64 if quick else COPIED, device),
        "matrix_rate": {
            "float32": matrix_rate(torch.float32, device, quick),
            "bfloat16": matrix_rate(torch.bfloat16, device, quick),
        },
    }


def copy_rate(size: int, device: torch.device) -> float:
    """Bytes written a second by a plain copy of `size` bytes."""
    source = torch.ones(size, dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    return size / in_turn({"copy": lambda: target.copy_(source)}, device, rounds=7, lasting=0.1)["copy"]


def matrix_rate(dtype: torch.dtype, device: torch.device, quick: bool) -> float:
    """Floating point operations a second (2 n^3 a product) of the best product of two square matrices."""
    sides = (128,) if quick else SIDES_CUDA if device.type == "cuda" else SIDES
    before = torch.get_float32_matmul_precision()
    if device.type == "cuda" and torch.backends.cudnn.allow_tf32:
        torch.set_float32_matmul_precision("high")  # as in convolutions, which the limit is for
    rates = []
    for side in sides:
        a, b = torch.randn(2, side, side, device=device).to(dtype)
        out = torch.empty_like(a)
        product: dict[str, Callable[[], object]] = {"product": partial(torch.mm, a, b, out=out)}
        rates.append(2 * side**3 / in_turn(product, device, rounds=3, lasting=0.1)["product"])
    torch.set_float32_matmul_precision(before)
    return max(rates)
