"""Bytes that a step moves, counted without computing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from experiments.gpu_check.memory_traffic import _Traffic, bytes_moved, parameters


def test_every_operation_reads_its_inputs_and_writes_its_outputs_once():
    a, b = torch.ones(10, 10, device="meta"), torch.ones(10, 20, device="meta")
    with _Traffic() as traffic:
        (a @ b).T.add_(1)  # the product: 100 + 200 + 200 values; the sum, in place: 200 read, 200 written
    assert traffic.bytes == 4 * (500 + 400)
    with _Traffic() as traffic:
        nn.functional.relu(torch.empty(1000, device="meta")).detach().view(10, 100)
    assert traffic.bytes == 4 * 2000


@pytest.mark.slow
def test_traffic_grows_with_the_batch_and_the_image():
    one, two = (bytes_moved(80, n, backward=True) for n in (10, 20))
    fixed = 2 * one - two
    # For each parameter: Adam 28 bytes, casts 12, and in 16 bits weights read and gradients written.
    assert 40 * parameters() < fixed < 48 * parameters()
    forward = bytes_moved(80, 10, backward=False) - 2 * parameters()
    assert forward < (one - fixed) / 2
    assert parameters() == 22_793_728
