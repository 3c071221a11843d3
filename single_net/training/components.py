"""The parts of a run, built from its configuration and, to go on, a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from encoded_text.renderer import Renderer
from single_net.common import distributed
from single_net.config import RunConfig
from single_net.data.contamination import Fingerprints
from single_net.data.teaching_file import TeachingFile
from single_net.inference.model_state import fingerprints_from_tensors
from single_net.losses.retrieval import RetrievalLoss
from single_net.models.build import build_network, encoder_layout
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import BatchLoader
from single_net.training.checkpoints import Checkpoint
from single_net.training.data import TrainingData, load_training_data
from single_net.training.image_source import image_source
from single_net.training.origin import Origin, merge_fingerprints
from single_net.training.run_folder import require_apart
from single_net.training.state import (
    Progress,
    report_other_machine,
    require_same_data,
    require_same_settings,
    restore_state,
)
from single_net.training.step import TrainingStep
from single_net.training.targets import Targets, fit_targets, given_encoder, restore_targets
from single_net.training.taught_views import TaughtViews
from single_net.training.teaching import read_teaching, teaching_loss


@dataclass
class Components:
    """What a training loop works with.

    Attributes:
        data: images and captions of the training split, and the validation set.
        described_data: "training_data", "validation_data" and "third" (None if there is none), for records.
        encoder: of captions.
        plan: which samples make a batch.
        loader: makes the batches.
        step: network, loss and optimizer.
        steps: of the whole training.
        progress: how far the run is.
        fingerprints: of all the network has been trained on, to refuse a test on it.
        init_from: the run it started from, for records; None for a run that began anew.
        teaching: of a taught run.
    """

    data: TrainingData
    described_data: dict[str, Any]
    encoder: TextImageEncoder
    plan: BatchPlan
    loader: BatchLoader
    step: TrainingStep
    steps: int
    progress: Progress
    fingerprints: Fingerprints
    init_from: dict[str, Any] | None
    teaching: TeachingFile | None


def build_components(config: RunConfig, run: Path, device: torch.device, checkpoint: Checkpoint | None) -> Components:
    """Load the data, fit or restore encoder and targets, and build network, loss and optimizer.

    Args:
        config: of the run.
        run: its folder.
        device: of network and batches.
        checkpoint: to go on from; None to begin.

    Raises:
        InputError: unusable data or configuration, or a checkpoint of another run.
    """
    # First what can be refused before images are decoded.
    if checkpoint:
        # Through RunConfig: a setting that the checkpoint does not have yet had what is now its default.
        begun = RunConfig.from_dict(checkpoint.meta["config"], where=str(checkpoint.path))
        require_same_settings(checkpoint.path, begun, config)
    layout = encoder_layout(config.encoder, config.network.image_size)
    taught_by = read_teaching(config, checkpoint)
    origin = None if checkpoint else Origin.load(config)
    encoder = None
    if not checkpoint:  # rank zero alone has a file of it
        encoder = distributed.on_rank_zero(lambda: given_encoder(config.encoder, layout, origin))
    seen = origin.model.fingerprints if origin else None
    data = load_training_data(config.data, config.network.image_size, config.encoder.extra_captions, seen)
    distributed.on_rank_zero(lambda: require_apart(run, config, data.train.images))
    described = {
        "training_data": data.train.describe(),
        "validation_data": data.val.describe() if data.val is not None else None,
        "third": dict(data.third.about) if data.third else None,
    }
    teaching = taught_by.of(data.train, data.extra, config.teaching.file) if taught_by else None
    fingerprints = merge_fingerprints(data.fingerprints, seen)
    if checkpoint:
        require_same_data(checkpoint, described)
        report_other_machine(checkpoint, config, device)
        targets = restore_targets(checkpoint)
        fingerprints = fingerprints_from_tensors(checkpoint.tensors) or fingerprints
    else:
        targets = fit_targets(data, config.encoder, layout, config.loss, config.training.seed, encoder)
    plan = _plan(config, data, teaching)
    loader = _loader(config, data, teaching, targets, device)
    torch.manual_seed(config.training.seed)
    network = build_network(config.network, layout, pretrained=not checkpoint)
    if origin:
        origin.copy_weights(network)
    step = _step(config, network, _loss(config, targets, teaching, origin), plan, device)
    steps = max(1, round(config.training.epochs * plan.steps_per_epoch))
    progress, init_from = Progress(), origin.described if origin else None
    if checkpoint:
        restore_state(step, checkpoint)
        progress, init_from = Progress.from_checkpoint(checkpoint.meta), checkpoint.meta.get("init_from")
    distributed.require_same([progress.step, len(data.train), data.val is not None], "data or checkpoints")
    if checkpoint and progress.step > steps:
        raise InputError(f"{checkpoint.path}: it is at step {progress.step} of {steps}: train into another --output")
    return Components(
        data=data,
        described_data=described,
        encoder=targets.encoder,
        plan=plan,
        loader=loader,
        step=step,
        steps=steps,
        progress=progress,
        fingerprints=fingerprints,
        init_from=init_from,
        teaching=teaching,
    )


def _plan(config: RunConfig, data: TrainingData, teaching: TeachingFile | None) -> BatchPlan:
    plan = BatchPlan(
        np.array([len(captions) for captions in data.train.captions]),
        config.augmentation.kind,
        **config.batch.model_dump(),
        seed=config.training.seed,
        views=config.teaching.views,
        extra=config.teaching.extra,
        extra_captions=len(teaching.extra) if teaching else 0,
        third=data.third.present if data.third else None,
    )
    extra = config.encoder.extra_captions
    if teaching and extra and config.teaching.extra and not len(teaching.extra):
        distributed.tell(f"{config.teaching.file} has no captions of {extra}: batches hold none")
    _check_shares(plan, config.network.captions)
    return plan


def _loader(
    config: RunConfig, data: TrainingData, teaching: TeachingFile | None, targets: Targets, device: torch.device
) -> BatchLoader:
    captions = data.train.flat_captions
    if teaching and len(teaching.extra) and data.extra:
        captions = captions + data.extra.flat_captions
    return BatchLoader(
        image_source(data.images, device),
        targets.encoder.ids(captions),
        Renderer(targets.encoder),
        device,
        **config.augmentation.model_dump(exclude={"kind"}),
        taught=TaughtViews(teaching, config.teaching.mixup, device) if teaching else None,
        third=data.third,
    )


def _loss(config: RunConfig, targets: Targets, teaching: TeachingFile | None, origin: Origin | None) -> RetrievalLoss:
    return RetrievalLoss(
        targets.labels,
        config.network.embedding_dim,
        prototypes=targets.prototypes,
        teaching=teaching_loss(config, teaching, origin) if teaching else None,
        teaching_weight=config.teaching.weight,
        **config.loss.terms,
    )


def _step(
    config: RunConfig, network: SingleNet | TwoTower, loss: RetrievalLoss, plan: BatchPlan, device: torch.device
) -> TrainingStep:
    settings = config.training
    inputs, images, often = _usual_shape(plan, network)
    if settings.compile and not often:
        distributed.tell("training.compile: batches differ in size, so most of them run uncompiled")
    return TrainingStep(
        network,
        loss,
        device,
        optimizer=settings.optimizer,
        weight_decay=settings.weight_decay,
        precision=settings.precision,
        sync_batchnorm=settings.sync_batchnorm,
        tune_for=inputs,
        compile_for=(inputs, images, config.network.image_size) if settings.compile else None,
    )


def _usual_shape(plan: BatchPlan, network: SingleNet | TwoTower) -> tuple[int, int, bool]:
    """Inputs and images among them in most batches of this process, and whether more than one batch has as many."""
    total, own, often = plan.usual_shape(count_images=isinstance(network, TwoTower))
    share = distributed.shard(total)
    return len(range(total)[share]), len(range(own)[share]), often


def _check_shares(plan: BatchPlan, captions: str) -> None:
    processes = distributed.world_size()
    if plan.fewest_samples < 2 * processes:
        raise InputError(
            f"a batch may hold {plan.fewest_samples} samples, too few for {processes} processes: raise batch.size"
        )
    captions_per_batch = plan.samples_per_batch - plan.images_per_batch
    if captions != "shared" and min(plan.images_per_batch, captions_per_batch) < 2 * processes:
        raise InputError(
            "batch norm of two towers needs at least two images and two captions in the share of each process: raise "
            "batch.size"
        )
