"""InceptionResNet-V1 with one block where there are five, ten and five: less than half the parameters and time."""

from __future__ import annotations

from typing import Any

from torch import nn

from single_net.models import single_net


class Shallow(single_net.InceptionResnetV1):
    """For tests in which the depth of the network plays no role."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.repeat_1, self.repeat_2, self.repeat_3 = (
            nn.Sequential(blocks[0]) for blocks in (self.repeat_1, self.repeat_2, self.repeat_3)
        )


def use_shallow() -> None:
    """In this process from now on."""
    single_net.InceptionResnetV1 = Shallow  # type: ignore[misc]
