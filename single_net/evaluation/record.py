"""A trained model on one split: the field's protocol, and the run record a table is made from (paper, 4.3 and 5.2)."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np

from single_net.common import distributed, provenance
from single_net.data.dataset import CaptionDataset
from single_net.data.image_cache import prepare_images
from single_net.evaluation.eccv_caption import eccv_measures
from single_net.evaluation.hubness import hubness
from single_net.evaluation.human_judgements import agreement, read_judgements
from single_net.evaluation.modality_gap import modality_mix
from single_net.evaluation.semantic_recall import CaptionLikeness, semantic_recall
from single_net.inference.model import Model
from single_net.retrieval.neighbors import normalise
from single_net.retrieval.recall import evaluate_retrieval

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

    Returns {"dataset", "metrics", "full_split" (None or {"pictures", "captions", "metrics"}), "beyond_recall",
    "coverage", "overlap"}; metrics as metrics.evaluate_retrieval, beyond_recall as `beyond_recall` here, overlap as
    overlap.Seen.require_unseen (None where the model does not know what it was trained on). Inside processes.joined
    every process embeds its share.
    Raises InputError for pictures that cannot be read, a broken file of judgements, and pictures or captions that the
    model was trained on (unless `data` is a training split).
    """
    data, pictures = prepare_images(data, model.image_size, skip_bad=skip_bad)
    overlap = None
    if model.seen and data.split != "train":
        overlap = model.seen.require_unseen(data, pictures, str(model.file.parent if model.file else "the run"))
    data = data.first(len(data), CAPTIONS)
    of_pictures = model.embed_pictures(pictures)
    of_captions = model.embed_captions(data.flat_captions)
    protocol = data.first(PICTURES, CAPTIONS)
    result: dict[str, Any] = {"dataset": describe_data(protocol), "full_split": None, "overlap": overlap}
    owner = data.image_of_caption
    used = owner < len(protocol)
    result["metrics"] = distributed.from_first(
        lambda: evaluate_retrieval(of_pictures[: len(protocol)], of_captions[used], owner[used])
    )
    if not used.all():
        result["full_split"] = {
            "pictures": len(data),
            "captions": len(owner),
            "metrics": distributed.from_first(lambda: evaluate_retrieval(of_pictures, of_captions, owner)),
        }
    result["beyond_recall"] = distributed.from_first(lambda: beyond_recall(of_pictures, of_captions, data))
    result["coverage"] = dataclasses.asdict(model.encoder.coverage(protocol.flat_captions))
    return result


def beyond_recall(of_pictures: np.ndarray, of_captions: np.ndarray, data: CaptionDataset) -> dict[str, Any]:
    """What Recall@K does not see, of the protocol's pictures and captions (embeddings of all of `data` are given).

    {"modality": modality.modality_mix (one caption a picture, its first), "hubness": hubness.hubness,
    "semantic": semantic.semantic_recall,
    "judgements": judgements.agreement, or None without people's judgements, "eccv": eccv.eccv_measures of the whole
    split, or None where the package or COCO's numbers are missing}
    """
    pictures, captions = normalise(of_pictures).numpy(), normalise(of_captions).numpy()
    eccv = None
    if data.numbers:
        caption_numbers = [number for _, of_one in data.numbers for number in of_one]
        eccv = eccv_measures(pictures, captions, [number for number, _ in data.numbers], caption_numbers)
    protocol = data.first(PICTURES, CAPTIONS)
    owner = protocol.image_of_caption
    pictures, captions = pictures[: len(protocol)], captions[: len(owner)]
    judgements = read_judgements(data.judged_in) if data.judged_in else None
    return {
        "modality": modality_mix(pictures, captions[np.unique(owner, return_index=True)[1]]),
        "hubness": hubness(pictures, captions, owner),
        "semantic": semantic_recall(pictures, captions, CaptionLikeness(protocol.captions)),
        "judgements": agreement(pictures, captions, protocol, judgements) if judgements else None,
        "eccv": eccv,
    }


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
        "more_captions": model.meta.get("more_captions"),
        "overlap": scores["overlap"],
        "protocol": PROTOCOL,
        "metrics": scores["metrics"],
        "full_split": scores["full_split"],
        "beyond_recall": scores["beyond_recall"],
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
