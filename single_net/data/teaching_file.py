"""The teaching file: what teachers say of the images and captions of a data set, in one safetensors file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from encoded_text.common.errors import InputError
from encoded_text.common.files import sha256
from single_net.common import tensor_file
from single_net.data.cache import cache_folder
from single_net.data.checksums import image_checksums
from single_net.data.dataset import CaptionDataset

KIND = "teaching file"
NAMES = ("views", "boxes", "mirrored", "captions", "extra")


@dataclass(frozen=True)
class TeachingFile:
    """Vectors of the teachers' joint space, packed by `pack_vectors`.

    Attributes:
        views: int8 (images, views, dim), of views of the training images; the first view is the whole image.
        boxes: float16 (images, views, 4), where the views are, see data.augmentation.Views.
        mirrored: bool (images, views): which views are of the mirrored image.
        captions: int8 (captions, dim), of the training captions, image by image.
        extra: int8 (captions, dim), of captions of another data set, whose images nobody needs; may be empty.
        tested: of the part of a split that is evaluated, by "SPLIT.images" and "SPLIT.captions": int8 (n, dim).
        file_sha256: checksum of the file it was read from.
        meta: JSON-able: "train" (ids of the images and a checksum of each one's captions), "extra", "splits" (checksums
            and the teachers' own recall, by split), and what the file was made with.
    """

    views: torch.Tensor
    boxes: torch.Tensor
    mirrored: torch.Tensor
    captions: torch.Tensor
    extra: torch.Tensor
    tested: dict[str, torch.Tensor]
    meta: dict[str, Any]
    file_sha256: str = ""

    def describe(self) -> dict[str, Any]:
        """What records say of the teachers: their names, number of views, seed, own recall, and a checksum."""
        kept = ("teachers", "views", "seed", "splits", "extra")
        return {key: self.meta[key] for key in kept} | {"file_sha256": self.file_sha256}

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.views.shape[2]

    @property
    def num_views(self) -> int:
        """Views of an image."""
        return self.views.shape[1]

    def save(self, path: Path) -> None:
        """Write the file atomically."""
        own = {name: getattr(self, name) for name in NAMES}
        tensor_file.save(path, KIND, own | tensor_file.with_prefix("tested", self.tested), self.meta)

    @classmethod
    def load(cls, path: Path) -> TeachingFile:
        """Read a file. Raises InputError if it is missing, damaged, or something else."""
        tensors, meta = tensor_file.load(path, KIND)
        try:
            teaching = cls(
                tensors["views"],
                tensors["boxes"],
                tensors["mirrored"],
                tensors["captions"],
                tensors["extra"],
                tensor_file.without_prefix("tested", tensors),
                meta,
                sha256(path),
            )
            images, views, dim = teaching.views.shape
            shapes = {"boxes": (images, views, 4), "mirrored": (images, views)}
            fits = all(getattr(teaching, name).shape == shape for name, shape in shapes.items())
            fits &= all(
                vectors.shape[1:] == (dim,)
                for vectors in (teaching.captions, teaching.extra, *teaching.tested.values())
            )
            train = meta["train"]
            fits &= len(train["ids"]) == len(train["captions"]) == len(train["counts"]) == images
            fits &= sum(train["counts"]) == len(teaching.captions)
            if not fits:
                raise ValueError("its tensors do not fit each other")
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} is damaged ({error}): prepare it anew with python -m single_net.teach") from None
        return teaching

    def part(self, views: int) -> TeachingFile:
        """The first views of each image, and no captions without images: a small file for another machine."""
        kept = min(views, self.num_views)
        return dataclasses.replace(
            self,
            views=self.views[:, :kept],
            boxes=self.boxes[:, :kept],
            mirrored=self.mirrored[:, :kept],
            extra=self.extra[:0],
            meta=self.meta | {"views": kept, "extra": None},
        )

    def of(self, train: CaptionDataset, extra: CaptionDataset | None, path: str) -> TeachingFile:
        """What concerns the data of a run, in the order of these.

        Args:
            train: the training split, or a part of it.
            extra: captions of another data set; None leaves those of the file out.
            path: names the file in messages.

        Raises:
            InputError: the file was made for other images or captions.
        """
        known = {id: place for place, id in enumerate(self.meta["train"]["ids"])}
        again = "prepare it anew with python -m single_net.teach"
        places = [known.get(id, -1) for id in train.ids]
        if -1 in places:
            raise InputError(f"{path} does not know the image {train.ids[places.index(-1)]}: {again}")
        checksums = self.meta["train"]["captions"]
        for place, captions, id in zip(places, train.captions, train.ids, strict=True):
            if checksums[place] != captions_checksum(captions):
                raise InputError(f"{path} was made with other captions of {id}: {again}")
        images = self.meta["train"].get("images") or [None] * len(known)  # older files have none
        for place, checksum, id in zip(places, _image_checksums(train), train.ids, strict=True):
            if checksum and images[place] not in (None, checksum):
                raise InputError(f"{path} was made with another image of the name {id}: {again}")
        others = self.extra[:0]
        if extra is not None and len(self.extra):
            if self.meta["extra"]["sha256"] != extra.checksums()["captions"]:
                raise InputError(f"{path} was made with other captions of {extra.name}: {again}")
            others = self.extra
        first = np.concatenate([[0], np.cumsum(self.meta["train"]["counts"])])
        rows = torch.from_numpy(np.concatenate([np.arange(first[place], first[place + 1]) for place in places]))
        chosen = torch.tensor(places)
        return dataclasses.replace(
            self,
            views=self.views[chosen],
            boxes=self.boxes[chosen],
            mirrored=self.mirrored[chosen],
            captions=self.captions[rows],
            extra=others,
        )

    def require_disjoint(self, tested: CaptionDataset, path: str) -> None:
        """Check that the teachers' joint space has not been fitted on what a run is validated or tested on.

        Args:
            tested: such a split.
            path: names the file in messages.

        Raises:
            InputError: naming an image of the split that was a training image when the file was made.
        """
        known = dict(zip(self.meta["train"]["ids"], self.meta["train"]["captions"], strict=True))
        for id, captions in zip(tested.ids, tested.captions, strict=True):
            if id in known and known[id] == captions_checksum(captions):
                raise InputError(
                    f"{path} was made when {id} was a training image, and it is in the {tested.split} split now: "
                    "prepare it anew with python -m single_net.teach"
                )


def captions_checksum(captions: list[str]) -> str:
    """Sixteen digits that tell whether the captions of an image are still the same."""
    return hashlib.blake2b(json.dumps(captions).encode(), digest_size=8).hexdigest()


def _image_checksums(data: CaptionDataset) -> list[str | None]:
    """None for what is packed or made by code: the same images have other pixels there."""
    return [None] * len(data) if data.images_version else image_checksums(data, cache_folder())


def describe_training_split(train: CaptionDataset) -> dict[str, Any]:
    """The part of a file's meta that `TeachingFile.of` looks images and captions up in."""
    return {
        "ids": list(train.ids),
        "images": _image_checksums(train),
        "captions": [captions_checksum(captions) for captions in train.captions],
        "counts": [len(captions) for captions in train.captions],
    }


def pack_vectors(values: torch.Tensor) -> torch.Tensor:
    """Round vectors to integers from -127 to 127, each by its own largest value.

    The cosine of a vector of 256 normally distributed values with what `unpack_vectors` makes of it is above 0.9999.

    Args:
        values: float (..., dim).

    Returns:
        int8 (..., dim).
    """
    largest = values.abs().amax(-1, keepdim=True).clamp(min=1e-12)
    return (values * (127 / largest)).round_().to(torch.int8)


def unpack_vectors(codes: torch.Tensor) -> torch.Tensor:
    """The vectors of `pack_vectors`, L2-normalized: int8 (..., dim) -> float32 (..., dim) on the same device."""
    return F.normalize(codes.float(), dim=-1)
