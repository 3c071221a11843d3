"""InceptionResNet-V1 with one block where there are five, ten and five: less than half the parameters and time."""

from __future__ import annotations

from typing import Any

from torch import nn

from single_net.models.single_net import InceptionResnetV1


class Shallow(InceptionResnetV1):
    """For tests in which the depth of the network plays no role."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.repeat_1, self.repeat_2, self.repeat_3 = (
            nn.Sequential(blocks[0]) for blocks in (self.repeat_1, self.repeat_2, self.repeat_3)
        )
