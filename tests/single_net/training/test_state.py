"""Which checkpoints a run may go on from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from encoded_text.common.errors import InputError
from single_net.config import RunConfig
from single_net.training.checkpoints import Checkpoint
from single_net.training.state import check_compatible

DATA = {"sha256": {"ids": "a", "captions": "b"}}


def check(before: dict, now: dict) -> None:
    config = RunConfig()
    training = {"precision": "float32", "threads": torch.get_num_threads()}
    meta = {"config": config.to_dict(), "training_data": before, "training": training}
    check_compatible(Checkpoint(Path("checkpoint"), {}, meta), config, now, "float32")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (DATA, DATA),
        (DATA | {"images_sha256": "c"}, DATA | {"images_sha256": "c"}),
        (DATA, DATA | {"images_sha256": "c"}),  # a checkpoint of an earlier version
    ],
)
def test_the_same_data_go_on(before, now):
    check(before, now)


def test_changed_images_do_not():
    with pytest.raises(InputError, match=r"other training images .*the same names, other contents"):
        check(DATA | {"images_sha256": "c"}, DATA | {"images_sha256": "d"})


def test_changed_captions_do_not():
    with pytest.raises(InputError, match="other training data"):
        check(DATA, {"sha256": {"ids": "a", "captions": "c"}})
