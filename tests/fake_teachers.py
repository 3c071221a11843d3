"""Tiny teachers for tests: they look at coarse pixels and at words."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn import functional as F

from single_net.config import RunConfig
from single_net.data.teaching_file import TeachingFile
from single_net.teaching.prepare import Teachers, prepare_teaching


class CoarsePixels:
    """Sees 6 x 6 pixels; counts how many images it was shown."""

    name, dim, image_size = "coarse pixels", 108, 75

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        self.seen += len(images)
        return F.adaptive_avg_pool2d(images.float() / 255, 6).flatten(1)


class Words:
    """Reads a caption as a set of words."""

    name, dim = "words", 64

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, captions: Sequence[str]) -> torch.Tensor:
        self.read += len(captions)
        found = torch.zeros(len(captions), self.dim)
        for row, caption in enumerate(captions):
            for word in caption.lower().split():
                found[row, zlib.crc32(word.encode()) % self.dim] = 1
        return found


def taught_values(root: Path, file: Path, **sections: dict[str, object]) -> dict[str, dict[str, object] | str]:
    """Settings of a small taught run."""
    values: dict[str, dict[str, object] | str] = {
        "variant": "taught",
        "data": {"name": "table", "root": str(root)},
        "network": {"image_size": 75},
        "augmentation": {"kind": "views", "color": 0.2, "word_dropout": 0.1},
        "batch": {"size": 4, "counts": "images"},
        "loss": {"softmax_weight": 0.0, "center_weight": 0.0, "contrastive_weight": 0.25, "contrastive_start": 0.5},
        "teaching": {"file": str(file), "views": 3, "bank": 40, "mixup": 0.5},
        "training": {"epochs": 1.34, "learning_rate": 1e-3},
    }
    for name, section in sections.items():
        own = values.get(name, {})
        assert isinstance(own, dict)
        values[name] = own | section
    return values


def write_teaching(root: Path, file: Path, views: int = 4, **sections: dict[str, object]) -> TeachingFile:
    """Prepare the teaching file of such a run."""
    config = RunConfig.from_dict(taught_values(root, file, **sections))
    teachers = Teachers(CoarsePixels(), Words(), torch.device("cpu"))
    teaching = prepare_teaching(config, teachers, views)
    teaching.save(file)
    return teaching
