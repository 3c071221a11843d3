"""The state of a run: what its checkpoints hold, and whether one can be resumed from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from single_net.common import distributed, provenance
from single_net.common.device import supported_precision
from single_net.common.tensor_file import with_prefix, without_prefix
from single_net.config import PATHS, RunConfig
from single_net.data.contamination import Fingerprints
from single_net.inference.model_state import encoder_to_tensors, fingerprints_to_tensors
from single_net.training.checkpoints import Checkpoint, other_tensors, save_checkpoint
from single_net.training.step import TrainingStep

MACHINE_SETTINGS = ("compile", "checkpoint_minutes")  # settings of [training] that may differ after a resume
# What the description of a training says of the process that wrote it, and not of the training as a whole.
PROCESS_FACTS = ("steps", "precision", "tf32", "processes", "threads", "device", "command", "git")


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        step: optimizer steps done.
        samples: samples seen.
        seconds: spent in training steps.
        earlier_seconds: wall time of earlier calls of this run.
        earlier: these calls, each with the PROCESS_FACTS of a training's description and "compile"; "steps" is where it
            was stopped.
        history: scores so far, each {"step", "samples", "rsum", "gallery", "training_gallery", "recall"}: the sum of
            the six validation recalls, the numbers of validation and training images searched, and {"validation" |
            "training": {direction: {"1", "5", "10"}}}; of a taught run also "teacher", see TeacherComparison.
    """

    step: int = 0
    samples: int = 0
    seconds: float = 0.0
    earlier_seconds: float = 0.0
    earlier: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def from_checkpoint(cls, meta: dict[str, Any]) -> Progress:
        done = meta["training"]
        compiled = meta["config"].get("training", {}).get("compile", False)
        earlier = [*done.get("earlier", []), {key: done.get(key) for key in PROCESS_FACTS} | {"compile": compiled}]
        return cls(done["steps"], done["samples"], done["seconds"], done["wall_seconds"], earlier, meta["history"])

    def was_scored(self, step: int) -> bool:
        """Whether the validation score of a step is known."""
        return any(earlier["step"] == step for earlier in self.history)

    def is_best(self, rsum: float) -> bool:
        """Whether a validation score is at least that of all before."""
        return all(rsum >= earlier["rsum"] for earlier in self.history)


def save_state(
    run: Path,
    progress: Progress,
    step: TrainingStep,
    encoder: TextImageEncoder,
    fingerprints: Fingerprints,
    meta: dict[str, Any],
) -> None:
    """Write everything the rest of the run depends on as one checkpoint file; call on rank zero.

    Args:
        run: the run's folder.
        progress: its step names the file.
        step: network, loss and optimizer.
        encoder: of the captions.
        fingerprints: of all that the network was trained on.
        meta: JSON-able description of the run so far, with "training", "training_data" and "config".
    """
    tensors = with_prefix("network", step.network.state_dict()) | with_prefix("loss", step.loss.state_dict())
    for number, values in step.optimizer.state_dict()["state"].items():
        tensors |= with_prefix(f"optimizer.{number}", values)
    tensors |= fingerprints_to_tensors(fingerprints)
    encoder_tensors, encoder_meta = encoder_to_tensors(encoder)
    meta = meta | {"encoder": encoder_meta, "history": progress.history}
    save_checkpoint(run, progress.step, tensors | encoder_tensors, meta)


def restore_state(step: TrainingStep, checkpoint: Checkpoint) -> None:
    """Load network, loss and optimizer from the tensors of a checkpoint.

    Raises:
        InputError: they are not those of this network, loss and optimizer, as after an update of this project.
    """
    try:
        _restore(step, checkpoint.tensors)
    except (RuntimeError, KeyError, IndexError, ValueError) as error:
        first = str(error).strip().partition("\n\t")[2].partition("\n")[0] or str(error)
        raise other_tensors(checkpoint, first) from error


