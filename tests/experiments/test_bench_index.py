"""The measurement of indexes: that it runs, that exact indexes agree, and what it writes."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from encoded_text import InputError
from experiments.bench import index as bench


def test_synthetic_vectors_do_not_depend_on_how_they_are_asked_for():
    whole = bench.vectors(0, 25_000)
    assert whole.shape == (25_000, bench.DIMENSION) and whole.dtype == np.float32
    assert np.array_equal(whole[20_000:], bench.vectors(20_000, 25_000))
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)


def test_recall_counts_the_exact_neighbors_that_were_found():
    assert bench.agreement([[1, 2], [3, 9]], [[2, 1], [3, 4]]) == 0.75


def test_too_few_vectors(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["bench", "--vectors", "9", "-o", str(tmp_path / "b.json")])
    with pytest.raises(InputError, match="1,000"):
        bench._main()


@pytest.mark.slow
def test_the_exact_indexes_agree(monkeypatch, tmp_path, capsys):
    pytest.importorskip("milvus_lite")
    output = tmp_path / "b.json"
    monkeypatch.setattr(sys, "argv", ["bench", "--vectors", "2000", "--places", "lite", "-o", str(output)])
    monkeypatch.setattr(bench, "in_own_process", lambda function, *arguments: function(*arguments))
    bench._main()
    record = json.loads(output.read_text())
    assert output.with_suffix(".md").read_text() == bench.page(record) and bench.page(record) in capsys.readouterr().out
    assert [of["place"] for of in record["results"]] == ["folder", "lite"]
    for of in record["results"]:
        name = of["place"]
        assert of["recall"] >= 0.9999, name
        assert of["build_seconds"] > 0 and of["one_seconds"] > 0
    assert record["results"][0]["disk_bytes"] > 3000 * 512
