"""What the estimate may and may not claim about exact distances."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from clouds import cloud, clouds
from hypothesis import given, settings

from single_net.retrieval import estimates
from single_net.retrieval.distances import distances
from single_net.retrieval.embeddings import normalize
from single_net.retrieval.estimates import Points
from single_net.retrieval.neighbors import nearest
from single_net.retrieval.recall import evaluate_retrieval


def tensors(*arrays: np.ndarray) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(array) for array in arrays)


def assert_brackets_hold(a: torch.Tensor, b: torch.Tensor, dtype: torch.dtype) -> None:
    """For limits that are distances of the very pairs, and their neighbors: where a wrong claim would show."""
    rows, columns = Points.of(a, dtype), Points.of(b, dtype)
    estimate, exact = rows.estimate(columns), distances(a, b)
    if estimate is None:
        assert max(rows.squares.max(), columns.squares.max()) > 2.0**120
        return
    assert torch.isfinite(exact).all() and torch.isfinite(estimate).all() and estimate.dtype == dtype
    for j in range(0, len(b), 1 + len(b) // 8):
        for other in (torch.tensor(-torch.inf), torch.tensor(torch.inf)):
            limits = torch.nextafter(exact[:, j], other).clamp(min=0)
            low, high = (bound[:, None] for bound in rows.brackets(limits, columns))
            assert (exact < limits[:, None])[estimate <= low].all()
            assert (exact > limits[:, None])[estimate > high].all()


@settings(deadline=None, max_examples=150)
@given(points=clouds(rows=(1, 30), columns=(1, 60)))
def test_what_the_estimate_claims_is_true(points):
    for dtype in (torch.float32, torch.float64):
        assert_brackets_hold(*tensors(*points), dtype)
        assert_brackets_hold(*tensors(*points[::-1]), dtype)


def test_what_the_estimate_claims_is_true_when_underflow_goes_to_zero():
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU does not flush denormal numbers")
    try:
        for kind in ("tiny", "below normal", "normal"):
            for seed in range(10):
                assert_brackets_hold(*tensors(*cloud(kind, seed, 20, 30, 17)), torch.float32)
    finally:
        torch.set_flush_denormal(False)


def test_the_worst_that_rounding_can_do_is_allowed_for():
    """Errors that all go one way: vectors far from the origin, each coordinate of a product rounded up."""
    a = torch.full((1, 4096), 1 + 2.0**-12)
    b = torch.full((50, 4096), 1 + 2.0**-12)
    b += torch.arange(50)[:, None] * 2.0**-23
    assert_brackets_hold(a, b, torch.float32)


def test_limits_that_are_nan_or_infinite():
    rows, columns = (Points.of(x) for x in tensors(*cloud("normal", 2, 3, 5, 8)))
    low, high = rows.brackets(torch.tensor([torch.nan, torch.inf, 0.0]), columns)
    estimate = rows.estimate(columns)
    assert (estimate <= high[:, None]).sum(dim=1).tolist() == [0, 5, 0]
    assert (estimate <= low[:, None]).sum(dim=1).tolist() == [0, 5, 0]


def test_the_estimate_leaves_little_open():
    """Unit vectors of 128 dimensions: less than one pair in a thousand, or the exact distances would be needed."""
    a, b = (normalize(x) for x in cloud("normal", 3, 500, 2000, 128))
    rows, columns = Points.of(a), Points.of(b)
    low, high = rows.brackets(distances(a, b)[:, 7], columns)
    estimate = rows.estimate(columns)
    undecided = ((estimate > low[:, None]) & (estimate <= high[:, None])).sum()
    assert 500 <= undecided < 1000  # every row's own limit, and few others


def test_too_long_vectors_and_dimensions_have_no_estimate():
    short, long = Points.of(torch.ones(2, 4)), Points.of(torch.full((2, 4), 2.0**60))
    assert short.estimate(short) is not None
    assert short.estimate(long) is None and long.estimate(short) is None
    deep = Points.of(torch.zeros(1, (1 << 20) + 1))
    assert deep.estimate(deep) is None


def test_products_that_are_shortened_are_noticed(monkeypatch):
    """As TF32 or bfloat16 would: the product is then taken in float64."""
    assert estimates._product_dtype(torch.device("cuda")) == torch.float64
    assert Points.of(torch.ones(1, 2)).dtype == torch.float32
    original = torch.Tensor.__matmul__
    for kept in (2.0**-8, 2.0**-11, 2.0**-22):  # bfloat16, TF32, float32 but for one bit
        monkeypatch.setattr(torch.Tensor, "__matmul__", lambda a, b, kept=kept: original((a / kept).round() * kept, b))
        points = Points.of(torch.ones(1, 2))
        assert points.dtype == torch.float64
        assert points.estimate(points).dtype == torch.float64


def test_results_do_not_depend_on_the_type_of_the_product(monkeypatch):
    images, captions = cloud("duplicates", 4, 40, 120, 16)
    image_of_caption = np.arange(120) % 40
    results = []
    for dtype in (torch.float32, torch.float64):
        monkeypatch.setattr(estimates, "_product_dtype", lambda device, dtype=dtype: dtype)
        found = nearest(images, captions, 9)
        results.append((evaluate_retrieval(images, captions, image_of_caption), *(x.tolist() for x in found)))
    assert results[0] == results[1]