def _restore(step: TrainingStep, tensors: dict[str, torch.Tensor]) -> None:
    step.network.load_state_dict(without_prefix("network", tensors))
    step.loss.load_state_dict(without_prefix("loss", tensors))
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in without_prefix("optimizer", tensors).items():
        number, key = name.split(".")
        # In the parameter's own memory format, so that sums run in the same order as before.
        like = step.parameter_list[int(number)]
        if value.ndim and value.shape != like.shape:
            raise ValueError(f"the optimizer's {key} of parameter {number}")
        own = torch.empty_like(like).copy_(value) if value.ndim else value
        state.setdefault(int(number), {})[key] = own
    if len({frozenset(values) for values in state.values()}) > 1:
        raise ValueError("the optimizer's state is incomplete")
    groups = step.optimizer.state_dict()["param_groups"]
    step.optimizer.load_state_dict({"state": state, "param_groups": groups})


def require_same_settings(path: Path, begun: RunConfig, config: RunConfig) -> None:
    """Refuse to resume with another configuration.

    Args:
        path: of the checkpoint or model.
        begun: its configuration.
        config: the present one.

    Raises:
        InputError: naming the settings that differ.
    """
    before, now = begun.to_dict(), config.to_dict()
    for settings in (before, now):
        for name in MACHINE_SETTINGS:
            settings["training"].pop(name)
        # Files may have been moved together with the run. What a teaching file holds is compared elsewhere.
        for section, names in (*PATHS.items(), ("teaching", ("file",))):
            settings[section] |= {name: os.path.basename(settings[section][name]) for name in names}
        settings.pop("data")  # its checksums are compared
    if differing := [f"{key} was {_shown(old)} and is {_shown(new)}" for key, old, new in _differences(before, now)]:
        raise InputError(
            f"{path} was made with another configuration ({'; '.join(differing)}): "
            "resume with the configuration it was started with, or train into another --output"
        )


def require_same_data(checkpoint: Checkpoint, data: dict[str, Any]) -> None:
    """Refuse to resume with other data.

    Args:
        checkpoint: to go on from.
        data: "training_data" and "validation_data" of this call, each as CaptionDataset.describe, or None; and "third",
            what the items of a third modality are, or None.

    Raises:
        InputError: naming the data that differ.
    """
    path, _, meta = checkpoint
    for key, what in (("training_data", "training"), ("validation_data", "validation")):
        if key not in meta:  # a checkpoint of an earlier version
            continue
        then, today = meta[key], data[key]
        if (then and then["sha256"]) != (today and today["sha256"]):
            raise InputError(f"{path} was made with other {what} data: resume with the same data set")
        before, now = (described.get("images_sha256") if described else None for described in (then, today))
        if before and now and before != now:
            raise InputError(
                f"{path} was made with other {what} images (the same names, other contents): put the images back, or "
                "train into another --output"
            )
    if meta.get("third") != data.get("third"):
        raise InputError(
            f"{path} was made with other items of a third modality: install the packages it was started with, or train "
            "into another --output"
        )


def report_other_machine(checkpoint: Checkpoint, config: RunConfig, device: torch.device) -> None:
    """Tell what makes the rest of a run differ from an uninterrupted one: another device, number of threads, ..."""
    then = checkpoint.meta["training"]
    compiled = checkpoint.meta["config"].get("training", {}).get("compile", False)
    machine = {
        "device": (then.get("device"), provenance.describe_device(device)),  # of a CPU with the number of threads
        "precision": (then.get("precision"), supported_precision(config.training.precision, device)),
        "processes": (then.get("processes"), distributed.world_size()),
        "compile": (compiled, config.training.compile),
    }
    for what, (begun, here) in machine.items():
        if begun not in (None, here):
            distributed.tell(
                f"the run began with {what} {begun} and goes on with {here}: the result will not be bit-identical to "
                "that of an uninterrupted run"
            )


def _differences(before: dict[str, Any], now: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    for key, new in now.items():
        if isinstance(new, dict):
            yield from _differences(before[key], new, f"{prefix}{key}.")
        elif before[key] != new:
            yield prefix + key, before[key], new


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)
