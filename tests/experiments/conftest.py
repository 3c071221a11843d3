"""Made-up run records, and no data sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from single_net.retrieval.recall import evaluate_retrieval


def made_up_metrics(seed: int, images: int = 40) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    image_of_caption = np.repeat(np.arange(images), 5)
    embeddings = rng.standard_normal((images, 8))
    metrics = evaluate_retrieval(
        embeddings, embeddings[image_of_caption] + 2 * rng.standard_normal((len(image_of_caption), 8)), image_of_caption
    )
    times = 1000 // images  # as many as the record says that there are
    reached = metrics["reached"]
    metrics["reached"] = {
        "image_to_sentence": times * reached["image_to_sentence"],
        "sentence_to_image": " ".join(times * [reached["sentence_to_image"]]),
    }
    return metrics


@pytest.fixture
def no_roots(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without published data sets."""
    for name in ("COCO", "FLICKR30K", "FLICKR8K"):
        monkeypatch.delenv(f"{name}_ROOT", raising=False)


@pytest.fixture
def write_record(tmp_path: Path) -> Callable[..., Path]:
    """write_record(dataset, variant, study="table1", root="results/records", **changes): a record below tmp_path."""

    def write(
        dataset: str, variant: str, /, study: str = "table1", root: str = "results/records", **changes: object
    ) -> Path:
        of_data = {"name": dataset, "split": "test", "images": 1000, "captions": 5000, "sha256": {}, "skipped": {}}
        seed = changes.get("seed", 0)
        record = {
            "format": "single-net run record 2",
            "variant": variant,
            "title": f"Single-Net ({variant})",
            "dataset": of_data,
            "training_data": of_data | {"split": "train", "images": 6000, "captions": 30000},
            "protocol": {},
            "metrics": made_up_metrics(len(dataset + variant) + 100 * seed),
            "full_split": None,
            "validation": None,
            "configuration": {"variant": variant, "training": {"seed": seed}},
            "command": "python -m single_net.evaluate runs/made-up",
            "git": {"commit": "0" * 40, "dirty": False},
            "seed": seed,
            "device": "cpu: made up, 2 threads",
            "training": {"steps": 10, "epochs": 1.0, "samples": 144000, "seconds": 200.0},
            "wall_seconds": 261.0,
        }
        path = tmp_path / root / study / (f"{dataset}-{variant}" + (f"-seed{seed}" if seed else "") + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record | changes), encoding="utf-8")
        return path

    return write
