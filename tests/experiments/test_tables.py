"""Tables from made-up records, from none, and from broken ones; the committed ones against theirs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from experiments import flickr8k, table1, table2
from experiments.markdown import markdown_table
from experiments.records import read_record, read_records, titles
from experiments.tables import latex_text, make_table, measured_cells, measured_lines

ROOT = Path(__file__).resolve().parents[2]
TABLES = [table1.TABLE, table2.TABLE, flickr8k.TABLE]


def parsed(markdown: str) -> list[list[str]]:
    """Cells of the first table."""
    table = markdown[markdown.index("| Model") :].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


def run_table(tmp_path: Path, table=table1.TABLE) -> dict[str, str]:
    output = tmp_path / "results"
    make_table(table, ["--records", str(output / "records" / table.name), "-o", str(output)])
    return {s: (output / f"{table.name}.{s}").read_text(encoding="utf-8") for s in ("md", "csv", "tex")}


def test_rows_and_their_order(tmp_path, write_record, capsys):
    for dataset, row in [("scenes", "nested"), ("scenes", "wider"), ("coco", "config-2"), ("scenes", "config-2")]:
        write_record(dataset, row)
    write_record("coco", "config-standard")
    text = run_table(tmp_path)
    header, _, *rows = parsed(text["md"])
    assert header[1:7] == ["Image-to-Sentence R@1", "R@5", "R@10", "Sentence-to-Image R@1", "R@5", "R@10"]
    assert [row[-1] for row in rows] == ["paper, Table 1"] * 10 + ["authors' follow-up"] * 3 + ["measured here"] * 5
    assert rows[9][:-1] == ["Our Work (config-2)", "12.50", "30.10", "40.0", "11.18", "32.22", "45.76", "COCO-1k"]
    assert rows[8][1:7] == ["–"] * 6
    coco, scenes = "COCO test, 1,000 × 5,000", "embedded scenes test, 1,000 × 5,000"
    assert [(row[0], row[-2]) for row in rows[13:]] == [
        ("Single-Net (config-standard)", coco),
        ("Single-Net (config-2)", coco),
        ("Single-Net (config-2)", scenes),
        ("Single-Net (nested)", scenes),
        ("Single-Net (wider)", scenes),
    ]
    assert text["md"].split("\n", 1)[1] in capsys.readouterr().out


def test_measured_numbers_come_from_the_record(tmp_path, write_record):
    record = read_record(write_record("scenes", "nested"))
    text = run_table(tmp_path)
    i2t, t2i = (record[f"metrics.{d}"] for d in ("image_to_sentence", "sentence_to_image"))
    expected = [f"{i2t['recall'][k]:.1f}" for k in ("1", "5", "10")]
    expected += [f"{t2i['recall'][k]:.2f}" for k in ("1", "5", "10")]
    assert parsed(text["md"])[-1][1:7] == expected
    details = text["md"].split("## The measured rows in detail")[1]
    for one, digits in ((i2t, 1), (t2i, 2)):
        low, high = one["interval_95"]["10"]
        assert f" {one['recall']['10']:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]" in details
        assert f" {one['chance']['10']:.2f} |" in details
        assert f"{one['mAP']:.2f}" in details
    for cell in ("144,000", "6,000", "4.3 min", "cpu: made up, 2 threads"):
        assert f" {cell} |" in details
    assert "[scenes-nested.json](records/table1/scenes-nested.json)" in details

    *published, measured = csv.DictReader(io.StringIO(text["csv"]))
    assert [measured[f"i2t_r{k}"] for k in (1, 5, 10)] + [measured[f"t2i_r{k}"] for k in (1, 5, 10)] == expected
    assert float(measured["low95_t2i_r10"]) == t2i["interval_95"]["10"][0]
    assert float(measured["chance_i2t_r5"]) == i2t["chance"]["5"]
    assert (measured["kind"], measured["dataset"], measured["captions"]) == ("measured", "scenes", "5000")
    assert [row["kind"] for row in published] == ["published"] * 10 + ["published-later"] * 3
    assert (published[0]["model"], published[0]["citation"], published[0]["i2t_r1"]) == ("DVSA", "[5]", "38.4")
    assert published[1]["i2t_r5"] == "" and published[9]["i2t_r1"] == "12.50"

    assert f"Single-Net (nested) & {' & '.join(expected)} & embedded scenes test, 1,000 $\\times$ 5,000" in text["tex"]


def test_notes_say_what_cannot_be_compared(tmp_path, write_record):
    assert "cannot be compared" not in run_table(tmp_path_with_records(tmp_path))["md"]
    write_record("scenes", "nested")
    write_record("flickr8k", "nested")
    text = run_table(tmp_path)
    for form in ("md", "tex"):
        assert "The embedded scenes are drawn pictures: these rows cannot be compared with COCO-1k." in text[form]
        assert "Flickr8k is another data set: these rows cannot be compared with COCO-1k." in text[form]


def tmp_path_with_records(tmp_path: Path) -> Path:
    (tmp_path / "results" / "records" / "table1").mkdir(parents=True)
    return tmp_path


def test_own_data_on_another_number_of_pictures_is_noted(tmp_path, write_record):
    data = {"name": "coco", "split": "val", "pictures": 500, "captions": 2500}
    write_record("coco", "config-2", dataset=data)
    note = "Single-Net (config-2) stands on COCO val, 500 × 2,500; the published rows on 1,000 test pictures."
    assert note in run_table(tmp_path)["md"]


def test_the_whole_split_is_shown_where_it_is_larger(tmp_path, write_record):
    record = read_record(write_record("coco", "config-2"))
    by_k = {d: {"1": 3.0, "5": 4.0, "10": 12.345} for d in ("image_to_sentence", "sentence_to_image")}
    folds = {"five_fold": {"mean": by_k, "standard_deviation": by_k}}
    metrics = record["metrics"] | {"extra": record["metrics"]["extra"] | folds}
    write_record("coco", "nested", full_split={"pictures": 5000, "captions": 25010, "metrics": metrics})
    lines = run_table(tmp_path)["md"].split("whole split i2t")[1].splitlines()[2:4]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    r10 = [f"{record.recall('image_to_sentence')[2]:.1f}", f"{record.recall('sentence_to_image')[2]:.2f}"]
    assert cells[0][-6:-2] == ["–"] * 4
    assert cells[1][-6:-2] == [*r10, "12.3 ± 12.3", "12.35 ± 12.35"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_without_records_the_published_rows_and_the_command(tmp_path, table, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make_table(table, [])
    text = (tmp_path / "results" / f"{table.name}.md").read_text(encoding="utf-8")
    assert len(parsed(text)) == 2 + len(table.rows)
    assert f"No measured rows yet: `{table.command}` makes them." in text
    assert table.command in capsys.readouterr().out
    assert "detail" not in text


def test_a_records_folder_that_is_not_there_is_a_mistake(tmp_path):
    with pytest.raises(InputError, match="elsewhere: no such folder"):
        make_table(table1.TABLE, ["--records", str(tmp_path / "elsewhere"), "-o", str(tmp_path)])


def broken(text: str):
    return lambda path: path.write_text(text, encoding="utf-8")


def changed(*keys: str, value: object):
    def change(path: Path) -> None:
        record = json.loads(path.read_text())
        place = record
        for key in keys[:-1]:
            place = place[key]
        if value is KeyError:
            del place[keys[-1]]
        else:
            place[keys[-1]] = value
        path.write_text(json.dumps(record))

    return change


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (broken('{"format": "single'), "not JSON"),
        (broken(""), "not JSON"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not JSON"),
        (broken("[1, 2]"), "not a run record"),
        (broken('{"scores": 3}'), "not a run record"),
        (changed("format", value="single-net run record 2"), "not a run record"),
        (changed("title", value=None), "title should be text"),
        (changed("dataset", value=[]), "dataset.name should be text"),
        (changed("training", "inputs", value=KeyError), "training.inputs should be a number"),
        (changed("metrics", "rsum", value=float("nan")), "metrics.rsum should be a number"),
        (changed("metrics", "sentence_to_image", "recall", "5", value=KeyError), "recall.5 should be a number"),
        (
            changed("metrics", "image_to_sentence", "interval_95", "10", value=[1]),
            "interval_95.10 should be two numbers",
        ),
        (changed("full_split", value={"pictures": 5000}), "full_split.metrics"),
    ],
)
def test_a_broken_or_foreign_record_is_named(write_record, tmp_path, spoil, why):
    path = write_record("scenes", "nested")
    spoil(path)
    with pytest.raises(InputError, match=why) as error:
        run_table(tmp_path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "results" / "table1.md").exists()


def test_latex_is_escaped_and_balanced(tmp_path, write_record):
    write_record("scenes", "nested", title=r"50% & more_of {it} #1 $x^2~ C:\x")
    text = run_table(tmp_path)["tex"]
    assert r"50\% \& more\_of \{it\} \#1 \$x\textasciicircum{}2\textasciitilde{} C:\textbackslash{}x" in text
    rows = text.split(r"\begin{tabular}")[1].split(r"\end{tabular}")[0].splitlines()
    body = [line for line in rows[1:] if line != r"\hline" and "multicolumn" not in line]
    assert all(line.endswith(r"\\") and len(re.findall(r"(?<!\\)&", line)) == 8 for line in body)
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1
    code = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert len(re.findall(r"(?<!\\)\{", code)) == len(re.findall(r"(?<!\\)\}", code))
    assert code.isascii()
    assert latex_text("1,000 × 5,000 – x") == r"1,000 $\times$ 5,000 -- x"


def test_markdown_table_lines_up_and_escapes():
    text = markdown_table(["Model", "R"], [["a|b", "1"], ["longer name", "12.5"]], "lr")
    assert len({len(line.replace("\\|", "|")) for line in text.splitlines()[::2]}) <= 2
    assert text.splitlines() == [
        "| Model       |    R |",
        "| ----------- | ---: |",
        "| a\\|b        |    1 |",
        "| longer name | 12.5 |",
    ]


def test_output_is_deterministic(tmp_path, write_record):
    write_record("scenes", "nested")
    assert run_table(tmp_path) == run_table(tmp_path)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_committed_tables_are_what_their_records_say(table):
    output = ROOT / "results"
    for path, text in table.files(read_records(output / "records" / table.name), output).items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is stale: run python -m experiments.{table.name}"


def test_runs_that_differ_in_the_seed_alone_are_one_line_with_mean_and_deviation(write_record, tmp_path):
    def record(name: str, seed: int, epochs: float = 1.0):
        configuration = {"training": {"seed": seed, "epochs": epochs}}
        return read_record(write_record("flickr8k", name, "flickr8k", title="T", configuration=configuration))

    records = [record("a", 0), record("bb", 1), record("ccc", 2), record("dddd", 3, epochs=2.0)]
    three, alone = measured_lines(records)
    assert three[0] == "T, 3 runs" and alone[0] == "T"
    values = [r["metrics.image_to_sentence.recall.10"] for r in records[:3]]
    assert three[3] == f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"
    assert alone[1:7] == tuple(measured_cells(records[3]))


def test_runs_of_one_row_are_told_apart_by_their_seeds_in_their_order(write_record):
    paths = [
        write_record("flickr8k", name, "flickr8k", title="T", row="nested", seed=seed)
        for name, seed in (("a-seed10", 10), ("b-seed2", 2), ("c", 0))
    ]
    write_record("flickr8k", "other", "flickr8k", title="Another", row="config-2")
    records = read_records(paths[0].parent)
    assert titles(records) == ["Another", "T, seed 0", "T, seed 2", "T, seed 10"]


def test_a_mean_over_views_has_no_distance_without_normalisation(write_record, tmp_path):
    write_record("coco", "config-2", configuration={"network": {"average_mirrored": True}})
    write_record("coco", "nested")
    section = run_table(tmp_path)["md"].split("R@10 under other protocols")[1].split("The runs:")[0]
    cells = [[c.strip() for c in line.split("|")] for line in section.splitlines() if "Single-Net" in line]
    assert cells[0][5:7] == ["–", "–"] and "–" not in cells[0][3:5] + cells[1][3:7]
