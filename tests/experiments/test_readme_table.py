"""The README's table of results."""

from __future__ import annotations

import pytest
from markdown_cells import cells

from encoded_text import InputError
from experiments.readme import BEGIN, END, fill, results_table
from experiments.records import DIRECTIONS, read_record
from experiments.study import NAMES, read_study


def table(*records) -> list[list[str]]:
    records = [read_record(path) for path in records]
    studies = [(study, [r for r in records if r.path.parent.name == study.name]) for study in map(read_study, NAMES)]
    return cells(results_table(studies))


def test_paper_this_project_and_chance(write_record):
    paths = [write_record("scenes", "nested")]
    paths += [write_record("flickr8k", "nested", "flickr8k", seed=seed) for seed in (0, 1)]
    header, other, another, flickr8k, scenes, coco, standard, flickr30k = table(*paths)
    assert other == ["Flickr8k", "SDT-RNN (R-CNN)", "34.0 / 31.7", "–", "–"]
    assert another == ["Flickr8k", "DeFrag (R-CNN)", "44.0 / 42.5", "–", "–"]
    assert header == ["Data set", "Method", "Published", "This project", "Chance"]
    assert coco == ["COCO-1k", "config-2", "40.0 / 45.76", "not trained yet", "–"]
    assert standard == ["Flickr30K", "config-standard", "36.8 / 32.0", "not trained yet", "–"]
    assert flickr30k == ["Flickr30K", "config-2", "42.6 / 37.2", "not trained yet", "–"]
    r10 = read_record(paths[0])
    i2t, t2i = (r10[f"metrics.{d}.recall.10"] for d in ("image_to_sentence", "sentence_to_image"))
    assert scenes[1:4] == ["nested", "–", f"{i2t:.1f} / {t2i:.2f}"]
    assert flickr8k[1] == "nested, 2 seeds" and flickr8k[3].count("±") == 2


def test_a_measured_line_stands_beside_the_papers(write_record):
    record = read_record(path := write_record("coco", "config-2"))
    [coco] = [row for row in table(path) if row[0].startswith("COCO")]
    assert coco[2] == "40.0 / 45.76" and coco[3].startswith(f"{record['metrics.image_to_sentence.recall.10']:.1f} / ")
    rows = table(write_record("scenes", "config-2"))
    assert [row[3] for row in rows if row[0] == "COCO-1k"] == ["not trained yet"]
    assert [row[2] for row in rows if "scenes" in row[0]] == ["–"]


def test_the_block_is_filled_and_the_rest_stays():
    text = f"# Title\n{BEGIN}\nold\n{END}\nrest\n"
    filled = fill(text, "new")
    assert filled == f"# Title\n{BEGIN}\n\nnew\n\n{END}\nrest\n" and fill(filled, "new") == filled


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_marks_that_do_not_fit_are_refused(text):
    with pytest.raises(InputError, match=r"README\.md: should hold"):
        fill(text, "new")


def test_chance_of_the_readme(write_record):
    record = read_record(write_record("scenes", "nested"))
    study = read_study("table1")
    rows = cells(results_table([(study, [record])]))
    [scenes] = [row for row in rows if "scenes" in row[0]]
    i2t, t2i = (record[f"metrics.{d}.chance.10"] for d in DIRECTIONS)
    assert scenes[4] == f"{i2t:.2f} / {t2i:.2f}", (scenes, i2t, t2i)
