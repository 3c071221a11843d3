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


def check(before: dict | None, now: dict | None, key: str = "training_data") -> None:
    config = RunConfig()
    training = {"precision": "float32", "threads": torch.get_num_threads()}
    described = {"training_data": DATA, "validation_data": DATA}
    meta = {"config": config.to_dict(), "training": training, **described, key: before}
    check_compatible(Checkpoint(Path("checkpoint"), {}, meta), config, described | {key: now}, "float32")


KEYS = pytest.mark.parametrize("key", ["training_data", "validation_data"])


@KEYS
@pytest.mark.parametrize(
    ("before", "now"),
    [
        (DATA, DATA),
        (DATA | {"images_sha256": "c"}, DATA | {"images_sha256": "c"}),
        (DATA, DATA | {"images_sha256": "c"}),  # a checkpoint of an earlier version
    ],
)
def test_the_same_data_go_on(before, now, key):
    check(before, now, key)


@KEYS
def test_changed_images_do_not(key):
    with pytest.raises(InputError, match=rf"other {key.removesuffix('_data')} images .*the same names, other contents"):
        check(DATA | {"images_sha256": "c"}, DATA | {"images_sha256": "d"}, key)


@KEYS
def test_changed_captions_do_not(key):
    with pytest.raises(InputError, match=f"other {key.removesuffix('_data')} data"):
        check(DATA, {"sha256": {"ids": "a", "captions": "c"}}, key)


@pytest.mark.parametrize(("before", "now"), [(None, DATA), (DATA, None)])
def test_a_validation_set_that_came_or_went_is_other_data(before, now):
    with pytest.raises(InputError, match="other validation data"):
        check(before, now, "validation_data")


def test_no_validation_set_then_and_now_goes_on():
    check(None, None, "validation_data")


def test_a_checkpoint_that_does_not_know_its_validation_set_goes_on():
    config = RunConfig()
    meta = {"config": config.to_dict(), "training": {}, "training_data": DATA}
    described = {"training_data": DATA, "validation_data": DATA}
    check_compatible(Checkpoint(Path("checkpoint"), {}, meta), config, described, "float32")


def test_other_items_of_a_third_modality_are_no_way_to_go_on():
    spoken = {"name": "speech", "speaker": "one", "sha256": "a"}
    check(spoken, dict(spoken), "third")
    check(None, None, "third")
    for now in (None, spoken | {"speaker": "another"}):
        with pytest.raises(InputError, match="other items of a third modality"):
            check(spoken, now, "third")


def test_another_precision_or_number_of_threads_goes_on_and_is_reported(capsys):
    config, threads = RunConfig(), torch.get_num_threads()
    data = {"training_data": DATA, "validation_data": DATA}
    meta = {"config": config.to_dict(), "training": {"precision": "bfloat16", "threads": threads + 1}, **data}
    check_compatible(Checkpoint(Path("checkpoint"), {}, meta), config, data, "float32")
    compiled = RunConfig.from_dict({"training": {"compile": True}})
    check_compatible(Checkpoint(Path("checkpoint"), {}, meta), compiled, data, "float32")
    one, two, *_, three = capsys.readouterr().err.splitlines()
    assert "compile False and goes on with True" in three
    assert "precision bfloat16 and goes on with float32" in one and "bit-identical" in one
    assert f"threads {threads + 1} and goes on with {threads}:" in two and "bit-identical" in two
