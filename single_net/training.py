"""The training loop (paper, section 4.2): from a configuration to a model file."""

from __future__ import annotations

import csv
import dataclasses
import math
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from encoded_text import TextImageEncoder
from encoded_text.errors import InputError
from encoded_text.files import make_folder, replacing
from encoded_text.layout import PRESETS
from encoded_text.progress import progress
from encoded_text.renderer import Renderer

from . import checkpoint, provenance
from .batches import BatchDrawer, BatchPlan
from .classes import picture_classes, semantic_classes
from .configuration import RunConfig
from .datasets import CaptionDataset, load_dataset
from .embedding import Model, autocast, build_network, choose_device, encoder_from, precision
from .evaluation import describe_data, evaluate_split
from .images import prepare_images
from .losses import RetrievalLoss

GO_ON = "go on with the same command and --resume"
LOG_SECONDS = 10.0
NORM_BATCHES = 100  # over which the batch norms' statistics are averaged at the end


def fit_encoder(config: RunConfig, captions: list[str]) -> TextImageEncoder:
    """The encoder of a configuration, learnt from the training captions alone."""
    layout = PRESETS[config.encoder.layout]().scaled_to(config.network.image_size)
    layout = dataclasses.replace(layout, fill=config.encoder.fill, overflow=config.encoder.overflow)
    return TextImageEncoder.fit(
        captions,
        layout=layout,
        seed=config.training.seed,
        normalisation=config.encoder.normalisation,
        **({"vectors": config.encoder.vectors} if config.encoder.vectors else {"min_count": config.encoder.min_count}),
    )


def learning_rate(config: RunConfig, step: int, steps: int) -> float:
    """Rate of step 0..steps-1: constant, or one cycle: cosine from 1/25 of the peak up to it over the first 30 % of the
    steps, then cosine down to 1/10,000 of it (torch's OneCycleLR, which ends 25 times lower)."""
    peak = config.training.learning_rate
    if config.training.schedule == "constant":
        return peak
    start, end, rise = peak / 25, peak / 1e4, 0.3 * steps
    if step < rise:
        return start + (peak - start) * (1 - math.cos(math.pi * step / rise)) / 2
    return end + (peak - end) * (1 + math.cos(math.pi * (step - rise) / (steps - rise))) / 2


def train(config: RunConfig, run: Path, *, device: str | None = None, resume: bool = False) -> Model:
    """Train into the folder `run`: log.csv, encoder.safetensors and, at the end, model.safetensors.

    While it runs, checkpoint.safetensors is kept every few minutes and on Ctrl-C or SIGTERM; with `resume` training
    goes on from it and ends, on the CPU, with the same weights bit for bit as if it had never stopped.
    Raises InputError for unusable input, KeyboardInterrupt (with how to go on) after it was interrupted and saved.
    """
    state_file, model_file = run / "checkpoint.safetensors", run / "model.safetensors"
    if model_file.exists():
        raise InputError(f"{run} holds a finished run: choose another --output, or delete that folder first")
    if state_file.exists() and not resume:
        raise InputError(f"{run} holds an interrupted run: go on with --resume, or delete that folder first")
    make_folder(run)
    saved = checkpoint.load(state_file, "checkpoint") if resume else None
    trainer = Trainer(config, run, choose_device(device), saved)
    trainer.run_all()
    try:
        model = trainer.finish()
        model.save(model_file)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped after the last step, saved in {run}: {GO_ON}") from None
    state_file.unlink(missing_ok=True)
    return model


