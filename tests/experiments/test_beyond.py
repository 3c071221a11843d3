"""The measures beside Recall@K, in tables."""

from __future__ import annotations

import csv
import io

from experiments import beyond
from experiments.flickr8k import TABLE
from experiments.records import read_record

WORDS = {
    "all": {"1": 0.5, "5": 0.4, "10": 0.3},
    "others": {"1": 0.25, "5": 0.2, "10": 0.1},
    "random": 0.03,
    "true": 0.83,
}
MEASURED = {
    "modality": {"other_modality_of_pictures": 12.34, "other_modality_of_captions": 5.0, "probe_accuracy": 98.76},
    "hubness": {
        d: {"never_found": f, "skewness": 3.0, "csls_recall": {"1": 1.0, "5": 2.0, "10": 3.0}}
        for d, f in (("image_to_sentence", 43.7), ("sentence_to_image", 3.2))
    },
    "semantic": {"image_to_sentence": WORDS, "sentence_to_image": WORDS | {"all": {"1": 1.0, "5": 0.9, "10": 0.8}}},
    "judgements": None,
    "eccv": None,
}
PEOPLE = {
    "experts": {"pairs": 5, "fitting": 2, "kendall_tau_c": 31.02, "auc": 77.04},
    "crowd": {"pairs": 6, "fitting": 2, "kendall_tau_c": None, "auc": None},
    "accepted": {
        "pairs": 4,
        "recall": {d: {"1": 1.0, "5": 5.0, "10": 19.04} for d in ("image_to_sentence", "sentence_to_image")},
    },
}


def cells(table: str, row: int = 0) -> dict[str, str]:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return dict(zip(lines[0], lines[2 + row], strict=True))


def test_every_measure_has_its_cell_and_old_records_a_dash(write_record):
    old = read_record(write_record("scenes", "nested"))
    new = read_record(write_record("flickr8k", "nested", "flickr8k", beyond_recall=MEASURED))
    parts = beyond.tables([old, new])
    assert len(parts) == 2  # no table of judgements or of COCO
    first, second = cells(parts[1]), cells(parts[1], 1)
    assert first["Linear probe"] == first["CIDEr-D i2t"] == first["Other modality"] == "–"
    assert first["Modality gap"] != "–"
    assert second["Other modality"] == "12.3 / 5.0" and second["Linear probe"] == "98.8"
    assert second["Never found"] == "43.7 / 3.2"
    assert second["CIDEr-D i2t"] == "0.40 (0.20)" and second["CIDEr-D t2i"] == "0.90 (0.20)"
    assert (second["By lot"], second["Own items"]) == ("0.03", "0.83")


def test_people_and_coco_only_where_there_are_some(write_record):
    scores = {
        **{name: 10.0 for name in ("cxc_r1", "cxc_r5", "cxc_r10", "eccv_r1", "eccv_map_at_r")},
        "eccv_rprecision": 33.33,
    }
    both = {"image_to_sentence": scores, "sentence_to_image": scores}
    judged = read_record(write_record("flickr8k", "a", beyond_recall=MEASURED | {"judgements": PEOPLE}))
    verified = read_record(write_record("coco", "b", beyond_recall=MEASURED | {"eccv": both}))
    _, _, about_people, people, about_coco, coco = beyond.tables([judged, verified])
    assert people.count("\n") == 2 and coco.count("\n") == 2 and "tau-c" in about_people and "CxC" in about_coco
    row = cells(people)
    assert (row["Experts tau-c"], row["Experts AUC"], row["Crowd tau-c"]) == ("31.0", "77.0", "–")
    assert row["R@10 accepted t2i"] == "19.04"
    assert cells(coco)["ECCV R-Precision t2i"] == "33.3"


def test_they_stand_in_the_tables_files(write_record, tmp_path):
    record = read_record(
        write_record("flickr8k", "nested", "flickr8k", beyond_recall=MEASURED | {"judgements": PEOPLE})
    )
    files = TABLE.files([record], tmp_path)
    assert "## Beyond Recall@K" in files[tmp_path / "flickr8k.md"]
    line = list(csv.DictReader(io.StringIO(files[tmp_path / "flickr8k.csv"])))[-1]
    assert float(line["i2t_cider_others5"]) == 0.2 and float(line["experts_auc"]) == 77.04
    assert float(line["i2t_csls_r10"]) == 3 and float(line["t2i_never_found"]) == 3.2
    assert line["crowd_auc"] == "" and line["i2t_cxc_r1"] == "" and float(line["t2i_accepted_r5"]) == 5
