"""Noticing that training has diverged, without waiting for the GPU at every step."""

from __future__ import annotations

import torch

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
