"""What a run is trained on: decoded images, captions, and the other splits that it must not have seen."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from encoded_text.common.errors import InputError
from single_net.common import distributed
from single_net.common.notice import notice
from single_net.config import DataConfig
from single_net.data.caption_overlap import caption_hashes, without_overlap
from single_net.data.contamination import Fingerprints, find_duplicates, image_fingerprints
from single_net.data.dataset import CaptionDataset
from single_net.data.image_array import ImageArray, ImageRows
from single_net.data.image_cache import image_contents, prepare_images
from single_net.data.load import load_dataset, root_variable
from single_net.data.modality import State
from single_net.data.readers.problems import MissingSplit
from single_net.data.third import ThirdItems, check_third, load_third
from single_net.evaluation.protocol import evaluated


@dataclass(frozen=True)
class TrainingData:
    """The training split and its surroundings.

    Attributes:
        train: captions and names, in the order of `images`; knows its `images_sha256`.
        images: uint8 (images, size, size, 3).
        val: validation set, which knows its `images_sha256` too, or None.
        extra: another data set whose captions teach words as well, or None.
        third: items of a third modality that belong to the captions of `train`, or None.
        fingerprints: of all that is learned from, to refuse a test on it.
    """

    train: CaptionDataset
    images: ImageArray
    val: CaptionDataset | None
    extra: CaptionDataset | None
    third: ThirdItems | None
    fingerprints: Fingerprints

    @property
    def third_state(self) -> State | None:
        """Of the encoder of the third modality."""
        return self.third.encoder.state() if self.third else None


def load_training_data(
    settings: DataConfig, image_size: int, extra_captions: str = "", origin: Fingerprints | None = None
) -> TrainingData:
    """Read and decode the training split, and check it against validation and test split.

    Args:
        settings: data set, folder, and whether to leave out what cannot be read.
        image_size: of the decoded images, in pixels.
        extra_captions: name of a data set whose training captions teach words as well, or "".
        origin: of what the run was trained on that this one starts from.

    Raises:
        InputError: unusable data, training images that are also in the validation or test split, or images of these
            that the origin was trained on.
    """
    if extra_captions:
        _require_root(extra_captions)  # before the images are decoded
    check_third(settings.third)
    skip_bad = settings.skip_bad
    loaded = settings.load("train")
    train, decoded = prepare_images(loaded, image_size, skip_bad=skip_bad)
    images: ImageArray = decoded
    val = _other_split(settings, image_size, "val", "there will be no scores on a validation set")
    test = _other_split(settings, image_size, "test", "training images will not be compared with those of a test split")
    tested = [split for split in (val, test) if split is not None]
    prints, tested_as = distributed.on_rank_zero(
        lambda: _compare(decoded, train.ids, tested, image_size, skip_bad, origin)
    )
    if tested_as:  # only with skip_bad
        kept = np.setdiff1d(np.arange(len(train)), list(tested_as))
        skipped = train.skipped | {"also in the validation or test split": len(tested_as)}
        first = min(tested_as)
        notice(
            f"{train.name} train: left out (also in the validation or test split: {len(tested_as)}), "
            f"the first: {train.ids[first]}, which looks like {tested_as[first]}"
        )
        train = dataclasses.replace(train.select(kept.tolist()), skipped=skipped)
        images, prints = ImageRows(decoded, kept), prints[kept]
    train = dataclasses.replace(train, images_sha256=_checksum(loaded, train))
    extra = _load_extra(extra_captions, settings, loaded, tested) if extra_captions else None
    extra_hashes = caption_hashes(extra.flat_captions if extra else [])
    third = load_third(settings.third, train, image_size) if settings.third else None
    if third and val:  # made now, not at the first validation
        load_third(settings.third, evaluated(val), image_size, third.encoder.state())
    return TrainingData(train, images, val, extra, third, Fingerprints(prints, np.unique(extra_hashes)))


def _checksum(loaded: CaptionDataset, kept: CaptionDataset) -> str:
    """SHA-256 of the contents of the images that are left of those loaded."""
    contents = image_contents(loaded)
    return hashlib.sha256(json.dumps([contents[id] for id in kept.ids]).encode()).hexdigest()


def _other_split(settings: DataConfig, image_size: int, split: str, without: str) -> CaptionDataset | None:
    """The validation or test split with its images decoded: unusable ones are found now, not after hours of training.
    If the data set has no such split, a line says what will be `without` it."""
    try:
        other = settings.load(split)
    except MissingSplit as error:
        distributed.tell(f"{without}: {error}")
        return None
    kept, _ = prepare_images(other, image_size, skip_bad=settings.skip_bad)
    return dataclasses.replace(other, images_sha256=_checksum(other, kept))


def _compare(
    train_images: np.ndarray,
    train_ids: Sequence[str],
    tested: list[CaptionDataset],
    image_size: int,
    skip_bad: bool,
    origin: Fingerprints | None,
) -> tuple[np.ndarray, dict[int, str]]:
    """Fingerprints of the training images, and the names of tested images by the index of the one that looks alike.

    Raises InputError if there are any and skip_bad does not leave them out, or if the origin was trained on what is
    tested, which nothing can take back.
    """
    prints = image_fingerprints(train_images)
    tested_as: dict[int, str] = {}
    for split in tested:
        split, images = prepare_images(split, image_size, skip_bad=skip_bad)
        if origin:
            mend = "take them out of this split, or start from another run"
            origin.require_disjoint(split, images, "the run of training.init_from was trained on", mend)
        if skip_bad:
            same, _ = find_duplicates(prints, image_fingerprints(images))
            tested_as |= {int(i): f"{split.split} image {split.ids[same[i]]}" for i in np.flatnonzero(same >= 0)}
        else:
            mend = "leave them out of training with --skip-bad, or take them out of one split"
            known = Fingerprints(prints, np.empty(0, np.int64))
            known.require_disjoint(split, images, "this run would train on", mend, train_ids)
    return prints, tested_as


def _require_root(extra: str) -> None:
    variable = root_variable(extra)
    if extra != "scenes" and not os.environ.get(variable):
        raise InputError(
            f"where is {extra}? Its captions are learned from, too (encoder.extra_captions): set {variable} to its "
            "folder, or do without them: --set encoder.extra_captions="
        )


def _load_extra(
    name: str, settings: DataConfig, loaded: CaptionDataset, tested: list[CaptionDataset]
) -> CaptionDataset:
    """Captions of another data set, without those of images that this run is tested on; of the run's own data set those
    of images that were not `loaded`: some of these are trained on, others were left out because they are tested."""
    extra = load_dataset(name, None, "train", skip_bad=settings.skip_bad, captions_only=True)
    if name == settings.name:
        own = set(loaded.ids)
        extra = extra.select([i for i, image in enumerate(extra.ids) if image not in own])
    return without_overlap(extra, tested) if tested else extra
