"""Recall@K of a taught network's images against its teachers' captions, and the reverse: which branch loses what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from encoded_text.common.errors import InputError
from single_net.common import tensor_file
from single_net.data.dataset import CaptionDataset
from single_net.data.teaching_file import unpack_vectors
from single_net.retrieval.recall import json_keys, recall_at_k

KIND = "teacher comparison"
WORDS = {
    "teachers": "the teachers themselves",
    "captions": "encoded captions against the teacher's images",
    "images": "images against the teacher's captions",
    "student": "images against captions in the teachers' space",
}


@dataclass(frozen=True)
class TeacherComparison:
    """What a comparison with the teachers needs; kept beside the model file, which does not need it.

    Attributes:
        head: float32 (teachers' dim, embedding_dim), takes embeddings into the teachers' space.
        tested: the teachers' vectors by "SPLIT.images" and "SPLIT.captions", int8, see data.teaching_file.TeachingFile.
        splits: by split, "sha256" (the dataset's checksums) and "recall" of the teachers themselves.
    """

    head: torch.Tensor
    tested: dict[str, torch.Tensor]
    splits: dict[str, Any]

    @staticmethod
    def place(model: Path) -> Path:
        """The file beside a model file: model.teacher.safetensors."""
        return model.with_suffix(".teacher.safetensors")

    def save(self, model: Path) -> None:
        """Write the file beside a model file."""
        tensors = {"head": self.head} | tensor_file.with_prefix("tested", self.tested)
        tensor_file.save(self.place(model), KIND, tensors, {"splits": self.splits})

    @classmethod
    def load(cls, model: Path) -> TeacherComparison | None:
        """Read the file beside a model file; None if there is none. Raises InputError for a damaged one."""
        path = cls.place(model)
        if not path.exists():
            return None
        tensors, meta = tensor_file.load(path, KIND)
        splits = meta.get("splits")
        known = splits if isinstance(splits, dict) else {}
        needed = {"head", *(f"tested.{split}.{kind}" for split in known for kind in ("images", "captions"))}
        if not isinstance(splits, dict) or not needed <= tensors.keys() or tensors["head"].ndim != 2:
            raise InputError(f"{path} is damaged: delete it to evaluate without the teachers")
        return cls(tensors["head"], tensor_file.without_prefix("tested", tensors), splits)

    def measure(
        self, image_embeddings: np.ndarray, caption_embeddings: np.ndarray, part: CaptionDataset
    ) -> dict[str, Any] | None:
        """Recall@K of each branch.

        Args:
            image_embeddings: float32 (images, embedding_dim), of the student.
            caption_embeddings: float32 (captions, embedding_dim).
            part: the images and captions that are evaluated.

        Returns:
            {"teachers" | "captions" | "images" | "student": {direction: {"1", "5", "10"}}}, in percent: the teachers
            themselves, the student's encoded captions against the teacher's images, its images against the teacher's
            captions, and its own images against its own captions in the teachers' space; None if the teachers have not
            seen this part.
        """
        known = self.splits.get(part.split)
        if known is None or known["sha256"] != part.checksums():
            return None
        images, captions = (unpack_vectors(self.tested[f"{part.split}.{kind}"]) for kind in ("images", "captions"))
        own_images, own_captions = (
            torch.from_numpy(embeddings) @ self.head.T for embeddings in (image_embeddings, caption_embeddings)
        )
        image_of_caption = part.image_of_caption
        pairs = {
            "captions": (images, own_captions),
            "images": (own_images, captions),
            "student": (own_images, own_captions),
        }
        found = {"teachers": known["recall"]}
        for name, pair in pairs.items():
            found[name] = json_keys(recall_at_k(*pair, image_of_caption))
        return found