class Trainer:
    """State of one training run: built anew or from a saved checkpoint (tensors, meta)."""

    def __init__(self, config: RunConfig, run: Path, device: torch.device, saved: tuple[dict, dict] | None):
        self.config, self.run, self.device = config, run, device
        self.began = time.monotonic()
        self.git = provenance.git_state()  # of the code now being loaded
        self.state_file = run / "checkpoint.safetensors"
        data = load_dataset(config.data.name, config.data.root or None, "train", skip_bad=config.data.skip_bad)
        data, photographs = prepare_images(data, config.network.image_size, skip_bad=config.data.skip_bad)
        self.data = data
        self.development = self._development_split()
        if saved:
            self._check_same(saved[1])
            self.encoder = encoder_from(*saved)
            labels = saved[0]["loss.labels"].numpy()
        else:
            self.encoder = fit_encoder(config, data.flat_captions)
            labels = self._classes(data)
        self.encoder.save(run / "encoder.safetensors")
        ids = self.encoder.ids(data.flat_captions)
        self.plan = BatchPlan(
            np.array([len(c) for c in data.captions]), config.augmentation.kind, config.batch, config.training.seed
        )
        self.drawer = BatchDrawer(
            photographs, ids, Renderer(self.encoder), config.augmentation, self.encoder.layout.background, device
        )
        self.steps = max(1, round(config.training.epochs * self.plan.steps_per_epoch))

        torch.manual_seed(config.training.seed)
        self.network = build_network(config, pretrained=not saved).to(device, memory_format=torch.channels_last)
        loss = config.loss
        self.loss = RetrievalLoss(
            torch.from_numpy(labels),
            config.network.embedding_dim,
            softmax_weight=loss.softmax_weight,
            center_weight=loss.center_weight,
            centers=loss.centers,
            center_rate=loss.center_rate,
            contrastive_weight=loss.contrastive_weight,
            temperature=loss.temperature,
        ).to(device)
        self.parameters = [*self.network.parameters(), *self.loss.parameters()]
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.training.optimizer]
        self.optimizer = kind(
            self.parameters, lr=config.training.learning_rate, weight_decay=config.training.weight_decay, fused=True
        )
        if config.network.batchnorm == "per_modality" and self.plan.photographs_per_batch < 2:
            raise InputError("batchnorm per_modality needs at least two photographs in a batch: raise batch.size")
        self.step, self.inputs, self.seconds, self.earlier = 0, 0, 0.0, 0.0
        if saved:
            self._restore(*saved)

    def _development_split(self) -> CaptionDataset | None:
        """The development split, its pictures decoded: found to be unusable now, not after hours of training."""
        data = self.config.data
        try:
            split = load_dataset(data.name, data.root or None, "val", skip_bad=data.skip_bad)
        except InputError as error:
            print(f"there will be no scores on a development split: {error}", file=sys.stderr)
            return None
        return prepare_images(split, self.config.network.image_size, skip_bad=data.skip_bad)[0]

    def _classes(self, data: CaptionDataset) -> np.ndarray:
        if self.config.loss.classes == "picture":
            return picture_classes(len(data))
        return semantic_classes(data.captions, self.config.loss.granularities, self.config.training.seed)

    def run_all(self) -> None:
        """All steps that are left. Saves regularly and when interrupted."""
        self.network.train()
        self.loss.train()
        log = TrainingLog(self.run / "log.csv", self.step)
        began, before = time.monotonic(), self.seconds
        last_saved = began
        with StopSignal() as stop, progress(what="training", total=self.steps, unit="step", done=self.step) as bar:
            while self.step < self.steps:
                epoch, start = divmod(self.step, self.plan.steps_per_epoch)
                for batch, rng in self.plan.epoch(epoch, start):
                    rate = learning_rate(self.config, self.step, self.steps)
                    total, parts = self._one_step(self.drawer(batch, rng), rate)
                    self.step += 1
                    self.inputs += len(batch.group)
                    now = time.monotonic()
                    self.seconds = before + now - began
                    bar.update()
                    if log.due(now) or self.step == self.steps:
                        values = {"loss": total.item()} | {name: part.item() for name, part in parts.items()}
                        self._require_finite(values["loss"], rate)
                        log.write(
                            now,
                            self.step,
                            self.step / self.plan.steps_per_epoch,
                            rate,
                            self.inputs,
                            self.seconds,
                            values,
                        )
                        bar.set_postfix_str(
                            " ".join(f"{name} {value:.3g}" for name, value in values.items()), refresh=False
                        )
                    if stop.received or now - last_saved > 60 * self.config.training.checkpoint_minutes:
                        self._require_finite(total.item(), rate)
                        self.save()
                        last_saved = time.monotonic()
                    if stop.received:
                        raise KeyboardInterrupt(
                            f"stopped at step {self.step} of {self.steps} and saved in {self.run}: {GO_ON}"
                        )
                    if self.step == self.steps:
                        break
        self.save()  # what comes now can fail as well

    def _one_step(self, batch: dict[str, torch.Tensor], rate: float) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with autocast(self.config, self.device):
            features = self.network(batch["pictures"], batch["is_caption"])
        contrastive = self.step >= self.config.loss.contrastive_start * self.steps
        total, parts = self.loss(features.float(), batch["group"], batch["is_caption"], contrastive=contrastive)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.optimizer.step()
        return total.detach(), {name: part.detach() for name, part in parts.items()}

    def _require_finite(self, loss: float, rate: float) -> None:
        if not math.isfinite(loss):
            kept = f"the last good checkpoint is {self.state_file}" if self.state_file.exists() else "no checkpoint yet"
            raise InputError(
                f"the loss is {loss} at step {self.step} (learning rate {rate:g}); {kept}: "
                "lower training.learning_rate or loss.center_rate, or train in float32"
            )

    def save(self) -> None:
        """Everything the rest of the run depends on, in one file."""
        arrays, encoder_meta = self.encoder.state()
        tensors = checkpoint.with_prefix("network", self.network.state_dict())
        tensors |= checkpoint.with_prefix("loss", self.loss.state_dict())
        tensors |= checkpoint.with_prefix("encoder", {name: torch.from_numpy(a) for name, a in arrays.items()})
        tensors["random"] = torch.get_rng_state()
        if self.device.type == "cuda":
            tensors["random_cuda"] = torch.cuda.get_rng_state(self.device)
        for number, values in self.optimizer.state_dict()["state"].items():
            tensors |= checkpoint.with_prefix(f"optimizer.{number}", values)
        meta = self._describe() | {"config": self.config.to_dict(), "encoder": encoder_meta}
        checkpoint.save(self.state_file, "checkpoint", tensors, meta)

    def _restore(self, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
        self.network.load_state_dict(checkpoint.without_prefix("network", tensors))
        self.loss.load_state_dict(checkpoint.without_prefix("loss", tensors))
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in checkpoint.without_prefix("optimizer", tensors).items():
            number, key = name.split(".")
            # In the parameter's own memory format, so that sums run in the same order as before.
            like = self.parameters[int(number)]
            own = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
            state.setdefault(int(number), {})[key] = own
        self.optimizer.load_state_dict({"state": state, "param_groups": self.optimizer.state_dict()["param_groups"]})
        torch.set_rng_state(tensors["random"])
        if "random_cuda" in tensors and self.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["random_cuda"], self.device)
        done = meta["training"]
        self.step, self.inputs, self.seconds = done["steps"], done["inputs"], done["seconds"]
        self.earlier = done["wall_seconds"]

    def _check_same(self, meta: dict[str, Any]) -> None:
        before, now = meta["config"], self.config.to_dict()
        for section, values in now.items():
            if before[section] != values and section != "data":
                raise InputError(
                    f"{self.state_file} was made with another configuration ({section} differs): "
                    "resume with the configuration it was started with, or train into another --output"
                )
        if meta["training_data"]["sha256"] != self.data.checksums():
            raise InputError(f"{self.state_file} was made with other training data: resume with the same data set")

    def _describe(self) -> dict[str, Any]:
        return {
            "training_data": describe_data(self.data),
            "training": {
                "steps": self.step,
                "epochs": round(self.step / self.plan.steps_per_epoch, 3),
                "inputs": self.inputs,
                "seconds": round(self.seconds, 1),
                "wall_seconds": round(self.earlier + time.monotonic() - self.began, 1),
                "inputs_per_second": round(self.inputs / max(self.seconds, 1e-9), 1),
                "precision": precision(self.config, self.device),
                "device": provenance.describe_device(self.device),
                "command": provenance.command(),
                "git": self.git,
            },
        }

    @torch.no_grad()
    def _average_norms(self) -> None:
        """Batch norm statistics of the final weights, averaged over training batches.

        facenet's moving average looks back over some 200 batches (decay 0.995), facenet-pytorch's over ten, in which
        the weights still move: with a constant rate those are off by enough to spoil the embeddings.
        """
        norms = [m for m in self.network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
        momentum = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over the batches
        self.network.train()
        self.network.backbone.dropout.eval()
        epoch = math.ceil(self.steps / self.plan.steps_per_epoch)
        left = min(NORM_BATCHES, self.steps)
        with progress(what="batch norm statistics", total=left, unit="batch") as bar:
            while left:
                for batch, rng in self.plan.epoch(epoch):
                    drawn = self.drawer(batch, rng)
                    with autocast(self.config, self.device):
                        self.network(drawn["pictures"], drawn["is_caption"])
                    bar.update()
                    left -= 1
                    if not left:
                        break
                epoch += 1
        for norm, before in zip(norms, momentum, strict=True):
            norm.momentum = before

    def finish(self) -> Model:
        """The trained model, with its scores on the development split where the data set has one."""
        self._average_norms()
        coverage = dataclasses.asdict(self.encoder.coverage(self.data.flat_captions))
        model = Model(self.network.eval(), self.encoder, self.config, {"coverage": coverage, "development": None})
        if self.development is not None:
            model.meta["development"] = evaluate_split(model, self.development)
        model.meta |= self._describe()
        return model


class TrainingLog:
    """log.csv: one line every few seconds; lines beyond the step from which a run goes on are dropped."""

    FIELDS = ("step", "epoch", "learning_rate", "inputs", "seconds", "loss", "softmax", "center", "contrastive")

    def __init__(self, path: Path, step: int):
        self._path, self._next = path, 0.0
        lines = path.read_text().splitlines()[1:] if step and path.exists() else []
        kept = [line for line in lines if int(line.partition(",")[0]) <= step]
        with replacing(path) as temporary:
            temporary.write_text("\n".join([",".join(self.FIELDS), *kept]) + "\n")

    def due(self, now: float) -> bool:
        return now >= self._next

    def write(
        self, now: float, step: int, epoch: float, rate: float, inputs: int, seconds: float, parts: dict[str, float]
    ) -> None:
        self._next = now + LOG_SECONDS
        row = {"step": step, "epoch": f"{epoch:.3f}", "learning_rate": f"{rate:.3g}", "inputs": inputs}
        row |= {"seconds": f"{seconds:.1f}"} | {name: f"{value:.5g}" for name, value in parts.items()}
        with open(self._path, "a", newline="") as file:
            csv.DictWriter(file, self.FIELDS, restval="").writerow(row)


class StopSignal:
    """Within the block, Ctrl-C and SIGTERM are only noted, so that a step and its checkpoint end whole.

    A second signal stops at once.
    """

    def __init__(self) -> None:
        self.received = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: object) -> None:
        if self.received:
            raise KeyboardInterrupt("stopped at once; the last checkpoint is kept")
        self.received = True

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
