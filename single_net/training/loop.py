"""The training loop (paper, section 4.2): from a configuration to a model file."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError, Interrupted
from encoded_text.common.files import make_folder
from encoded_text.common.progress import progress
from encoded_text.renderer import Renderer
from single_net.common import distributed, provenance, tensor_file
from single_net.common.device import choose_device, memory
from single_net.common.signals import StopSignal
from single_net.config import RunConfig
from single_net.data import contamination, shared_captions
from single_net.data.dataset import CaptionDataset
from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.evaluation.record import describe_data, evaluate_split
from single_net.inference.model import Model
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.targets import meanings, picture_classes, semantic_classes
from single_net.models.build import build_network, encoder_from, precision
from single_net.training import checkpoints
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import Batch, BatchDrawer
from single_net.training.encoder import fit_encoder
from single_net.training.run_folder import _make_own
from single_net.training.run_log import RunLog
from single_net.training.samples import Inputs
from single_net.training.schedule import learning_rate
from single_net.training.step import TrainingStep
from single_net.training.sync_batchnorm import average_statistics

GO_ON = "go on with the same command and --resume"


BEST = "best.safetensors"


NORM_BATCHES = 100  # over which the batch norms' statistics are averaged


NEVER = 2**62  # a step that does not come


def train(config: RunConfig, run: Path, *, device: torch.device | None = None, resume: bool = False) -> Model:
    """Train into the folder `run`: log.csv, tensorboard/, curves.png, encoder.safetensors and, at the end,
    model.safetensors, the weights after the last step. best.safetensors is there where training.evaluations found
    earlier weights to score better on the development split.

    While it runs, checkpoints are kept: every few minutes, and on Ctrl-C or SIGTERM. With `resume` training goes on
    from the newest one and ends, on the CPU, with the same weights bit for bit as if it had never stopped.
    Inside processes.joined, each process trains on its share of every batch.
    Raises InputError for unusable input, Interrupted (with how to go on) after it was interrupted and saved.
    """
    model_file = run / "model.safetensors"
    if model_file.exists():
        raise InputError(f"{run} holds a finished run: choose another --output, or delete that folder first")
    if checkpoints.steps(run) and not resume:
        raise InputError(f"{run} holds an interrupted run: go on with --resume, or delete that folder first")
    make_folder(run)
    with contextlib.ExitStack() as block:
        distributed.from_first(lambda: _make_own(run, block))
        saved = checkpoints.load_newest(run) if resume and checkpoints.steps(run) else None
        if resume and not saved and distributed.rank() == 0:
            print(f"{run} holds no checkpoint yet: starting from the beginning", file=sys.stderr)
        trainer = block.enter_context(contextlib.closing(Trainer(config, run, device or choose_device(), saved)))
        if saved and distributed.rank() == 0:
            for damaged in checkpoints.steps(run)[checkpoints.steps(run).index(saved[0]) + 1 :]:
                damaged.rename(damaged.with_suffix(".damaged"))  # it must not count as one of those kept
        trainer.run_all()
        try:
            model = trainer.finish()
            if distributed.rank() == 0:
                model.save(model_file)
        except KeyboardInterrupt:
            raise Interrupted(f"stopped after the last step, saved in {run}: {GO_ON}") from None
        if distributed.rank() == 0:
            for path in checkpoints.steps(run):
                path.unlink()
    return model


class Trainer:
    """State of one training run: built anew or from a saved checkpoint (its path, tensors, meta)."""

    def __init__(self, config: RunConfig, run: Path, device: torch.device, saved: tuple[Path, dict, dict] | None):
        self.config, self.run, self.device = config, run, device
        self.began = time.monotonic()
        self.git = provenance.git_state()  # of the code now being loaded
        data = load_dataset(config.data.name, config.data.root or None, "train", skip_bad=config.data.skip_bad)
        data, photographs = prepare_images(data, config.network.image_size, skip_bad=config.data.skip_bad)
        self.development = self._other_split("val", "there will be no scores on a development split")
        self.test = self._other_split("test", "training pictures will not be compared with those of a test split")
        prints, also_tested = distributed.from_first(lambda: self._compared(photographs))
        if also_tested.any():  # skip_bad, or _compared would not have come back
            kept = np.flatnonzero(~also_tested)
            skipped = data.skipped | {"also in the development or test split": int(also_tested.sum())}
            data = dataclasses.replace(data.select(kept.tolist()), skipped=skipped)
            photographs, prints = contamination.Rows(photographs, kept), prints[kept]
        self.data, self.described_data = data, describe_data(data)
        self.more = self._more_captions()
        heard = shared_captions.caption_numbers(self.more.flat_captions if self.more else [])
        self.seen = contamination.Seen(prints, np.unique(heard))
        if saved:
            self._check_same(saved[0], saved[2])
            self.encoder = encoder_from(*saved[1:])
            labels = saved[1]["loss.labels"].numpy()
            directions = saved[1].get("loss.meanings", torch.empty(0)).numpy()
        else:
            state, labels, directions = distributed.from_first(lambda: self._learnt(data))
            self.encoder = TextImageEncoder.from_state(*state)
        if distributed.rank() == 0:
            self.encoder.save(run / "encoder.safetensors")
        self.plan = BatchPlan(
            np.array([len(c) for c in data.captions]),
            config.augmentation.kind,
            config.batch,
            config.training.seed,
            config.batch.apart * config.training.epochs,
        )
        self._check_shares()
        ids = self.encoder.ids(data.flat_captions)
        handling = config.augmentation.crop_handling
        self.drawer = BatchDrawer(photographs, ids, Renderer(self.encoder), handling, device, config.augmentation)
        self.steps = max(1, round(config.training.epochs * self.plan.steps_per_epoch))

        torch.manual_seed(config.training.seed)
        self.network = build_network(config, pretrained=not saved)
        loss = config.loss
        self.loss = RetrievalLoss(
            torch.from_numpy(labels),
            config.network.embedding_dim,
            softmax_weight=loss.softmax_weight,
            center_weight=loss.center_weight,
            centers=loss.centers,
            center_rate=loss.center_rate,
            meanings=torch.from_numpy(directions),
            meaning_weight=loss.meaning_weight,
            meaning_temperature=loss.meaning_temperature,
            contrastive_weight=loss.contrastive_weight,
            temperature=loss.temperature,
        )
        own = distributed.own_rows(self.plan.inputs_per_batch)
        share = (len(range(n)[own]) for n in (self.plan.inputs_per_batch, self.plan.photographs_per_batch))
        self.one_step = TrainingStep(self.network, self.loss, config, device, *share)
        self.step, self.inputs, self.seconds, self.earlier = 0, 0, 0.0, 0.0
        self.history: list[dict[str, Any]] = []  # development scores so far
        self.first_bad = torch.full((), NEVER, device=device)  # the first step with a loss that is not finite
        if saved:
            self._restore(*saved[1:])
        distributed.require_same([self.step, len(data), self.development is not None], "data or checkpoints")
        scored = {earlier["step"] for earlier in self.history}
        self.log = RunLog(run, self.step, self.steps, device, scored) if distributed.rank() == 0 else None

    def close(self) -> None:
        if self.log:
            self.log.close()

    def _other_split(self, split: str, without: str) -> CaptionDataset | None:
        """The development or test split, its pictures decoded: found to be unusable now, not after hours of training.
        Where there is none, a line says what will be `without` it."""
        data = self.config.data
        try:
            other = load_dataset(data.name, data.root or None, split, skip_bad=data.skip_bad)
        except InputError as error:
            if distributed.rank() == 0:
                print(f"{without}: {error}", file=sys.stderr)
            return None
        prepare_images(other, self.config.network.image_size, skip_bad=data.skip_bad)
        return other

    def _more_captions(self) -> CaptionDataset | None:
        """Captions of another data set to learn words from, without those of pictures that this run is tested on."""
        name, data = self.config.encoder.more_captions, self.config.data
        if not name:
            return None
        more = load_dataset(name, None, "train", skip_bad=data.skip_bad, captions_only=True)
        if name == data.name:  # a part of it is trained on, with its pictures
            own = set(self.data.ids)
            more = more.select([i for i, picture in enumerate(more.ids) if picture not in own])
        tested = [split for split in (self.development, self.test) if split is not None]
        return shared_captions.without(more, tested) if tested else more

    def _compared(self, photographs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fingerprints of the training pictures, and which of them, bool (pictures,), are also in the development or
        test split. Raises InputError where any is and data.skip_bad does not say to leave it out."""
        prints, size, skip_bad = (
            contamination.fingerprints(photographs),
            self.config.network.image_size,
            self.config.data.skip_bad,
        )
        also_tested = np.zeros(len(prints), bool)
        for split in (self.development, self.test):
            if split is not None:
                split, pictures = prepare_images(split, size, skip_bad=skip_bad)
                if skip_bad:
                    also_tested |= contamination.compare(prints, contamination.fingerprints(pictures))[0]
                else:
                    mend = "leave them out of training with --skip-bad, or take them out of one split"
                    contamination.Seen(prints, np.empty(0, np.int64)).require_unseen(split, pictures, "this run", mend)
        return prints, also_tested

    def _learnt(self, data: CaptionDataset) -> tuple[tuple[dict, dict], np.ndarray, np.ndarray]:
        """What is learnt from the training captions before training: the encoder's state and the classes."""
        loss, seed, more = self.config.loss, self.config.training.seed, self.more.captions if self.more else []
        encoder = fit_encoder(self.config, [*data.flat_captions, *itertools.chain.from_iterable(more)])
        labels = picture_classes(len(data))
        if loss.classes == "nested":
            labels = semantic_classes(data.captions, loss.granularities, seed, more)
        directions = np.empty(0, np.float32)
        if loss.meaning_weight:
            directions = meanings(data.captions, loss.meaning_dimensions, seed, more).astype(np.float32)
        return encoder.state(), labels, directions

    def _check_shares(self) -> None:
        together = distributed.count()
        if self.plan.fewest_inputs < 2 * together:
            raise InputError(
                f"a batch may hold {self.plan.fewest_inputs} inputs, too few for {together} processes: raise batch.size"
            )
        own = self.config.network
        apart = own.batchnorm == "per_modality" or own.caption_network != "same"
        if apart and self.plan.photographs_per_batch < 2 * together:
            raise InputError(
                "batch norm by modality needs at least two photographs in the share of each process: raise batch.size"
            )

    def run_all(self) -> None:
        """All steps that are left. Saves regularly and when interrupted."""
        self.one_step.train()
        began, before = time.monotonic(), self.seconds
        last_saved = began
        evaluations = self.config.training.evaluations if self.development else 1
        score_at = {round(self.steps * i / evaluations) for i in range(1, evaluations)}
        if self.step in score_at and self.step not in {earlier["step"] for earlier in self.history}:
            self._score()  # what the run was stopped in
        bar = progress(what="training", total=self.steps, unit="step", done=self.step, logged=False)
        with StopSignal() as stop, bar:
            for epoch, batch in self._batches_left():
                rate = learning_rate(self.config, self.step, self.steps)
                total, parts = self._one_step(batch, rate)
                now = time.monotonic()
                self.seconds = before + now - began
                bar.update()
                # The clocks of the processes differ: the first decides; a signal may reach any of them.
                log = self.log is not None and (self.log.due(now) or self.step == self.steps)
                score = self.step in score_at
                save = now - last_saved > 60 * self.config.training.checkpoint_minutes or score
                received, log, save = distributed.largest([stop.received, log, save or self.step == self.steps])
                if received or log or save:
                    values = self._finite_values(total, parts)
                if log and self.log:
                    self.log.write(
                        self.step,
                        epoch=epoch,
                        rate=rate,
                        inputs=self.inputs,
                        in_batch=len(batch.group),
                        seconds=self.seconds,
                        parts=values,
                    )
                if received or save:
                    self.save()
                    last_saved = time.monotonic()
                if score and not received:
                    scoring = time.monotonic()
                    self._score()
                    began += time.monotonic() - scoring  # not a part of the training's time
                    [received] = distributed.largest([stop.received])
                if received:
                    raise Interrupted(
                        f"stopped at step {self.step} of {self.steps} and saved in {self.run}: {GO_ON}", received
                    )

    def _batches_left(self) -> Iterator[tuple[float, Batch]]:
        """Every batch from the present step on, drawn, with the number of epochs it completes."""
        first = self.step

        def planned() -> Iterator[tuple[Inputs, np.random.Generator]]:
            for epoch in itertools.count(first // self.plan.steps_per_epoch):
                yield from self.plan.epoch(epoch, max(0, first - epoch * self.plan.steps_per_epoch))

        with contextlib.closing(self.drawer.batches(itertools.islice(planned(), self.steps - first))) as batches:
            for step, batch in enumerate(batches, first + 1):
                yield step / self.plan.steps_per_epoch, batch

    def _one_step(self, batch: Batch, rate: float) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        # Dropout is decided by seed, step and process alone: there is no random state to save.
        torch.manual_seed(_mixed(self.config.training.seed, self.step, distributed.rank()))
        loss = self.config.loss
        joined = self.step / self.steps - loss.contrastive_start
        contrastive = float(joined >= 0) * (min(1.0, joined / loss.contrastive_ramp) if loss.contrastive_ramp else 1.0)
        total, parts = self.one_step(batch, rate, contrastive=contrastive)
        self.step += 1
        self.inputs += len(batch.group)
        bad = self.first_bad.clamp(max=self.step)
        self.first_bad = torch.where(torch.isfinite(total), self.first_bad, bad)
        return total, parts

    def _finite_values(self, total: torch.Tensor, parts: dict[str, torch.Tensor]) -> dict[str, float]:
        """The loss and its parts as numbers, of the whole batch. Raises InputError where one was not finite before."""
        [first] = distributed.largest([-int(self.first_bad)])
        if -first < NEVER:
            self._stop_not_finite("the loss is", -first)
        names = ["loss", *parts]
        return dict(
            zip(names, distributed.mean([total.item(), *(part.item() for part in parts.values())]), strict=True)
        )

    def _stop_not_finite(self, what: str, step: int) -> NoReturn:
        kept = checkpoints.steps(self.run)
        last = f"the last good checkpoint is {kept[-1]}" if kept else "there is no checkpoint yet"
        raise InputError(
            f"{what} not finite at step {step} (learning rate {learning_rate(self.config, step - 1, self.steps):g}); "
            f"{last}: lower training.learning_rate or loss.center_rate, or train in float32"
        )

    def save(self) -> None:
        """Everything the rest of the run depends on, in one file; of several processes the first writes it."""
        values = (value for value in self.one_step.state_dict().values() if value.is_floating_point())
        if not all(bool(torch.isfinite(value).all()) for value in values):
            self._stop_not_finite("the weights are", self.step)
        if distributed.rank() != 0:
            return
        arrays, encoder_meta = self.encoder.state()
        tensors = tensor_file.with_prefix("network", self.network.state_dict())
        tensors |= tensor_file.with_prefix("loss", self.loss.state_dict())
        tensors |= tensor_file.with_prefix("encoder", {name: torch.from_numpy(a) for name, a in arrays.items()})
        for number, values in self.one_step.optimizer.state_dict()["state"].items():
            tensors |= tensor_file.with_prefix(f"optimizer.{number}", values)
        meta = self._describe() | {"config": self.config.to_dict(), "encoder": encoder_meta, "history": self.history}
        checkpoints.save_step(self.run, self.step, tensors, meta)

    def _restore(self, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
        self.network.load_state_dict(tensor_file.without_prefix("network", tensors))
        self.loss.load_state_dict(tensor_file.without_prefix("loss", tensors))
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensor_file.without_prefix("optimizer", tensors).items():
            number, key = name.split(".")
            # In the parameter's own memory format, so that sums run in the same order as before.
            like = self.one_step.parameter_list[int(number)]
            own = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
            state.setdefault(int(number), {})[key] = own
        optimizer = self.one_step.optimizer
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        done = meta["training"]
        self.step, self.inputs, self.seconds = done["steps"], done["inputs"], done["seconds"]
        self.earlier = done["wall_seconds"]
        self.history = meta["history"]

    def _check_same(self, path: Path, meta: dict[str, Any]) -> None:
        # Through RunConfig: a setting that the checkpoint does not have yet had what is now its default.
        before, now = RunConfig.from_dict(meta["config"], where=str(path)).to_dict(), self.config.to_dict()
        for of_machine in ("compile", "checkpoint_minutes"):
            before["training"].pop(of_machine), now["training"].pop(of_machine)
        for section, values in now.items():
            if before[section] != values and section != "data":
                raise InputError(
                    f"{path} was made with another configuration ({section} differs): "
                    "resume with the configuration it was started with, or train into another --output"
                )
        if meta["training_data"]["sha256"] != self.described_data["sha256"]:
            raise InputError(f"{path} was made with other training data: resume with the same data set")
        arithmetic = meta["training"]["precision"], precision(self.config, self.device)
        if len(set(arithmetic)) > 1 and distributed.rank() == 0:
            print(
                f"the run began in {arithmetic[0]} and goes on in {arithmetic[1]}, all this machine has: its result "
                "will not be that of an uninterrupted one",
                file=sys.stderr,
            )

    def _describe(self) -> dict[str, Any]:
        return {
            "training_data": self.described_data,
            "training": {
                "steps": self.step,
                "epochs": round(self.step / self.plan.steps_per_epoch, 3),
                "inputs": self.inputs,
                "seconds": round(self.seconds, 1),
                "wall_seconds": round(self.earlier + time.monotonic() - self.began, 1),
                "inputs_per_second": round(self.inputs / max(self.seconds, 1e-9), 1),
                "memory_gib": round(memory(self.device) / 2**30, 2),
                "precision": precision(self.config, self.device),
                "processes": distributed.count(),
                "device": provenance.describe_device(self.device),
                "command": provenance.command(),
                "git": self.git,
            },
        }

    def _average_norms(self) -> None:
        """Batch norm statistics of the present weights, averaged over training batches.

        facenet's moving average looks back over some 200 batches (decay 0.995), facenet-pytorch's over ten, in which
        the weights still move: with a constant rate those are off by enough to spoil the embeddings.
        """
        norms = [m for m in self.network.modules() if isinstance(m, _BatchNorm)]
        momentum = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over the batches
        self.network.train()
        for module in self.network.modules():
            if isinstance(module, nn.Dropout):
                module.eval()
        count = min(NORM_BATCHES, self.steps)
        beyond = math.ceil(self.steps / self.plan.steps_per_epoch)
        planned = itertools.chain.from_iterable(self.plan.epoch(epoch) for epoch in itertools.count(beyond))
        batches = self.drawer.batches(itertools.islice(planned, count))
        for batch in progress(batches, what="batch norm statistics", total=count, unit="batch"):
            self.one_step.see(batch)
        for norm, before in zip(norms, momentum, strict=True):
            norm.momentum = before
        average_statistics(norms)

    def _score(self) -> None:
        """Score the present weights on the development split and keep them if they are the best so far; training goes
        on afterwards as if nothing had been."""
        before = {name: buffer.clone() for name, buffer in self.network.named_buffers()}
        model = self._model()
        model.meta["development"], best = self._scores(model)
        if best and distributed.rank() == 0:
            model.meta |= self._describe()
            model.save(self.run / BEST)
        for name, buffer in self.network.named_buffers():
            buffer.copy_(before[name])
        self.network.train()

    def finish(self) -> Model:
        """The trained model, with its scores on the development split where the data set has one."""
        model = self._model()
        if self.development is not None:
            model.meta["development"], best = self._scores(model)
            if best and distributed.rank() == 0:  # better than all before, and kept anyway
                (self.run / BEST).unlink(missing_ok=True)
        model.meta |= self._describe() | {"history": self.history}
        return model

    def _model(self) -> Model:
        self._average_norms()
        meta = {"coverage": self.coverage, "development": None}
        meta["more_captions"] = describe_data(self.more) if self.more else None
        return Model(self.network.eval(), self.encoder, self.config, meta, self.seen)

    @cached_property
    def coverage(self) -> dict[str, Any]:
        return dataclasses.asdict(self.encoder.coverage(self.data.flat_captions))

    def _scores(self, model: Model) -> tuple[dict[str, Any], bool]:
        """Scores on the development split, and whether their sum of recalls is at least that of all before."""
        scores = evaluate_split(model, self.development, skip_bad=self.config.data.skip_bad)
        rsum = scores["metrics"]["rsum"]
        best = all(rsum >= earlier["rsum"] for earlier in self.history)
        self.history.append({"step": self.step, "inputs": self.inputs, "rsum": rsum})
        if self.log:
            self.log.scores(self.step, self.inputs, scores["metrics"])
        return scores, best


def _mixed(*numbers: int) -> int:
    """One seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
