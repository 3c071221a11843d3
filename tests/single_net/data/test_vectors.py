"""Vectors in a byte a value."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from single_net.data.vectors import pack_vectors, unpack_vectors


def test_what_comes_back_points_the_same_way():
    torch.manual_seed(0)
    values = F.normalize(torch.randn(50, 3, 256), dim=-1)
    packed = pack_vectors(values)
    assert packed.dtype == torch.int8 and packed.shape == values.shape
    back = unpack_vectors(packed)
    assert back.dtype == torch.float32
    assert (back * values).sum(-1).min() > 0.9999
    torch.testing.assert_close(back.norm(dim=-1), torch.ones(50, 3))


def test_a_vector_of_zeros_stays_one():
    assert not unpack_vectors(pack_vectors(torch.zeros(2, 8))).any()
