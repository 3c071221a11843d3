"""Scores on the validation set: averaged batch-norm statistics, then the evaluation protocol."""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn

from encoded_text.common.progress import progress
from single_net.common.device import autocast
from single_net.data.dataset import CaptionDataset
from single_net.evaluation.protocol import evaluate_split
from single_net.inference.model import Model
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import Batch, BatchRenderer
from single_net.training.state import Progress
from single_net.training.sync_batchnorm import average_statistics

NORM_BATCHES = 100  # over which the batch-norm statistics are averaged


def average_norms(
    network: nn.Module, plan: BatchPlan, renderer: BatchRenderer, steps: int, precision: str, device: torch.device
) -> None:
    """Replace the batch-norm statistics by their mean over NORM_BATCHES training batches at the present weights.

    facenet's moving average looks back over some 200 batches (decay 0.995), facenet-pytorch's over ten, in which the
    weights still move; with a constant learning rate that spoils the embeddings.

    Args:
        network: in training; its statistics are changed in place.
        plan, renderer: of the training batches; batches of epochs beyond the training are taken.
        steps: of the whole training.
        precision, device: as in training.
    """
    count = min(NORM_BATCHES, steps)
    beyond = math.ceil(steps / plan.steps_per_epoch) * plan.steps_per_epoch
    batches = renderer.batches(itertools.islice(plan.from_step(beyond), count))
    shown = progress(batches, what="batch norm statistics", total=count, unit="batch")
    update_bn(([batch] for batch in shown), _Forward(network, precision, device))
    average_statistics([module for module in network.modules() if isinstance(module, _BatchNorm)])


def score(model: Model, val: CaptionDataset, progress: Progress, *, skip_bad: bool) -> tuple[dict[str, Any], bool]:
    """Evaluate a model on the validation set and add the result to the history of the run.

    Returns:
        The scores (evaluation.record.evaluate_split), and whether their rsum is at least that of all before.
    """
    scores = evaluate_split(model, val, skip_bad=skip_bad)
    rsum = scores["metrics"]["rsum"]
    best = all(rsum >= earlier["rsum"] for earlier in progress.history)
    progress.history.append({"step": progress.step, "samples": progress.samples, "rsum": rsum})
    return scores, best


class _Forward(nn.Module):
    """A batch through the network, as update_bn calls it."""

    def __init__(self, network: nn.Module, precision: str, device: torch.device):
        super().__init__()
        self.network, self._precision, self._device = network, precision, device

    def forward(self, batch: Batch) -> None:
        with autocast(self._precision, self._device):
            self.network(batch.inputs, batch.own_images)
