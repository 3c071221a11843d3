"""The pages of a study, from made-up records."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from markdown_cells import cells

from experiments.compare import compare
from experiments.pages import study_files
from experiments.records import read_record
from experiments.study import NAMES, Study, read_study


def pages(name: str, folder: Path) -> dict[str, str]:
    study = read_study(name)
    files = study_files(study, study.records(folder / "results" / "records"))
    return {path.suffix[1:]: text for path, text in files.items()}


def test_published_lines_first_then_measured_ones_own_data_first(tmp_path, write_record):
    for data, variant in (
        ("scenes", "nested"),
        ("coco", "config-2"),
        ("scenes", "config-2"),
        ("coco", "config-standard"),
    ):
        write_record(data, variant)
    _, *rows = cells(pages("table1", tmp_path)["md"])
    assert [row[-1] for row in rows] == ["paper, Table 1"] * 10 + ["authors' follow-up"] * 3 + ["this project"] * 4
    assert rows[9][:-1] == ["Our Work (config-2)", "12.50", "30.10", "40.0", "11.18", "32.22", "45.76", "COCO-1k"]
    assert rows[8][1:7] == ["–"] * 6
    coco, scenes = "COCO test, 1,000 × 5,000", "synthetic scenes test, 1,000 × 5,000"
    assert [(row[0], row[-2]) for row in rows[13:]] == [
        ("Single-Net (config-standard)", coco),
        ("Single-Net (config-2)", coco),
        ("Single-Net (config-2)", scenes),
        ("Single-Net (nested)", scenes),
    ]


def test_measured_numbers_come_from_the_record(tmp_path, write_record):
    record = read_record(write_record("scenes", "nested"))
    text = pages("table1", tmp_path)
    i2t, t2i = (record[f"metrics.{d}"] for d in ("image_to_sentence", "sentence_to_image"))
    expected = [f"{i2t['recall'][k]:.1f}" for k in ("1", "5", "10")]
    expected += [f"{t2i['recall'][k]:.2f}" for k in ("1", "5", "10")]
    assert cells(text["md"])[-1][1:7] == expected
    intervals, runs = (text["md"].split(f"## {heading}")[1] for heading in ("Intervals", "Runs"))
    for one, digits in ((i2t, 1), (t2i, 2)):
        low, high = one["interval_95"]["10"]
        assert f" {one['recall']['10']:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]" in intervals
        assert f" {one['chance']['10']:.2f} |" in intervals and f"{one['mAP']:.2f}" in intervals
    for cell in ("144,000", "6,000", "4.3 min", "cpu: made up, 2 threads"):
        assert f" {cell} " in runs
    assert "[scenes-nested](records/table1/scenes-nested.json)" in runs

    *published, measured = csv.DictReader(io.StringIO(text["csv"]))
    assert float(measured["i2t_r1"]) == i2t["recall"]["1"] and float(measured["t2i_r10"]) == t2i["recall"]["10"]
    assert float(measured["t2i_r10_low95"]) == t2i["interval_95"]["10"][0]
    assert float(measured["i2t_r5_chance"]) == i2t["chance"]["5"]
    assert (measured["source"], measured["dataset"], measured["captions"]) == ("this project", "scenes", "5000")
    assert [row["source"] for row in published] == ["paper, Table 1"] * 10 + ["authors' follow-up"] * 3
    assert (published[0]["method"], published[0]["i2t_r1"]) == ("DVSA [5]", "38.4")
    assert published[1]["i2t_r5"] == "" and published[9]["i2t_r1"] == "12.50"

    line = next(line for line in text["tex"].splitlines() if "Single-Net (nested)" in line)
    assert [cell.strip() for cell in line.split("&")[1:7]] == expected
    assert r"synthetic scenes test, 1,000 $\times$ 5,000" in line


def test_notes_say_what_cannot_be_compared(tmp_path, write_record):
    assert "cannot be compared" not in pages("table1", tmp_path)["md"]
    write_record("scenes", "nested")
    write_record("flickr8k", "nested")
    text = pages("table1", tmp_path)
    for form in ("md", "tex"):
        assert "The synthetic scenes are drawn by code: they cannot be compared with COCO-1k." in text[form]
        assert "Flickr8k is another data set: it cannot be compared with COCO-1k." in text[form]


def test_own_data_on_another_number_of_images_is_noted(tmp_path, write_record):
    data = {"name": "coco", "split": "val", "images": 500, "captions": 2500, "sha256": {}}
    write_record("coco", "config-2", dataset=data)
    note = "Single-Net (config-2): measured on COCO val, 500 × 2,500; published lines use 1,000 test images."
    assert note in pages("table1", tmp_path)["md"]


@pytest.mark.parametrize("name", NAMES)
def test_without_records_the_published_lines_and_the_command(tmp_path, name):
    text = pages(name, tmp_path)
    assert len(cells(text["md"])) == len(text["csv"].splitlines())
    assert f"Not measured yet: `{read_study(name).command}` does it." in text["md"]
    assert read_study(name).command in text["tex"] and "## " not in text["md"]


def test_the_table_of_two_tower(tmp_path, write_record):
    for seed in (0, 1):
        write_record("scenes", "nested", "two_tower", parameters=22793728, seed=seed)
    write_record("scenes", "two-tower-lstm", "two_tower", parameters=23000000)
    header, one, lstm = cells(pages("two_tower", tmp_path)["md"])
    assert header[0] == "Captions embedded by" and header[-3:] == ["Parameters", "Training", "Memory"]
    assert one[0] == "the network for images (the paper), 2 seeds" and "±" in one[1]
    assert one[-3:] == ["22,793,728", "3.3 min", "–"]
    assert lstm[0] == "an LSTM on word vectors" and lstm[1:7] != one[1:7]


def test_the_table_of_ambiguities_has_intervals(tmp_path, write_record):
    record = read_record(write_record("scenes", "reference", "ambiguities"))
    write_record("scenes", "batch-grouped", "ambiguities")
    _, base, grouped = cells(pages("ambiguities", tmp_path)["md"].split("## ")[0])
    low, high = record["metrics.image_to_sentence.interval_95.10"]
    assert base[1] == f"{record['metrics.image_to_sentence.recall.10']:.1f} [{low:.1f}, {high:.1f}]"
    assert grouped[0].startswith("batches: an image and its captions")
    write_record("scenes", "reference", "ambiguities", seed=1)  # no interval of two runs
    _, base, _ = cells(pages("ambiguities", tmp_path)["md"].split("## ")[0])
    assert base[0].endswith(", 2 seeds") and "±" in base[1] and "[" not in base[1]


def test_several_seeds_are_one_line_and_told_apart_below(tmp_path, write_record):
    for seed in (0, 2, 10):
        write_record("flickr8k", "nested", "flickr8k", seed=seed)
    write_record("flickr8k", "config-2", "flickr8k")
    text = pages("flickr8k", tmp_path)["md"]
    assert [row[0] for row in cells(text)[-2:]] == ["Single-Net (config-2)", "Single-Net (nested), 3 seeds"]
    assert "Lines of several seeds: mean ± sample standard deviation." in text
    below = [row[0] for row in cells(text.split("## Runs")[1])[1:]]
    assert below == ["Single-Net (config-2)", *(f"Single-Net (nested), seed {seed}" for seed in (0, 2, 10))]


def test_sections_only_for_runs_that_have_what_they_need(tmp_path, write_record):
    people = {"human_judgements": {"experts": {"kendall_tau_c": 31.02}}}
    write_record("flickr8k", "config-2", "flickr8k", diagnostics=people)
    write_record("flickr8k", "nested", "flickr8k")
    text = pages("flickr8k", tmp_path)["md"]
    table = cells(text.split("## Human judgements")[1])
    assert [row[0] for row in table[1:]] == ["Single-Net (config-2)"] and "31.0" in table[1]
    assert "ECCV" not in text


def test_a_shared_run_on_the_fallback_data_stands_beside_a_run_of_the_study_alone(tmp_path, write_record):
    write_record("scenes", "nested")
    subset = write_record("flickr30k", "nested-subset", "table2")
    text = pages("table2", tmp_path)["md"]
    assert "scenes" not in text and text.count("Made by `make reproduce-flickr30k-subset`.") == 1
    subset.unlink()
    write_record("scenes", "nested-sound", "sound", third={"third_to_image": {"recall": {"1": 2.0}}})
    text = pages("sound", tmp_path)["md"]
    methods = [row[0] for row in cells(text.split("## Images and captions, with")[1].split("## ")[0])[1:]]
    assert methods == ["images and captions", "images, captions and synthetic speech"]
    # in the table of speech there is nothing to say of a run without it
    assert [row[0] for row in cells(text) if row[-1] == "this project"] == methods[1:]


def test_a_study_needs_no_published_results(write_record):
    line = {"variant": "nested", "base": "nested"}
    study = Study.model_validate({"name": "s", "title": "T", "data": "scenes", "columns": ["rsum"], "lines": [line]})
    record = read_record(write_record("scenes", "nested"))
    text = study_files(study, [record])[Path("s.md")]
    assert cells(text)[1] == ["Single-Net (nested)", f"{record['metrics.rsum']:.1f}"] and "compared" not in text


def test_differences_pair_runs_of_the_same_seed_and_test_set(tmp_path, write_record):
    for variant, seed in (("nested", 0), ("nested", 1), ("config-2", 0), ("taught", 2), ("taught", 0)):
        write_record("flickr8k", variant, study="flickr8k", seed=seed)
    text = pages("flickr8k", tmp_path)["md"].split("## Differences from the baseline")[1].split("##")[0]
    rows = cells(text)[1:]
    assert [row[:2] for row in rows] == [["Single-Net (taught), seed 0", "Single-Net (nested), seed 0"]]
    records = {r["variant"]: r for r in read_study("flickr8k").records(tmp_path / "results/records") if not r["seed"]}
    assert f"i2t: R@1 {rows[0][3]}" in compare(records["nested"], records["taught"])[1]


def test_seeds_are_compared_with_each_other(tmp_path, write_record):
    for variant, seed in (("nested", 0), ("nested", 1), ("nested", 2), ("config-2", 0)):
        path = write_record("flickr8k", variant, study="flickr8k", seed=seed)
        record = json.loads(path.read_text())
        if (variant, seed) == ("nested", 2):  # every query succeeds
            reached = record["metrics"]["reached"]
            record["metrics"]["reached"] = {d: re.sub(r"\d", "3", text) for d, text in reached.items()}
            path.write_text(json.dumps(record))
    text = pages("flickr8k", tmp_path)["md"].split("## Differences between seeds")[1].split("##")[0]
    rows = cells(text)[1:]
    pairs = [(row[0][-1], row[1][-1]) for row in rows]
    assert pairs == [("1", "0"), ("2", "0"), ("2", "1")] and all("(nested), seed" in row[0] for row in rows)
    ends = [re.search(r"\[(.*), (.*)\]", cell).groups() for row in rows for cell in row[2:]]
    outside = sum(float(low) * float(high) > 0 for low, high in ends)
    assert 12 <= outside < 18 and f"{outside} of 18 exclude zero" in text


def test_each_line_has_a_baseline_of_its_own(tmp_path, write_record):
    ours = ("nested", "two-tower-lstm", "taught", "taught-two-tower-lstm")
    for variant in ours:
        write_record("flickr8k", variant, study="flickr8k" if variant in ("nested", "taught") else "two_tower")
    rows = cells(pages("two_tower", tmp_path)["md"].split("## Differences from the baseline")[1])[1:]
    names = {variant: read_study("two_tower").line(variant).name for variant in ours}
    assert [row[:2] for row in rows] == [[names[of], names[base]] for base, of in (ours[:2], ours[2:])]


def test_runs_without_what_each_query_reached_have_no_difference(tmp_path, write_record):
    for variant in ("nested", "taught"):
        path = write_record("flickr8k", variant, study="flickr8k")
        record = json.loads(path.read_text())
        if variant == "nested":
            del record["metrics"]["reached"]
        path.write_text(json.dumps(record))
    assert "## Differences" not in pages("flickr8k", tmp_path)["md"]


def test_the_page_says_how_long_all_runs_took(tmp_path, write_record):
    for seed in (0, 1):
        write_record("flickr8k", "nested", study="flickr8k", seed=seed, wall_seconds=5400.0)
    assert "one after another: 3.0 h." in pages("flickr8k", tmp_path)["md"]


def test_runs_on_other_images_have_no_difference(tmp_path, write_record):
    data = {"name": "flickr8k", "split": "test", "images": 1000, "captions": 5000, "sha256": {"ids": "other"}}
    write_record("flickr8k", "nested", study="flickr8k", dataset=data)
    write_record("flickr8k", "taught", study="flickr8k")
    study = read_study("flickr8k")
    files = study_files(study, study.records(tmp_path / "results" / "records"))
    assert "## Differences" not in next(text for path, text in files.items() if path.suffix == ".md")
