"""Which settings tell two trainings apart."""

from __future__ import annotations

import pytest

from experiments.settings import comparable, differences
from single_net.config import RunConfig

PLAIN = {"variant": "small", "data": {"name": "table", "root": "/a"}}


def config(**sections) -> RunConfig:
    return RunConfig.from_dict(PLAIN | sections)


@pytest.mark.parametrize(
    "sections",
    [
        {"data": {"name": "table", "root": "/b", "image_folder": "/c", "columns": {"image": "photo"}}},
        {"training": {"seed": 3, "checkpoint_minutes": 5.0, "compile": True}},
    ],
)
def test_places_seeds_saving_and_compiling_make_no_other_training(sections):
    assert comparable(config(**sections)) == comparable(config()) and not differences(config(), config(**sections))


def test_of_the_run_that_a_training_goes_on_from_it_counts_that_there_is_one():
    first, other = (config(training={"init_from": f"/{run}/model.safetensors"}) for run in ("a", "b"))
    assert comparable(first) == comparable(other)
    assert differences(config(), first) == {"training.init_from": (False, True)}


def test_every_other_setting_counts():
    changed = config(loss={"centers": "zero"}, training={"epochs": 3.0})
    found = differences(config(), changed)
    assert set(found) == {"loss.centers", "training.epochs"} and found["loss.centers"] == ("ema", "zero")
