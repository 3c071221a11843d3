"""Embeddings: normalized, and refused where they are not usable."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from encoded_text.common.errors import InputError
from single_net.retrieval.embeddings import embeddings_tensor, normalize


def test_normalize():
    unit = normalize(np.array([[3.0, 4.0], [0.0, 0.0], [1e-30, 0.0], [2e38, 2e38]]))
    expected = [[0.6, 0.8], [0, 0], [1, 0], [0.5**0.5, 0.5**0.5]]
    np.testing.assert_allclose(unit.numpy(), expected, rtol=1e-6)
    assert unit.dtype == torch.float32
    with pytest.raises(InputError, match="NaN"):
        normalize(np.array([[np.nan, 0.0]]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite_in_float32_are_refused_and_counted(bad):
    values = np.zeros((5, 3))
    values[[2, 4], 1] = bad
    why = r"the queries hold values that are not finite: 2 of 5 rows, .* row 2"
    with pytest.raises(InputError, match=why), np.errstate(over="ignore"):
        embeddings_tensor(values, "the queries")


@pytest.mark.parametrize("shape", [(3,), (0, 3), (3, 0), (2, 3, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(InputError, match="must have the shape"):
        embeddings_tensor(np.zeros(shape))


def test_any_numeric_type_becomes_float32():
    for values in ([[1, 2]], np.array([[1, 2]], np.float16), torch.tensor([[1.0, 2.0]], requires_grad=True)):
        tensor = embeddings_tensor(values)
        assert tensor.dtype == torch.float32 and tensor.tolist() == [[1, 2]] and not tensor.requires_grad


@pytest.mark.parametrize(
    "make", [lambda x: x.astype(">f4"), lambda x: x.astype(np.longdouble), lambda x: x[::-1][::-1]]
)
def test_other_layouts_are_the_same_values(make):
    values = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    assert np.array_equal(embeddings_tensor(make(values)).numpy(), values)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (np.ones((2, 2), np.complex64), "real numbers are needed"),
        (torch.ones(2, 2, dtype=torch.complex64), "real numbers are needed"),
        (np.array([["a", "b"]]), "real numbers are needed"),
        ([[1.0, 2.0], [3.0]], "rows of different lengths"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused(wrong, why):
    with pytest.raises(InputError, match=why):
        embeddings_tensor(wrong)
