"""Studies: tables of single changes, from made-up records; their rows can be trained; the committed ones agree."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from encoded_text import InputError
from experiments import ambiguities, reproduce, twin
from experiments.records import read_record, read_records
from experiments.studies import make_study
from single_net.config import RunConfig, load_config

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = list(RunConfig().to_dict())


def in_order(change: str) -> int:
    """The place of the section of "section.key=value" in a configuration."""
    return SECTIONS.index(change.partition(".")[0])


STUDIES = [twin.STUDY, ambiguities.STUDY]


def cells(markdown: str) -> list[list[str]]:
    table = markdown.split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in (table[0], *table[2:])]


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_row_is_the_base_with_its_single_change(study):
    for row in study.rows:
        base = row.replace("-", "_") in reproduce.ROWS
        variant = reproduce.variant(row)
        for data in ("scenes", "flickr8k"):
            plain = load_config(ROOT / reproduce.config_file(data, variant.base))
            config = load_config(ROOT / reproduce.config_file(data, row), variant.changes)
            assert config.row == row
            changed = [
                f"{section}.{key}"
                for section, values in config.to_dict().items()
                if section != "row"
                for key, value in values.items()
                if value != plain.to_dict()[section][key]
            ]
            assert changed == [change.partition("=")[0] for change in sorted(study.rows[row].changes, key=in_order)]
            if row.startswith("groups-"):
                assert "loss.classes" in changed and len(changed) == (1 if row == "groups-config-2" else 2)
            else:
                assert len(changed) == (0 if base else 1)


def test_the_twins_table(tmp_path, write_record, monkeypatch, capsys):
    first = write_record("flickr8k", "nested", "twin", parameters=22793728)
    write_record("flickr8k", "twin-lstm", "twin", parameters=23000000)
    second = first.with_name("flickr8k-nested-seed1.json")
    second.write_text(first.read_text().replace('"seed": 3', '"seed": 4'))
    monkeypatch.chdir(tmp_path)
    make_study(twin.STUDY, [])
    shown = capsys.readouterr().out
    header, one, lstm = cells(shown)
    assert header[-3:] == ["Parameters", "Training", "Memory"]
    assert one[0] == "the network for photographs (the paper), 2 runs" and "± 0.0" in one[1]
    assert one[-3:] == ["22,793,728", "3.3 min", "–"]
    assert lstm[0] == "an LSTM on word vectors" and lstm[1:7] != one[1:7]
    lines = list(csv.DictReader(io.StringIO((tmp_path / "results/twin.csv").read_text())))
    assert [line["row"] for line in lines] == ["nested", "nested", "twin-lstm"]
    assert float(lines[0]["i2t_r10"]) == read_record(first)["metrics.image_to_sentence.recall.10"]
    assert lines[2]["settings"] == "network.caption_network=lstm"
    assert r"\begin{tabular}{lrrrrrrrrr}" in (tmp_path / "results/twin.tex").read_text()


def test_the_ambiguities_table_has_intervals_and_the_raw_distance(tmp_path, write_record, monkeypatch, capsys):
    path = write_record("scenes", "config-standard", "ambiguities")
    write_record("scenes", "batch-mixed", "ambiguities")
    monkeypatch.chdir(tmp_path)
    make_study(ambiguities.STUDY, [])
    _, base, mixed, raw = cells(capsys.readouterr().out)
    metrics = read_record(path)["metrics"]
    low, high = metrics["image_to_sentence"]["interval_95"]["10"]
    assert base[1] == f"{metrics['image_to_sentence']['recall']['10']:.1f} [{low:.1f}, {high:.1f}]"
    assert mixed[0].startswith("batches: inputs shuffled")
    low, high = metrics["extra"]["raw_euclidean_interval_95"]["sentence_to_image"]["10"]
    recall = metrics["extra"]["raw_euclidean"]["sentence_to_image"]["10"]
    assert low <= recall <= high and raw[2] == f"{recall:.2f} [{low:.2f}, {high:.2f}]"


def test_without_records_it_says_how_to_make_them_and_strange_rows_are_refused(tmp_path, write_record, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_study(twin.STUDY, [])
    for suffix in ("md", "tex"):
        assert "make reproduce-twin" in (tmp_path / f"results/twin.{suffix}").read_text()
    write_record("scenes", "config-2", "twin")
    with pytest.raises(InputError, match="'config-2' is not one of twin's"):
        make_study(twin.STUDY, [])


def test_rows_are_chosen_by_either_spelling_and_strange_ones_are_refused():
    assert reproduce.choose_rows("table1", ["config-2", "nested"]) == ("config_2", "nested")
    assert reproduce.choose_rows("ambiguities", ["config_2"]) == ("config-2",)
    assert reproduce.choose_rows("twin", None) == tuple(twin.STUDY.rows)
    with pytest.raises(InputError, match="table1 has no row 'twin-lstm'"):
        reproduce.choose_rows("table1", ["twin-lstm"])


def test_a_variant_is_checked_against_what_was_trained(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.chdir(ROOT)
    small = ["loss.granularities=[2,4]", "network.image_size=75"]
    reproduce.check("table", [("nested", 0), ("twin-lstm", 0)], small)
    assert reproduce.run_folder("table", "twin-lstm", 1) == Path("runs/table-twin-lstm-seed1")


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_committed_tables_agree_with_the_committed_records(study):
    records = read_records(ROOT / "results" / "records" / study.name)
    for path, text in study.files(records, ROOT / "results").items():
        assert path.read_text(encoding="utf-8") == text, f"run python -m experiments.{study.name}"
    for record in records:
        default = dataclasses.asdict(RunConfig.from_dict(record["configuration"]))
        for change in study.rows[record["row"]].changes:
            key, _, value = change.partition("=")
            section, name = key.split(".")
            assert str(default[section][name]) == value.strip('"')
