"""Learning-rate schedules."""

from __future__ import annotations

import math

from single_net.config import RunConfig


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
