"""Studies are data: read strictly, single changes of a configuration, and each run's record in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from encoded_text import InputError
from experiments import study as module
from experiments.columns import columns, names, sections
from experiments.published import published_lines
from experiments.settings import flat
from experiments.study import NAMES, read_study
from experiments.training import Run
from single_net.config import load_config

STUDIES = [read_study(name) for name in NAMES]
SINGLE = [
    ("two_tower", "scenes"),
    ("two_tower", "flickr8k"),
    ("ambiguities", "scenes"),
    ("ambiguities_flickr8k", "flickr8k"),
]
# A change that needs a second one: the rate belongs to the way the centers move, fewer passes to more images; center
# loss alone is tried with other centers, too.
SECOND = {
    "loss.centers": "loss.center_rate",
    "data.train_images": "training.epochs",
    "loss.softmax_weight": "loss.centers",
}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_everything_that_a_study_names_exists(study):
    assert set(names(study.columns)) <= set(columns()) and set(study.sections) <= set(sections())
    variants = {line.variant for line in study.lines}
    methods = {line.method for line in published_lines(study.published)}
    assert variants | methods >= set(study.readme)
    assert len(variants) == len(study.lines)
    assert all(line.data == study.data for line in published_lines(study.published))
    for line in study.lines:
        assert Run(line, study.data).config().variant == line.variant


@pytest.mark.parametrize(("name", "data"), SINGLE)
def test_every_line_is_its_base_with_a_single_change(name, data, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    for line in read_study(name).lines:
        run = Run(line, data)
        plain, own = flat(load_config(run.config_file).to_dict()), flat(run.config().to_dict())
        changed = [key for key in own if own[key] != plain[key] and key not in ("variant", "data.name")]
        if run.config_file.name.startswith("table_"):  # the file of the data's own teachers
            changed = [key for key in changed if key != "teaching.file"]
        assert sorted(changed) == sorted(flat(line.overrides))
        as_its_base = line.variant in ("reference", "reference-config-2", "nested", "taught")
        first = [key for key in changed if key not in {SECOND.get(other) for other in changed}]
        assert len(first) == (0 if as_its_base else 1)


def test_all_lines_of_the_ambiguities_see_as_many_samples(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    for line in read_study("ambiguities").lines:
        config = Run(line, "scenes").config()
        samples = {"config-standard": 6, "config-2": 12}[config.augmentation.kind]
        assert config.training.epochs * (config.data.train_images or 3_000) * samples == 27_000


def test_nested_on_flickr8k_has_three_seeds():
    assert read_study("flickr8k").line("nested").seeds == (0, 1, 2)


def test_a_record_has_one_home_and_studies_share_it(tmp_path, write_record):
    table2, two_tower = read_study("table2"), read_study("two_tower")
    assert table2.home("scenes", "nested") == "table1" and table2.home("flickr30k", "nested") == "table2"
    assert two_tower.home("flickr8k", "nested") == "flickr8k"
    assert two_tower.home("flickr8k", "two-tower-lstm") == "two_tower"
    write_record("scenes", "nested", "table1")
    write_record("coco", "nested", "table1")
    write_record("flickr30k", "config-2", "table2")
    for seed in (0, 1):
        write_record("flickr8k", "nested", "flickr8k", seed=seed)
    write_record("flickr8k", "two-tower-lstm", "two_tower")
    root = tmp_path / "results" / "records"
    assert [r.path.stem for r in table2.records(root)] == ["flickr30k-config-2", "scenes-nested"]
    assert [r.path.stem for r in read_study("table1").records(root)] == ["coco-nested", "scenes-nested"]
    assert [r.path.stem for r in two_tower.records(root)] == [
        "flickr8k-nested",
        "flickr8k-nested-seed1",
        "flickr8k-two-tower-lstm",
    ]


def test_records_of_unknown_variants_and_unknown_names_are_refused(tmp_path, write_record):
    write_record("flickr8k", "config-2", "two_tower")
    with pytest.raises(InputError, match="two_tower has no variant 'config-2'"):
        read_study("two_tower").records(tmp_path / "results" / "records")
    with pytest.raises(InputError, match="no study is called 'table9'"):
        read_study("table9")


def test_a_study_with_an_unknown_key_is_named(tmp_path, monkeypatch):
    (tmp_path / "studies").mkdir()
    text = 'title = "t"\ndata = "scenes"\ncolumns = []\nseedz = [1]\n[[lines]]\nvariant = "a"\nbase = "nested"\n'
    (tmp_path / "studies" / "mine.toml").write_text(text)
    monkeypatch.setattr(module, "HERE", tmp_path)
    monkeypatch.setattr(module, "NAMES", ("mine",))
    with pytest.raises(InputError, match=r"mine\.toml: seedz"):
        read_study("mine")
