"""Generated blocks of README.md and the `# Expected:` lines of the configurations."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from experiments import readme
from experiments.records import read_record
from single_net.config import load_config

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("table1", "table2", "flickr8k", "expect-scenes", "bench", "hours")
CONFIG = '# Row nested on the embedded scenes.\n# Expected: ?\n# Expected: ??\n# more\n\nrow = "nested"\n'


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A README with every block, and the configuration of one row."""
    parts = [f"## {n}\n\n<!-- begin generated: {n} -->\nold\n<!-- end generated: {n} -->\n" for n in NAMES]
    (tmp_path / "README.md").write_text("# Title\n\n" + "\n".join(parts), encoding="utf-8")
    (tmp_path / "experiments" / "configs").mkdir(parents=True)
    (tmp_path / "experiments" / "configs" / "scenes_nested.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["readme", *arguments])
    readme._main()


def test_blocks_are_filled_and_the_rest_stays(checkout, write_record, monkeypatch):
    record = read_record(write_record("scenes", "nested"))
    call(monkeypatch)
    text = (checkout / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Title\n\n## table1\n\n<!-- begin generated: table1 -->\n\n| Model ")
    assert "old" not in text
    blocks = {n: text.split(f"begin generated: {n} -->")[1].split("<!-- end")[0] for n in NAMES}
    assert "45.76" in blocks["table1"] and "Single-Net (nested)" in blocks["table1"]
    assert "results/table1.md" in blocks["table1"] and "in detail" not in blocks["table1"]
    assert "26.74" in blocks["table2"] and "`make reproduce-table2` makes them" in blocks["table2"]
    assert "DeViSE (R-CNN)" in blocks["flickr8k"]
    assert "`make bench`" in blocks["bench"] and "`make bench`" in blocks["hours"]
    low, high = record["metrics.sentence_to_image.interval_95.10"]
    assert f"{record.recall('sentence_to_image')[2]:.2f} [{low:.2f}, {high:.2f}]" in blocks["expect-scenes"]
    assert "4.3 min" in blocks["expect-scenes"]


def test_one_line_a_row_of_the_scenes_though_two_tables_hold_it(checkout, write_record, monkeypatch):
    write_record("scenes", "nested")
    write_record("scenes", "nested", table="table2", wall_seconds=600)
    write_record("flickr8k", "nested", table="flickr8k")
    call(monkeypatch)
    block = (checkout / "README.md").read_text(encoding="utf-8").split("begin generated: expect-scenes -->")[1]
    assert block.count("| nested |") == 1 and "4.3 min" in block


def test_check_changes_nothing_and_tells(checkout, write_record, monkeypatch, capsys):
    write_record("scenes", "nested")
    before = (checkout / "README.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        call(monkeypatch, "--check")
    assert leaving.value.code == 1
    assert capsys.readouterr().out == "stale: README.md\nstale: experiments/configs/scenes_nested.toml\n"
    assert (checkout / "README.md").read_text(encoding="utf-8") == before
    call(monkeypatch)
    call(monkeypatch, "--check")
    assert capsys.readouterr().out.endswith("everything is up to date\n")


def test_expected_lines_of_a_configuration(checkout, write_record, monkeypatch):
    path = checkout / "experiments" / "configs" / "scenes_nested.toml"
    config = load_config(path)
    record = read_record(write_record("scenes", "nested", configuration=config.to_dict()))
    call(monkeypatch)
    first, *expected, more, _, row = path.read_text(encoding="utf-8").splitlines()
    assert (first, more, row) == ("# Row nested on the embedded scenes.", "# more", 'row = "nested"')
    assert all(line.startswith("# Expected: ") for line in expected)
    i2t, t2i = record.recall("image_to_sentence"), record.recall("sentence_to_image")
    left, right = "/".join(f"{v:.1f}" for v in i2t), "/".join(f"{v:.2f}" for v in t2i)
    assert expected[0].startswith(f"# Expected: R@1/5/10 {left} image-to-sentence | {right} sentence-to-image")
    assert expected[2] == (
        "# Expected: 4.3 min on cpu: made up, 2 threads; record results/records/table1/scenes-nested.json"
    )
    assert len(expected) == 3


def test_expected_of_several_seeds_is_their_mean(checkout, write_record):
    first = write_record("scenes", "nested")
    for seed in (4, 5):
        again = json.loads(first.read_text()) | {"seed": seed}
        again["metrics"]["image_to_sentence"]["recall"]["1"] += seed
        first.with_name(f"scenes-nested-seed{seed}.json").write_text(json.dumps(again))
    (first.parents[1] / "table2").mkdir()
    shutil.copy(first, first.parents[1] / "table2")  # the same run: it does not count twice
    text = readme.generated(checkout)[checkout / "experiments/configs/scenes_nested.toml"]
    expected = [line for line in text.splitlines() if line.startswith("# Expected:")]
    runs = [read_record(path) for path in sorted(first.parent.glob("*.json"))]
    r1 = [run["metrics.image_to_sentence.recall.1"] for run in runs]
    assert f"R@1/5/10 {np.mean(r1):.1f} ± {np.std(r1, ddof=1):.1f}  " in expected[0]
    assert expected[0].endswith("(mean ± standard deviation, seeds 3, 4, 5)")
    assert expected[1].startswith("# Expected: seed 3: R@10 with 95 % interval")


def test_expected_says_what_the_recorded_run_had_otherwise(checkout, write_record):
    config = load_config(checkout / "experiments" / "configs" / "scenes_nested.toml")
    other = json.loads(json.dumps(config.to_dict()))
    other["training"]["epochs"] = 3.0
    other["data"]["root"] = "/elsewhere"
    record = read_record(write_record("scenes", "nested", configuration=other))
    assert readme.expected_lines(config, [record], checkout)[-1] == "(that run had training.epochs=3.0)"
    same = read_record(write_record("scenes", "nested", table="table2", configuration=config.to_dict()))
    assert "records/table2/" in readme.expected_lines(config, [record, same], checkout)[2]


def test_expected_without_a_record_gives_the_published_row(checkout):
    path = checkout / "experiments" / "configs" / "coco_config_2.toml"
    path.write_text('# Expected:\nrow = "config-2"\n[data]\nname = "coco"\n', encoding="utf-8")
    assert readme.generated(checkout)[path].splitlines()[:2] == [
        "# Expected: not measured yet: no record of coco config-2 in results/records",
        "# Expected: published (paper, Table 1): R@1/5/10 12.50/30.10/40.0 | 11.18/32.22/45.76",
    ]


def test_a_configuration_without_the_line_is_named(checkout):
    path = checkout / "experiments" / "configs" / "scenes_nested.toml"
    path.write_text('row = "nested"\n', encoding="utf-8")
    with pytest.raises(InputError, match="has no line that begins with"):
        readme.generated(checkout)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<!-- begin generated: table1 -->\n", "needs an `end generated` mark"),
        ("<!-- begin generated: table1 -->\n<!-- end generated: table2 -->\n", "needs an `end generated` mark"),
        ("<!-- begin generated: table9 -->\n<!-- end generated: table9 -->\n", "under the name 'table9'"),
    ],
)
def test_marks_that_do_not_fit_are_refused(checkout, text, why):
    (checkout / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        readme.generated(checkout)


def test_committed_readme_and_configurations_are_what_the_records_say():
    for path, text in readme.generated(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is stale: run python -m experiments.readme"
