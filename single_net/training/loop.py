"""The training loop (paper, section 4.2): from a configuration to a model file."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from encoded_text.common.errors import InputError, Interrupted
from encoded_text.common.progress import progress as progress_bar
from single_net.common import distributed, provenance
from single_net.common.device import choose_device, memory_in_use
from single_net.common.signals import StopSignal
from single_net.config import RunConfig
from single_net.evaluation.teacher_comparison import TeacherComparison
from single_net.inference.model import Model
from single_net.inference.run_files import BEST, ENCODER, MODEL
from single_net.training import checkpoints, divergence, run_folder
from single_net.training.batches import Batch
from single_net.training.buffers import unchanged_buffers
from single_net.training.checkpoints import Checkpoint, checkpoint_of
from single_net.training.components import build_components
from single_net.training.cuda_graph import GraphedStep
from single_net.training.out_of_memory import stop_out_of_memory
from single_net.training.run_log import RunLog
from single_net.training.schedule import learning_rate, ramp
from single_net.training.state import require_same_settings, save_state
from single_net.training.validation import average_norms, score

WEIGHTED = ("softmax", "center", "prototype", "teaching")  # terms of the loss whose weights stay
RESUME = "go on with the same command and --resume"


def train(config: RunConfig, run: Path, *, device: torch.device | None = None, resume: bool = False) -> Model:
    """Train into a folder: log.csv, tensorboard/, curves.png, encoder.safetensors and at the end model.safetensors.

    Where training.evaluations found earlier weights to score better on the validation set, best.safetensors holds
    these. Checkpoints are kept every few minutes and on Ctrl-C or SIGTERM; a run that goes on from one ends, on the
    CPU, with the same weights bit for bit as an uninterrupted one. Inside distributed.process_group each process
    trains on its share of every batch.

    Args:
        config: everything that decides the run.
        run: the folder, made if it is missing.
        device: the GPU if there is one, by default.
        resume: go on from the newest checkpoint of the folder; a finished run of this configuration is returned as it
            is.

    Raises:
        InputError: unusable data or configuration, a folder in use, a step without memory, or an infinite loss.
        Interrupted: stopped by a signal, everything saved; the message says how to go on.
    """
    with contextlib.ExitStack() as block:
        distributed.on_rank_zero(lambda: block.enter_context(run_folder.hold_folder(run)))
        if (run / MODEL).exists():
            if not resume:
                raise InputError(f"{run} holds a finished run: choose another --output, or delete that folder first")
            model = Model.load(run, device)
            require_same_settings(run / MODEL, model.config, config)
            distributed.tell(f"{run} is finished: nothing to resume")
            distributed.on_rank_zero(lambda: checkpoints.remove(run))
            return model
        trainer = Trainer(config, run, choose_device(device), checkpoint_of(run, resume))
        if trainer.step.precision != config.training.precision:
            distributed.tell(f"{trainer.device} does not compute in {config.training.precision}: float32 instead")
        block.enter_context(trainer.stop)  # beyond `close`: clusters send several signals
        block.enter_context(contextlib.closing(trainer))
        trainer.run_steps()
        trainer.stop.raise_at_once(f"stopped after the last step, saved in {run}: {RESUME}")
        model = trainer.finish()
        if distributed.rank() == 0:
            checkpoints.remove(run)
    return model


class Trainer:
    """A run in progress: its data, its network and how far it is.

    Args:
        config: of the run.
        run: its folder.
        device: of network and batches.
        checkpoint: to go on from; None to begin.
    """

    def __init__(self, config: RunConfig, run: Path, device: torch.device, checkpoint: Checkpoint | None):
        self.config, self.run, self.device = config, run, device
        self.began = time.monotonic()
        self.git = provenance.git_state()  # of the code that is running, whatever is committed meanwhile
        parts = build_components(config, run, device, checkpoint)
        self.data, self.described_data, self.encoder = parts.data, parts.described_data, parts.encoder
        self.plan, self.loader, self.step = parts.plan, parts.loader, parts.step
        self.steps, self.progress = parts.steps, parts.progress
        self.fingerprints, self.init_from, self.teaching = parts.fingerprints, parts.init_from, parts.teaching
        waits = config.network.captions == "lstm"  # for the lengths of captions
        graphed = device.type == "cuda" and distributed.world_size() == 1 and not waits
        self.graph = GraphedStep(self.step) if graphed else None
        self.held = torch.cuda.memory_allocated(device) if device.type == "cuda" else 0  # bytes, before the first step
        self.stop = StopSignal()
        self.divergence = divergence.Divergence(device)
        self.log: RunLog | None = None
        if distributed.rank() == 0:
            self.encoder.save(run / ENCODER)
            weights = {name: getattr(parts.step.loss, f"{name}_weight") for name in WEIGHTED}
            self.log = RunLog(run, self.progress, self.steps, device, weights)

    def close(self) -> None:
        """Close the log; also draws the curves."""
        if self.log:
            self.log.close()

    def run_steps(self) -> None:
        """All steps that are left, within `stop`. Saves regularly, before scoring, at the end and when interrupted."""
        self.step.train()
        progress = self.progress
        evaluations = self.config.training.evaluations if self.data.val else 1
        score_at = {round(self.steps * i / evaluations) for i in range(1, evaluations)} - {0, self.steps}
        before = progress.seconds
        bar = progress_bar(what="training", total=self.steps, unit="step", done=progress.step, logged=False)
        planned = itertools.islice(self.plan.from_step(progress.step), self.steps - progress.step)
        with bar, contextlib.closing(self.loader.batches(planned)) as batches:
            if progress.step in score_at and not progress.was_scored(progress.step):
                self.validate()  # the run was interrupted in it
            began = last_saved = time.monotonic()
            for batch in batches:
                loss, terms = self._take_step(batch)
                bar.update()
                now = time.monotonic()
                progress.seconds = before + now - began
                last, validate = progress.step == self.steps, progress.step in score_at
                log_due = self.log is not None and (self.log.due(now) or last)
                save_due = last or validate or now - last_saved > 60 * self.config.training.checkpoint_minutes
                # The processes' clocks differ, and a signal may reach any of them: all do what one of them must.
                stopped, log, save = distributed.all_reduce_max([self.stop.received, log_due, save_due])
                if stopped or log or save:
                    values = self._values(loss, terms)  # waits for the GPU
                    progress.seconds = before + time.monotonic() - began
                if log and self.log:
                    self.log.write(
                        progress.step,
                        epoch=progress.step / self.plan.steps_per_epoch,
                        rate=self._rate(progress.step - 1),
                        samples=progress.samples,
                        seconds=progress.seconds,
                        losses=values,
                    )
                if stopped or save:
                    self.save()
                    last_saved = time.monotonic()
                if validate and not stopped:
                    started = time.monotonic()
                    self.validate()
                    began += time.monotonic() - started  # not a part of the training's time
                    [stopped] = distributed.all_reduce_max([self.stop.received])
                if stopped:
                    where = f"stopped at step {progress.step} of {self.steps} and saved in {self.run}"
                    raise Interrupted(f"{where}: {RESUME}", stopped)

    def _take_step(self, batch: Batch) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        progress, loss = self.progress, self.config.loss
        share = ramp(progress.step, self.steps, start=loss.contrastive_start, length=loss.contrastive_ramp)
        run_step = self.graph or self.step
        try:
            total, terms = run_step(batch, self._rate(progress.step), contrastive=share)
        except torch.cuda.OutOfMemoryError:
            samples, size = len(batch.image_index), self.config.network.image_size
            held = self.held + (self.graph.reserved if self.graph else 0)
            stop_out_of_memory(self.step.network, samples, size, self.step.precision, self.device, held)
        progress.step += 1
        progress.samples += len(batch.image_index)
        self.divergence.note(progress.step, total)
        return total, terms

    def _rate(self, step: int) -> float:
        settings = self.config.training
        return learning_rate(settings.schedule, settings.learning_rate, step, self.steps)

    def _values(self, total: torch.Tensor, terms: dict[str, torch.Tensor]) -> dict[str, float]:
        """The loss and its terms as numbers, of the whole batch. Raises InputError if one was not finite before."""
        if (bad := self.divergence.first_step()) is not None:
            divergence.stop_diverged("the loss is", bad, self._rate(bad - 1))
        values = distributed.all_reduce_mean([total.item(), *(term.item() for term in terms.values())])
        return dict(zip(("loss", *terms), values, strict=True))

    def save(self) -> None:
        """Write a checkpoint; of several processes rank zero does."""
        if not divergence.is_finite(self.step):
            step = self.progress.step
            divergence.stop_diverged("the weights are", step, self._rate(step - 1))
        if distributed.rank() == 0:
            meta = self.describe() | {"config": self.config.to_dict()}
            save_state(self.run, self.progress, self.step, self.encoder, self.fingerprints, meta)

    def validate(self) -> None:
        """Score the present weights on the validation set and keep them if they are the best so far; training goes on
        as if nothing had been."""
        with unchanged_buffers(self.step.network):
            self._average_norms()
            model, best = self._scored_model()
            if best and distributed.rank() == 0:
                self._save(model, self.run / BEST)
        self.step.network.train()

    def finish(self) -> Model:
        """Score the final weights, save the model file and return the model."""
        self.step.optimizer.zero_grad(set_to_none=True)  # gradients and graph hold memory
        if self.graph:
            self.graph = None
            torch.cuda.empty_cache()
        self._average_norms()
        model, best = self._scored_model()
        if distributed.rank() == 0:
            if best:  # the final weights are kept anyway
                (self.run / BEST).unlink(missing_ok=True)
                TeacherComparison.place(self.run / BEST).unlink(missing_ok=True)
            self._save(model, self.run / MODEL)
        return model

    def _average_norms(self) -> None:
        average_norms(self.step.network, self.plan, self.loader, self.steps, self.step.precision, self.device)

    def _save(self, model: Model, path: Path) -> None:
        model.meta |= self.describe() | {"history": self.progress.history}
        if comparison := self._teacher_comparison():
            comparison.save(path)
        model.save(path)

    def _teacher_comparison(self) -> TeacherComparison | None:
        """What a taught network is compared with its teachers by."""
        loss = self.step.loss.teaching
        if self.teaching is None or loss is None:
            return None
        return TeacherComparison(loss.head.weight.detach().cpu(), self.teaching.tested, self.teaching.meta["splits"])

    def _scored_model(self) -> tuple[Model, bool]:
        """The present network as a model with its validation scores, and whether they are the best so far."""
        meta: dict[str, Any] = {
            "coverage": self.coverage,
            "validation": None,
            "extra_captions": self.data.extra.describe() if self.data.extra else None,
        }
        network = self.step.network.eval()
        model = Model(network, self.encoder, self.config, meta, self.fingerprints, self.data.third_state)
        if self.data.val is None:
            return model, False
        skip_bad, teacher = self.config.data.skip_bad, self._teacher_comparison()
        meta["validation"], entry = score(model, self.data, self.progress, skip_bad=skip_bad, teacher=teacher)
        best = self.progress.is_best(entry["rsum"])
        self.progress.history.append(entry)
        if self.log:
            self.log.scores(entry)
        return model, best

    @cached_property
    def coverage(self) -> dict[str, Any]:
        """How much of the training captions the encoder knows: the same at every validation."""
        return dataclasses.asdict(self.encoder.coverage(self.data.train.flat_captions))

    def describe(self) -> dict[str, Any]:
        """What checkpoints and records say of the training so far."""
        progress = self.progress
        return {
            **self.described_data,
            "init_from": self.init_from,
            "teaching": self.teaching and self.teaching.describe(),
            "training": {
                "steps": progress.step,
                "epochs": round(progress.step / self.plan.steps_per_epoch, 3),
                "samples": progress.samples,
                "seconds": round(progress.seconds, 1),
                "wall_seconds": round(progress.earlier_seconds + time.monotonic() - self.began, 1),
                "samples_per_second": round(progress.samples / max(progress.seconds, 1e-9), 1),
                "memory_gib": round(memory_in_use(self.device) / 2**30, 2),
                "precision": self.step.precision,
                "tf32": torch.backends.cudnn.allow_tf32 and self.device.type == "cuda",
                "processes": distributed.world_size(),
                "threads": torch.get_num_threads(),
                "device": provenance.describe_device(self.device),
                "command": provenance.command(),
                "git": self.git,
                "earlier": progress.earlier,
            },
        }
