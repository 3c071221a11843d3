"""Preparing to teach: frozen teachers over all images and captions, a joint space over what they say, one file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from single_net.common import provenance
from single_net.config import RunConfig
from single_net.data.cache import cache_folder, cache_key, prune_folders
from single_net.data.dataset import CaptionDataset
from single_net.data.image_array import ImageArray
from single_net.data.image_cache import image_contents, prepare_images
from single_net.data.readers.problems import MissingSplit
from single_net.data.teaching_file import TeachingFile, describe_training_split, pack_vectors
from single_net.evaluation.protocol import CAPTIONS, IMAGES
from single_net.models.teachers import CaptionTeacher, ImageTeacher
from single_net.retrieval.recall import json_keys, recall_at_k
from single_net.teaching.features import MIN_CROP, caption_features, draw_views, image_features
from single_net.teaching.joint_space import DIM, Features, JointSpace, fit_joint_space
from single_net.training.data import load_training_data


class Teachers:
    """The two frozen teachers, with what they have said before in the cache of prepared images.

    Args:
        images, captions: the teachers; None if no captions are read.
        device: of both.
    """

    def __init__(self, images: ImageTeacher, captions: CaptionTeacher | None, device: torch.device):
        self.images, self.captions, self.device = images, captions, device
        self._cache = cache_folder() / "teachers"
        prune_folders(self._cache)

    def see(self, data: CaptionDataset, images: ImageArray, views: int = 1, seed: int = 0) -> np.ndarray:
        """Features of views of the images of a split, see features.draw_views: float16 (images, views, dim)."""
        boxes, mirrored = draw_views(len(data), views, seed)
        contents = image_contents(data)
        own = [(id, contents[id]) for id in data.ids]  # packed and drawn images have one content for all
        shown = []
        for number in range(views):
            how = [seed, number, MIN_CROP] if number else []
            folder = self._cache / cache_key(self.images.name, self.images.image_size, own, how)
            what = f"teacher, {data.split} images, view {number + 1} of {views}"
            shown.append(
                image_features(self.images, images, boxes[:, number], mirrored[:, number], folder, self.device, what)
            )
        return np.stack(shown, 1)

    def read(self, captions: list[str]) -> np.ndarray:
        """Features of captions: float16 (captions, dim)."""
        assert self.captions is not None
        return caption_features(
            self.captions, captions, self._cache / cache_key(self.captions.name, captions), self.device
        )


def prepare_teaching(config: RunConfig, teachers: Teachers, views: int) -> TeachingFile:
    """Everything that the training of a taught run needs from its teachers.

    Args:
        config: of the run: its data, its extra captions and its seed are used.
        teachers: frozen.
        views: of each training image.

    Raises:
        InputError: unusable data, as training.data.load_training_data.
    """
    assert teachers.captions is not None
    git = provenance.git_state()  # of the code that is running, whatever is committed meanwhile
    size, seed = teachers.images.image_size, config.training.seed
    without_third = config.data.model_copy(update={"third": ""})  # what belongs to captions is taught as they are
    data = load_training_data(without_third, size, config.encoder.extra_captions)
    # The tested parts come first: small, and a fault in them is found early.
    tested = [(part, _features(teachers, part, images)) for part, images in tested_parts(config, size)]
    train = _features(teachers, data.train, data.images, views, seed)
    extra = teachers.read(data.extra.flat_captions) if data.extra else None
    joint = fit_joint_space(train, seed, teachers.device)

    vectors: dict[str, torch.Tensor] = {}
    splits: dict[str, Any] = {}
    for part, features in tested:
        images, captions = joint.project("images", features.views[:, 0]), joint.project("captions", features.captions)
        recall = json_keys(recall_at_k(images, captions, features.image_of_caption))
        splits[part.split] = {"images": len(part), "sha256": part.checksums(), "recall": recall}
        vectors |= {f"{part.split}.images": pack_vectors(images), f"{part.split}.captions": pack_vectors(captions)}
    boxes, mirrored = draw_views(len(data.train), views, seed)
    return TeachingFile(
        views=torch.stack([_packed(joint, "images", train.views[:, number]) for number in range(views)], 1),
        boxes=torch.from_numpy(boxes),
        mirrored=torch.from_numpy(mirrored),
        captions=_packed(joint, "captions", train.captions),
        extra=torch.empty(0, DIM, dtype=torch.int8) if extra is None else _packed(joint, "captions", extra),
        tested=vectors,
        meta={
            "train": describe_training_split(data.train),
            "extra": {"name": data.extra.name, "sha256": data.extra.checksums()["captions"]} if data.extra else None,
            "splits": splits,
            "teachers": {"images": teachers.images.name, "captions": teachers.captions.name},
            "views": views,
            "seed": seed,
            "command": provenance.command(),
            "git": git,
            "versions": provenance.versions(),
        },
    )


def _features(teachers: Teachers, data: CaptionDataset, images: ImageArray, views: int = 1, seed: int = 0) -> Features:
    captions = teachers.read(data.flat_captions)
    return Features(teachers.see(data, images, views, seed), captions, data.image_of_caption)


def tested_parts(config: RunConfig, size: int) -> Iterator[tuple[CaptionDataset, ImageArray]]:
    """What is evaluated of the validation and the test split, with decoded images."""
    for split in ("val", "test"):
        try:
            loaded = config.data.load(split)
        except MissingSplit:  # load_training_data has told it
            continue
        data, images = prepare_images(loaded, size, skip_bad=config.data.skip_bad)
        part = data.first(IMAGES, CAPTIONS)
        yield part, images[: len(part)]


def _packed(joint: JointSpace, tower: str, features: np.ndarray) -> torch.Tensor:
    return pack_vectors(joint.project(tower, features))
