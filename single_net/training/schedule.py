"""Learning rate and ramps as pure functions of the step, so that resuming needs no state of theirs."""

from __future__ import annotations

import math


def learning_rate(schedule: str, peak: float, step: int, steps: int) -> float:
    """The learning rate of a step.

    "one_cycle" rises over the first 30 % of the steps on a cosine from peak / 25 to the peak and falls on a cosine
    towards peak / 10,000 (Smith and Topin 2018; torch's OneCycleLR with final_div_factor 400 reaches both one step
    earlier).

    Args:
        schedule: "constant" or "one_cycle".
        peak: the highest rate.
        step: 0 .. steps - 1.
        steps: of the whole training.
    """
    if schedule == "constant":
        return peak
    start, end, rise = peak / 25, peak / 1e4, 0.3 * steps
    if step < rise:
        return start + (peak - start) * (1 - math.cos(math.pi * step / rise)) / 2
    return end + (peak - end) * (1 + math.cos(math.pi * (step - rise) / (steps - rise))) / 2


def ramp(step: int, steps: int, *, start: float, length: float) -> float:
    """Share of a loss term's weight in force: 0 before `start`, then rising linearly to 1 over `length`.

    Args:
        step: 0 .. steps - 1.
        steps: of the whole training.
        start, length: shares of training; a length of 0 is a jump.
    """
    since = step / steps - start
    if since < 0:
        return 0.0
    return min(1.0, since / length) if length else 1.0
