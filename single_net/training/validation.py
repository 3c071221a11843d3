"""Scores during training: averaged batch-norm statistics, then recall on the validation set and on training images."""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from encoded_text.common.progress import progress
from single_net.common import distributed
from single_net.common.device import autocast
from single_net.evaluation.protocol import CAPTIONS, evaluate_split
from single_net.evaluation.teacher_comparison import TeacherComparison
from single_net.inference.model import Model
from single_net.retrieval.recall import json_keys, recall_at_k
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import BatchLoader
from single_net.training.data import TrainingData
from single_net.training.state import Progress
from single_net.training.sync_batchnorm import average_statistics

NORM_BATCHES = 100  # over which the batch-norm statistics are averaged


def average_norms(
    network: nn.Module, plan: BatchPlan, loader: BatchLoader, steps: int, precision: str, device: torch.device
) -> None:
    """Replace the batch-norm statistics by their mean over NORM_BATCHES training batches at the present weights.

    facenet's moving average looks back over some 200 batches (decay 0.995), facenet-pytorch's over ten, in which the
    weights still move; with a constant learning rate that spoils the embeddings.

    Args:
        network: in training; its statistics are changed in place.
        plan, loader: of the training batches; batches of epochs beyond the training are taken.
        steps: of the whole training.
        precision, device: as in training.
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
    count = min(NORM_BATCHES, steps)
    beyond = math.ceil(steps / plan.steps_per_epoch) * plan.steps_per_epoch
    batches = loader.batches(itertools.islice(plan.from_step(beyond), count))
    shown = progress(batches, what="batch norm statistics", total=count, unit="batch")
    network.train()
    with torch.no_grad():
        for number, batch in enumerate(shown, 1):
            for norm in norms:
                norm.momentum = 1 / number  # as torch's update_bn, which waits for the GPU in every layer
            with autocast(precision, device):
                network(batch.inputs, batch.own_images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    average_statistics(norms)


def score(
    model: Model, data: TrainingData, progress: Progress, *, skip_bad: bool, teacher: TeacherComparison | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Evaluate a model on the validation set and on training images.

    Args:
        model: the present weights.
        data: with a validation set.
        progress: how far the run is.
        skip_bad: leave out validation images that cannot be read.
        teacher: of a taught model; its comparison on the validation set is added as "teacher".

    Returns:
        The validation scores (evaluation.protocol.evaluate_split), and an entry of the run's history, see `Progress`.
    """
    assert data.val is not None
    scores = evaluate_split(model, data.val, skip_bad=skip_bad, teacher=teacher)
    metrics, gallery = scores["metrics"], scores["dataset"]["images"]
    training, found = _recall_on_training_images(model, data, gallery)
    recall = {
        "validation": {
            direction: metrics[direction]["recall"] for direction in ("image_to_sentence", "sentence_to_image")
        },
        "training": training,
    }
    done = {"step": progress.step, "samples": progress.samples}
    of_teacher = {"teacher": scores["teacher"]} if scores["teacher"] else {}
    measured = {"rsum": metrics["rsum"], "gallery": gallery, "training_gallery": found, "recall": recall}
    return scores, done | measured | of_teacher


def _recall_on_training_images(
    model: Model, data: TrainingData, gallery: int
) -> tuple[dict[str, dict[str, float]], int]:
    """Recall@K on the first `gallery` images of the training split, and how many these are: searched among as many as
    in the validation set, if there are so many, so that a growing gap between the two is overfitting."""
    part = data.train.first(gallery, CAPTIONS)
    images = model.embed_images(data.images[: len(part)])
    captions = model.embed_captions(part.flat_captions)
    recall = distributed.on_rank_zero(lambda: recall_at_k(images, captions, part.image_of_caption))
    return json_keys(recall), len(part)
