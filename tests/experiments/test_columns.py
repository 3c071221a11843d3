"""Columns: what a cell shows of one record, and of several."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.columns import columns, csv_columns, names, sections
from experiments.records import read_record
from single_net.evaluation.third import DIRECTIONS

BOTH = ("image_to_sentence", "sentence_to_image")
WORDS = {
    "all": {"1": 0.5, "5": 0.4, "10": 0.3},
    "others": {"1": 0.25, "5": 0.2, "10": 0.1},
    "random": 0.03,
    "true": 0.83,
}
DIAGNOSTICS = {
    "modality": {"other_modality_of_images": 12.34, "other_modality_of_captions": 5.0, "probe_accuracy": 98.76},
    "hubness": {
        d: {"anti_hubs": f, "skewness": 3.0, "csls_recall": {"1": 1.0, "5": 2.0, "10": 3.0}}
        for d, f in zip(BOTH, (43.7, 3.2), strict=True)
    },
    "semantic": {BOTH[0]: WORDS, BOTH[1]: WORDS | {"all": {"1": 1.0, "5": 0.9, "10": 0.8}}},
    "human_judgements": {
        "experts": {"pairs": 5, "fitting": 2, "kendall_tau_c": 31.02, "auc": 77.04},
        "crowd": {"pairs": 6, "fitting": 2, "kendall_tau_c": None, "auc": None},
        "accepted": {"pairs": 4, "recall": {d: {"1": 1.0, "5": 5.0, "10": 19.04} for d in BOTH}},
    },
    "eccv": {
        d: {name: 10.0 for name in ("cxc_r1", "cxc_r5", "cxc_r10", "eccv_r1", "eccv_map_at_r")}
        | {"eccv_rprecision": 33.33}
        for d in BOTH
    },
}


def cell(name, *records):
    return columns()[name].cell(records)


def test_recalls_have_one_and_two_decimals(write_record):
    record = read_record(write_record("scenes", "nested"))
    i2t, t2i = (record[f"metrics.{d}"] for d in BOTH)
    assert (
        cell("i2t_r5", record) == f"{i2t['recall']['5']:.1f}" and cell("t2i_r5", record) == f"{t2i['recall']['5']:.2f}"
    )
    low, high = t2i["interval_95"]["10"]
    assert cell("t2i_r10_interval", record) == f"{t2i['recall']['10']:.2f} [{low:.2f}, {high:.2f}]"
    assert low <= t2i["recall"]["10"] <= high


def test_several_seeds_are_mean_and_deviation(write_record):
    records = [
        read_record(write_record("flickr8k", "nested", seed=seed, parameters=22793728, device=device))
        for seed, device in ((0, "cpu"), (1, "cpu"), (2, "gpu"))
    ]
    values = [r["metrics.image_to_sentence.recall.10"] for r in records]
    expected = f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"
    assert cell("i2t_r10", *records) == cell("i2t_r10_interval", *records) == expected
    assert cell("parameters", *records) == "22,793,728" and cell("device", *records) == "cpu; gpu"


def test_a_mean_over_views_has_no_distance_without_normalization(write_record):
    views = {"network": {"test_time_augmentation": "mirror"}}
    averaged = read_record(write_record("coco", "config-2", configuration=views))
    plain = read_record(write_record("coco", "nested"))
    assert cell("i2t_raw", averaged) == "–" and cell("i2t_one_caption", averaged) != "–"
    assert cell("i2t_raw", plain) == f"{plain['metrics.extra.raw_euclidean.image_to_sentence.10']:.1f}"


def test_the_full_split_and_its_folds_where_it_is_larger(write_record):
    record = read_record(write_record("coco", "config-2"))
    by_k = {d: {"1": 3.0, "5": 4.0, "10": 12.345} for d in BOTH}
    folds = {"five_fold": {"mean": by_k, "standard_deviation": by_k}}
    metrics = record["metrics"] | {"extra": record["metrics"]["extra"] | folds}
    full = {"images": 5000, "captions": 25010, "metrics": metrics}
    whole = read_record(write_record("coco", "nested", full_split=full))
    assert cell("i2t_full_split", record) == cell("t2i_five_fold", record) == "–"
    assert cell("t2i_full_split", whole) == f"{record['metrics.sentence_to_image.recall.10']:.2f}"
    assert cell("i2t_five_fold", whole) == "12.3 ± 12.3" and cell("t2i_five_fold", whole) == "12.35 ± 12.35"


@pytest.mark.parametrize(
    ("name", "shown"),
    {
        "other_modality": "12.3 / 5.0",
        "probe": "98.8",
        "anti_hubs": "43.7 / 3.2",
        "i2t_cider": "0.40 (0.20)",
        "t2i_cider": "0.90 (0.20)",
        "cider_random": "0.03",
        "cider_true": "0.83",
        "experts_tau": "31.0",
        "experts_auc": "77.0",
        "crowd_tau": "–",
        "t2i_accepted": "19.04",
        "t2i_eccv_rprecision": "33.3",
    }.items(),
)
def test_diagnostics_and_a_dash_where_there_are_none(write_record, name, shown):
    assert cell(name, read_record(write_record("flickr8k", "a", diagnostics=DIAGNOSTICS))) == shown
    assert cell(name, read_record(write_record("flickr8k", "b"))) == "–"


def test_every_place_is_in_a_complete_record(write_record):
    """A misspelt place would be a dash everywhere."""
    folds = {d: {"10": 1.0} for d in BOTH}
    metrics = read_record(write_record("coco", "x"))["metrics"]
    full = {"metrics": metrics | {"extra": {"five_fold": {"mean": folds, "standard_deviation": folds}}}}
    of_teacher = {pair: folds for pair in ("teachers", "captions", "images", "student")}
    complete = {"diagnostics": DIAGNOSTICS, "full_split": full, "parameters": 1, "teacher": of_teacher}
    complete |= {"third": {direction: metrics["image_to_sentence"] for direction in DIRECTIONS}}
    training = {"samples": 1, "seconds": 1.0, "memory_gib": 1.0}
    record = read_record(write_record("coco", "nested", **complete, training=training))
    shown = {name: column.cell([record]) for name, column in columns().items() if name != "source"}
    assert {name for name, text in shown.items() if text == "–"} == {"crowd_tau", "crowd_auc"}
    missing = {name for name, place in csv_columns().items() if record.get(place) is None}
    assert missing == {"crowd_kendall_tau_c", "crowd_auc"}


def test_names_are_expanded_by_direction_and_k():
    assert names(["recalls", "seed"]) == ["i2t_r1", "i2t_r5", "i2t_r10", "t2i_r1", "t2i_r5", "t2i_r10", "seed"]
    assert columns()["t2i_r5"].heading == "t2i R@5"
    assert csv_columns()["t2i_r5_low95"] == "metrics.sentence_to_image.interval_95.5.0"
    assert all(set(section.columns) <= set(columns()) for section in sections().values())


def test_numbers_of_several_seeds_are_their_mean(write_record):
    records = [read_record(write_record("flickr8k", "nested", seed=seed)) for seed in range(3)]
    gaps = [r["metrics.extra.modality_gap"] for r in records]
    name = next(n for n, c in columns().items() if c.places == ("metrics.extra.modality_gap",))
    assert columns()[name].cell(records) == columns()[name].form.format(np.mean(gaps))
    assert columns()[name].cell(records) != columns()[name].cell(records[:1])


def test_of_both_directions_image_to_sentence_comes_first():
    """As the headings of the sections say: "i2t / t2i"."""
    both = [column.places for column in columns().values() if len(column.places) == 2 and " / " in column.form]
    assert len(both) >= 4
    for first, second in both:
        if BOTH[0] in first or BOTH[1] in first + second:
            assert (first, second) == (first, first.replace(*BOTH)) and first != second


def test_a_csv_column_is_of_the_direction_in_its_name():
    for name, place in csv_columns().items():
        for short, direction in zip(("i2t", "t2i"), BOTH, strict=True):
            if name.startswith(short):
                assert direction in place, name
