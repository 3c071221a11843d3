"""Noticing that training has diverged, without waiting for the GPU at every step."""

from __future__ import annotations

from typing import NoReturn

import torch

from encoded_text.common.errors import InputError
from single_net.common import distributed
from single_net.training.step import TrainingStep

_NO_STEP = 2**62


class Divergence:
    """Remembers on the device the first step whose loss is not finite.

    Args:
        device: of the losses.
    """

    def __init__(self, device: torch.device):
        self._first_bad = torch.full((), _NO_STEP, device=device)

    def note(self, step: int, loss: torch.Tensor) -> None:
        """Take note of the loss of a step; the GPU is not waited for."""
        bad = self._first_bad.clamp(max=step)
        self._first_bad = torch.where(torch.isfinite(loss), self._first_bad, bad)

    def first_step(self) -> int | None:
        """The first bad step of any process, or None; waits for the GPU. All processes must call."""
        [first] = distributed.all_reduce_max([-int(self._first_bad)])
        return None if -first == _NO_STEP else -first


def is_finite(step: TrainingStep) -> bool:
    """Whether all weights, centers and optimizer state are finite."""
    moments = (value for state in step.optimizer.state_dict()["state"].values() for value in state.values())
    values = (value for value in (*step.state_dict().values(), *moments) if value.is_floating_point())
    return all(bool(torch.isfinite(value).all()) for value in values)


def stop_diverged(what: str, step: int, rate: float) -> NoReturn:
    """Raise InputError with where a training diverged.

    Args:
        what: is not finite, with its verb.
        step: after which.
        rate: learning rate of that step.

    Raises:
        InputError: always.
    """
    raise InputError(
        f"{what} not finite at step {step} (learning rate {rate:g}): lower training.learning_rate or loss.center_rate, "
        "or train in float32, into another --output"
    )
