"""Made-up run records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from single_net.retrieval.recall import evaluate_retrieval


def made_up_metrics(seed: int, pictures: int = 40) -> dict:
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(pictures), 5)
    embeddings = rng.standard_normal((pictures, 8))
    return evaluate_retrieval(embeddings, embeddings[owner] + 2 * rng.standard_normal((len(owner), 8)), owner)


@pytest.fixture
def write_record(tmp_path: Path) -> Callable[..., Path]:
    """write_record(dataset, row, table="table1", **changes): a record in tmp_path/results/records/TABLE."""

    def write(dataset: str, row: str, /, table: str = "table1", **changes: object) -> Path:
        of_data = {"name": dataset, "split": "test", "pictures": 1000, "captions": 5000, "sha256": {}, "skipped": {}}
        record = {
            "format": "single-net run record 1",
            "row": row,
            "title": f"Single-Net ({row})",
            "table": table,
            "dataset": of_data,
            "training_data": of_data | {"split": "train", "pictures": 6000, "captions": 30000},
            "protocol": {},
            "metrics": made_up_metrics(len(dataset + row)),
            "full_split": None,
            "development": None,
            "configuration": {},
            "command": "python -m single_net.evaluate runs/made-up",
            "git": {"commit": "0" * 40, "dirty": False},
            "seed": 3,
            "device": "cpu: made up, 2 threads",
            "training": {"steps": 10, "epochs": 1.0, "inputs": 144000, "seconds": 200.0},
            "wall_seconds": 261.0,
        }
        path = tmp_path / "results" / "records" / table / f"{dataset}-{row}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record | changes), encoding="utf-8")
        return path

    return write
