"""What a run takes from its teaching file: the part that is about its data, and the teaching loss."""

from __future__ import annotations

import contextlib

import numpy as np
import torch
from torch.nn import functional as F

from encoded_text.common.errors import InputError
from single_net.config import RunConfig
from single_net.data.readers.problems import MissingSplit
from single_net.data.teaching_file import TeachingFile, unpack_vectors
from single_net.evaluation.teacher_comparison import TeacherComparison
from single_net.losses.teaching import TeachingLoss
from single_net.training.checkpoints import Checkpoint
from single_net.training.origin import Origin


def read_teaching(config: RunConfig, checkpoint: Checkpoint | None) -> TeachingFile | None:
    """The teaching file of a run, before its data are decoded; None for a run that is not taught.

    Raises:
        InputError: the file is missing, damaged, made with what is tested, or not the one that the checkpoint was made
            with.
    """
    file = config.teaching.file
    if not file:
        return None
    teaching = TeachingFile.load(config.teaching.path)
    before = checkpoint.meta.get("teaching") if checkpoint else None
    if checkpoint and before and before["file_sha256"] != teaching.file_sha256:
        raise InputError(f"{checkpoint.path} was taught by another {file}: put it back, or train into another --output")
    for split in ("val", "test"):
        with contextlib.suppress(MissingSplit):
            teaching.require_disjoint(config.data.load(split), file)
    return teaching


def teaching_loss(config: RunConfig, teaching: TeachingFile, origin: Origin | None) -> TeachingLoss:
    """The loss with its banks: captions chosen at random, and each training image as the mean of its views.

    Args:
        config: of the run.
        teaching: of its data.
        origin: a taught run that it starts from hands over its layer into the joint space.
    """
    settings = config.teaching
    captions = torch.cat([teaching.captions, teaching.extra])
    rng = np.random.default_rng(config.training.seed)
    chosen = rng.choice(len(captions), min(settings.bank, len(captions)), replace=False)
    images = torch.zeros(len(teaching.views), teaching.dim)
    for number in range(teaching.num_views):
        images += unpack_vectors(teaching.views[:, number])
    loss = TeachingLoss(
        unpack_vectors(captions[torch.from_numpy(np.sort(chosen))]),
        F.normalize(images, dim=1),
        config.network.embedding_dim,
        temperature=settings.temperature,
        cosine_weight=settings.cosine_weight,
    )
    before = TeacherComparison.load(origin.model.file) if origin and origin.model.file else None
    if before is not None and before.head.shape == loss.head.weight.shape:
        loss.head.weight.data.copy_(before.head)
    return loss
