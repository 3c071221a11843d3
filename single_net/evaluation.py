"""A trained model on one split: the field's protocol, and the run record a table is made from (paper, 4.3 and 5.2)."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from . import processes, provenance
from .datasets import CaptionDataset
from .embedding import Model
from .metrics import evaluate_retrieval
from .picture_cache import prepare_images

PICTURES, CAPTIONS = 1000, 5  # the paper's test sets: 1,000 pictures with five captions each

PROTOCOL = {
    "pictures": f"the first {PICTURES:,} of the split in split order",
    "captions": f"the first {CAPTIONS} of each picture",
    "distance": "Euclidean in float32 between L2-normalised embeddings",
    "ties": "every equally distant wrong item counts as nearer",
    "image_to_sentence": "the best of a picture's captions counts",
    "sentence_to_image": "the one picture counts",
    "interval": "95 %, percentile bootstrap over pictures, 1,000 samples",
}


def describe_data(data: CaptionDataset) -> dict[str, Any]:
    """What a record says about a data set."""
    return {
        "name": data.name,
        "split": data.split,
        "pictures": len(data),
        "captions": len(data.flat_captions),
        "sha256": data.checksums(),
        "skipped": dict(data.skipped),
    }


def evaluate_split(model: Model, data: CaptionDataset, *, skip_bad: bool = False) -> dict[str, Any]:
    """Scores of the protocol, and of the whole split where it holds more pictures (with five captions each as well).

    Returns {"dataset", "metrics", "full_split" (None or {"pictures", "captions", "metrics"}), "coverage"}; metrics as
    metrics.evaluate_retrieval. Inside processes.joined every process embeds its share.
    Raises InputError for pictures that cannot be read.
    """
    data, pictures = prepare_images(data, model.image_size, skip_bad=skip_bad)
    data = data.first(len(data), CAPTIONS)
    of_pictures = model.embed_pictures(pictures)
    of_captions = model.embed_captions(data.flat_captions)
    protocol = data.first(PICTURES, CAPTIONS)
    result: dict[str, Any] = {"dataset": describe_data(protocol), "full_split": None}
    owner = data.image_of_caption
    used = owner < len(protocol)
    result["metrics"] = processes.from_first(
        lambda: evaluate_retrieval(of_pictures[: len(protocol)], of_captions[used], owner[used])
    )
    if not used.all():
        result["full_split"] = {
            "pictures": len(data),
            "captions": len(owner),
            "metrics": processes.from_first(lambda: evaluate_retrieval(of_pictures, of_captions, owner)),
        }
    result["coverage"] = dataclasses.asdict(model.encoder.coverage(protocol.flat_captions))
    return result


def run_record(model: Model, scores: dict[str, Any], table: str, wall_seconds: float) -> dict[str, Any]:
    """The run record (JSON-able) of an evaluated model: `scores` from evaluate_split on the test split."""
    row = model.config.row
    return {
        "format": "single-net run record 1",
        "row": row,
        "title": f"Single-Net ({row})",
        "table": table,
        "dataset": scores["dataset"],
        "training_data": model.meta["training_data"],
        "protocol": PROTOCOL,
        "metrics": scores["metrics"],
        "full_split": scores["full_split"],
        "development": model.meta["development"],
        "coverage": {"training": model.meta["coverage"], "test": scores["coverage"]},
        "configuration": model.config.to_dict(),
        "encoder": model.encoder.parameters,
        "command": provenance.command(),
        "git": provenance.git_state(),
        "versions": provenance.versions(),
        "seed": model.config.training.seed,
        "device": model.meta["training"]["device"],
        "parameters": sum(p.numel() for p in model.network.parameters()),
        "training": model.meta["training"],
        "wall_seconds": round(wall_seconds + model.meta["training"]["wall_seconds"], 1),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
