"""The field's evaluation protocol (paper, sections 4.3 and 5.2) on one split of a data set."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch

from single_net.common import distributed
from single_net.data.dataset import CaptionDataset
from single_net.data.image_cache import prepare_images
from single_net.data.third import check_third, load_third
from single_net.evaluation.diagnostics import diagnostics
from single_net.evaluation.shared_captions import shared_captions
from single_net.evaluation.teacher_comparison import TeacherComparison
from single_net.evaluation.third import evaluate_third
from single_net.inference.model import Model
from single_net.retrieval.recall import evaluate_retrieval

IMAGES, CAPTIONS = 1000, 5  # the paper's test sets: 1,000 images with five captions each

PROTOCOL = {
    "images": f"the first {IMAGES:,} of the split in split order",
    "captions": f"the first {CAPTIONS} of each image",
    "distance": "Euclidean in float32 between L2-normalized embeddings",
    "ties": "every equally distant wrong item counts as nearer",
    "expected_recall": "the expectation with equally distant items in random order",
    "image_to_sentence": "the best of an image's captions counts",
    "sentence_to_image": "the one image counts",
    "interval": "95 %, percentile bootstrap over images, 1,000 samples",
}


def evaluated(data: CaptionDataset) -> CaptionDataset:
    """The protocol's part of a split."""
    return data.first(IMAGES, CAPTIONS)


def evaluate_split(
    model: Model, data: CaptionDataset, *, skip_bad: bool = False, teacher: TeacherComparison | None = None
) -> dict[str, Any]:
    """Evaluate a model on the protocol's part of a split, and on the whole split where it is larger.

    Inside `distributed.process_group` every process embeds its share.

    Args:
        model: a trained model.
        data: one split of a data set.
        skip_bad: leave out and count images that cannot be read, instead of stopping.
        teacher: of a taught model.

    Returns:
        A dictionary for JSON.

        * "dataset": the protocol's part, as CaptionDataset.describe;
        * "available": "images" and "captions" of the split, and "captions_of_these", captions of the part's images;
        * "shared_captions": of that part, as shared_captions.shared_captions;
        * "metrics": of that part, as retrieval.recall.evaluate_retrieval;
        * "full_split": None, or "images", "captions" and "metrics" of the whole split with five captions per image;
        * "third": of that part, as third.evaluate_third; None for a model of two modalities;
        * "teacher": of that part, as TeacherComparison.measure; None for a model that was not taught;
        * "diagnostics": as diagnostics.diagnostics;
        * "coverage": of the captions by the encoder's vocabulary;
        * "contamination": as Fingerprints.require_disjoint; None for a training split, or if the model does not know
          what it was trained on.

    Raises:
        InputError: images that cannot be read, a broken file of judgements, or test images or captions that the model
            was trained on.
    """
    check_third(model.config.data.third)
    data, images = prepare_images(data, model.image_size, skip_bad=skip_bad)
    contamination = None
    if model.fingerprints and data.split != "train":
        run = str(model.file.parent) if model.file else "the run"
        contamination = model.fingerprints.require_disjoint(data, images, f"{run} was trained on")
    available, data = data, data.first(len(data), CAPTIONS)
    image_embeddings = model.embed_images(images)
    caption_embeddings = model.embed_captions(data.flat_captions)
    image_points = torch.from_numpy(image_embeddings).to(model.device)  # ranked where the model computes
    caption_points = torch.from_numpy(caption_embeddings).to(model.device)
    part = evaluated(data)  # the first images with their captions
    image_of_caption = part.image_of_caption
    part_images, part_captions = image_points[: len(part)], caption_points[: len(image_of_caption)]
    metrics = distributed.on_rank_zero(lambda: evaluate_retrieval(part_images, part_captions, image_of_caption))
    third = _third(model, part, part_images, part_captions) if model.config.data.third else None
    against_teachers = None
    if teacher is not None:
        embedded = image_embeddings[: len(part)], caption_embeddings[: len(image_of_caption)]
        against_teachers = distributed.on_rank_zero(lambda: teacher.measure(*embedded, part))
    full_split = None
    if len(part) < len(data):
        of_all = distributed.on_rank_zero(
            lambda: evaluate_retrieval(image_points, caption_points, data.image_of_caption)
        )
        full_split = {"images": len(data), "captions": len(caption_points), "metrics": of_all}
    # Without the encoder's warnings, which embed_captions has given.
    ids = model.encoder.look_up(part.flat_captions).lay_out(model.encoder.layout.capacity, "blank")
    return {
        "dataset": part.describe(),
        "available": {
            "images": len(available),
            "captions": sum(map(len, available.captions)),
            "captions_of_these": sum(map(len, available.captions[: len(part)])),
        },
        "shared_captions": shared_captions(ids, image_of_caption),
        "metrics": metrics,
        "full_split": full_split,
        "third": third,
        "teacher": against_teachers,
        "diagnostics": distributed.on_rank_zero(
            lambda: diagnostics(image_embeddings, caption_embeddings, data, part, model.encoder.tokenize)
        ),
        "coverage": dataclasses.asdict(model.encoder.coverage(part.flat_captions)),
        "contamination": contamination,
    }


def _third(model: Model, part: CaptionDataset, images: torch.Tensor, captions: torch.Tensor) -> dict[str, Any]:
    """Embed the items of a third modality and evaluate them with embedded images and captions."""
    items = load_third(model.config.data.third, part, model.encoder.layout.image_size, model.third)
    points = torch.from_numpy(model.embed_third(items.images)).to(model.device)
    return distributed.on_rank_zero(lambda: evaluate_third(images, captions, points, items, part.image_of_caption))
