"""The speeds that are measured, and what one H100 should reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What is measured: training, embedding or evaluation.

    Attributes:
        kind: "training", "embedding" or "evaluation".
        size: side of the inputs in pixels.
        samples: of a batch.
        goal: samples a second (of evaluation: seconds) that one H100 should reach; 0: none was set.
    """

    kind: str
    size: int = 0
    samples: int = 0
    goal: float = 0.0


LINES = {
    "training-96-45": Line("training", 96, 45, 8_000),
    "training-160-96": Line("training", 160, 96),
    "training-96-512": Line("training", 96, 512, 25_000),
    "training-256-45": Line("training", 256, 45, 2_500),
    "embedding-160": Line("embedding", 160, 0, 10_000),
    "evaluation": Line("evaluation", goal=1.0),
}
LINES_SMALL = ("training-96-45", "embedding-160", "evaluation")
