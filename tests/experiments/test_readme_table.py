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


def test_the_papers_lines_first_and_the_scenes_last(write_record):
    paths = [write_record("scenes", "nested")]
    paths += [write_record("flickr8k", "nested", "flickr8k", seed=seed) for seed in (0, 1)]
    header, coco, standard, flickr30k, other, another, flickr8k, scenes = table(*paths)
    assert header == ["Test set", "Method", "R@10", "Source"]
    assert coco == ["COCO-1k", "config-2", "40.0 / 45.76", "paper, Table 1; not trained here yet"]
    assert standard == ["Flickr30K", "config-standard", "36.8 / 32.0", "paper, Table 2; not trained here yet"]
    assert flickr30k == ["Flickr30K", "config-2", "42.6 / 37.2", "paper, Table 2; not trained here yet"]
    assert other == ["Flickr8k", "DeFrag (R-CNN)", "44.0 / 42.5", "survey list"]
    assert another == ["Flickr8k", "SCAN, ensemble (BUTD)", "89.2 / 78.9", "survey list"]
    r10 = read_record(paths[0])
    i2t, t2i = (r10[f"metrics.{d}.recall.10"] for d in DIRECTIONS)
    assert scenes[1:] == ["nested", f"{i2t:.1f} / {t2i:.2f}", "this project"]
    assert flickr8k[1] == "nested, 2 seeds" and flickr8k[2].count("±") == 2


def test_a_measured_line_is_beside_those_it_is_compared_with(write_record):
    record = read_record(path := write_record("coco", "config-2"))
    paper, own = (row for row in table(path) if row[0].startswith("COCO"))
    assert paper[3] == "paper, Table 1" and paper[2] == "40.0 / 45.76" and own[3] == "this project"
    assert own[2].startswith(f"{record['metrics.image_to_sentence.recall.10']:.1f} / ")
    rows = table(write_record("scenes", "config-2"))
    assert [row[3] for row in rows if row[0] == "COCO-1k"] == ["paper, Table 1; not trained here yet"]
    assert "scenes" in rows[-1][0]


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
    i2t, t2i = (record[f"metrics.{d}.chance.10"] for d in DIRECTIONS)
    text = " ".join(results_table([(read_study("table1"), [record])]).split())
    assert f"Chance is {i2t:.2f} / {t2i:.2f}." in text
