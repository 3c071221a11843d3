"""Which checkpoints a run may go on from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from encoded_text.common.errors import InputError
from single_net.common.provenance import describe_device
from single_net.config import RunConfig
from single_net.training.checkpoints import Checkpoint
from single_net.training.state import report_other_machine, require_same_data, require_same_settings

DATA = {"sha256": {"ids": "a", "captions": "b"}}


def check(before: dict | None, now: dict | None, key: str = "training_data") -> None:
    described = {"training_data": DATA, "validation_data": DATA}
    require_same_data(Checkpoint(Path("checkpoint"), {}, {**described, key: before}), described | {key: now})


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
    described = {"training_data": DATA, "validation_data": DATA}
    require_same_data(Checkpoint(Path("checkpoint"), {}, {"training_data": DATA}), described)


def test_other_items_of_a_third_modality_are_no_way_to_go_on():
    spoken = {"name": "speech", "speaker": "one", "sha256": "a"}
    check(spoken, dict(spoken), "third")
    check(None, None, "third")
    for now in (None, spoken | {"speaker": "another"}):
        with pytest.raises(InputError, match="other items of a third modality"):
            check(spoken, now, "third")


def test_other_settings_are_no_way_to_go_on():
    require_same_settings(Path("checkpoint"), RunConfig(), RunConfig())
    other = RunConfig.from_dict({"training": {"learning_rate": 0.5, "compile": True}})
    with pytest.raises(InputError, match=r"another configuration \(training\.learning_rate was 0\.\d+ and is 0\.5\)"):
        require_same_settings(Path("checkpoint"), RunConfig(), other)


def told(capsys, training: dict, config: RunConfig) -> list[str]:
    meta = {"config": RunConfig().to_dict(), "training": training}
    report_other_machine(Checkpoint(Path("checkpoint"), {}, meta), config, torch.device("cpu"))
    return capsys.readouterr().err.splitlines()


def test_another_machine_precision_or_compiler_goes_on_and_is_reported(capsys):
    here = describe_device(torch.device("cpu"))
    compiled = RunConfig.from_dict({"training": {"compile": True}})
    assert told(capsys, {"device": here, "precision": "float32", "processes": 1}, RunConfig()) == []
    assert told(capsys, {}, RunConfig()) == []  # a checkpoint of an earlier version
    one, two, three = told(capsys, {"device": "NVIDIA H200", "precision": "bfloat16", "processes": 1}, compiled)
    assert f"device NVIDIA H200 and goes on with {here}:" in one and "bit-identical" in one
    assert "precision bfloat16 and goes on with float32" in two and "compile False and goes on with True" in three
