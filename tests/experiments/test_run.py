"""What a make target trains: data, variants and seeds, and what is checked before the first training."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from commands import outcome, refusal
from fake_teachers import write_teaching
from markdown_cells import cells

from encoded_text import InputError
from encoded_text.common.errors import run_command
from experiments import run as module
from experiments import training
from experiments.processes import call
from experiments.study import Study, read_study
from experiments.training import Run, check, choose_data, choose_runs, train, without_missing_teachers
from single_net.common import tensor_file
from single_net.data.load import DATASETS, load_dataset

pytestmark = pytest.mark.usefixtures("no_roots")

ROOT = Path(__file__).resolve().parents[2]
TABLE1, TABLE2, TWO_TOWER = (read_study(name) for name in ("table1", "table2", "two_tower"))
SMALL = ["network.image_size=75", "training.epochs=0.34", "batch.size=12", "encoder.min_count=1"]


def main() -> None:
    run_command(module._main)


def test_the_studys_own_data_where_there_is_some_else_the_scenes(monkeypatch):
    assert choose_data(TABLE1, None) == "scenes" and choose_data(read_study("ambiguities"), None) == "scenes"
    monkeypatch.setenv("COCO_ROOT", "/data/coco")
    assert choose_data(TABLE1, None) == "coco"
    assert choose_data(TABLE2, None) == "scenes"
    assert choose_data(TABLE2, "flickr8k") == "flickr8k"
    with pytest.raises(InputError, match="FLICKR8K_ROOT"):
        choose_data(read_study("flickr8k"), None)


def test_variants_and_seeds_are_the_lines_own_unless_named():
    def named(study, *wanted):
        return [run.name for run in choose_runs(read_study(study), "flickr8k", *wanted)]

    lines = read_study("flickr8k").lines
    own = [f"flickr8k-{line.variant}" + (f"-seed{seed}" if seed else "") for line in lines for seed in line.seeds]
    assert named("flickr8k") == own and "flickr8k-nested-seed2" in own
    assert named("flickr8k", ["nested"], [4]) == ["flickr8k-nested-seed4"]
    assert named("two_tower", ["nested", "two_tower_lstm"]) == ["flickr8k-nested", "flickr8k-two-tower-lstm"]
    assert "flickr8k-nested-subset" not in named("table2")
    assert named("table2", ["nested-subset"]) == ["flickr8k-nested-subset"]
    assert named("sound") == [f"flickr8k-nested-sound{seed}" for seed in ("", "-seed1", "-seed2")]
    with pytest.raises(InputError, match="table1 has no variant 'two-tower-lstm': choose from config-standard"):
        named("table1", ["two-tower-lstm"])


def test_the_data_set_that_stands_in_is_trained_on_with_one_seed():
    assert [run.name for run in choose_runs(read_study("sound"), "scenes")] == ["scenes-nested-sound"]
    assert len(choose_runs(read_study("sound"), "scenes", ["nested-sound"], [3, 4])) == 2


def test_the_data_set_that_stands_in_leaves_out_what_has_no_configuration_for_it():
    scratch = ["nested", "two-tower-inception", "two-tower-lstm"]
    assert [run.line.variant for run in choose_runs(TWO_TOWER, "scenes")] == scratch
    assert [run.line.variant for run in choose_runs(TWO_TOWER, "flickr8k")][3:] == [
        "taught",
        "taught-two-tower-inception",
        "taught-two-tower-lstm",
    ]
    assert [run.name for run in choose_runs(TWO_TOWER, "scenes", ["taught"])] == ["scenes-taught"]
    own = [run.line.variant for run in choose_runs(read_study("flickr8k"), "table", [], [0])]
    assert own == ["config-standard", "config-2", "nested", "taught"]  # taught-160 has none for a table
    with pytest.raises(InputError, match="no configuration for coco"):
        choose_runs(read_study("sound"), "coco")


def test_captions_without_images_are_no_data_to_train_on(tmp_path, monkeypatch, capsys):
    """As Flickr30K's, which the README says to download for their words."""
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}.txt").write_text(f"{split}1\n{split}2\n")
    lines = (f"{split}{n}.jpg#{k}\ta dog\n" for split in ("train", "val", "test") for n in (1, 2) for k in range(5))
    (tmp_path / "results_20130124.token").write_text("".join(lines))
    monkeypatch.setenv("FLICKR30K_ROOT", str(tmp_path))
    assert choose_data(TABLE2, None) == "scenes"
    assert "test1.jpg is missing" in capsys.readouterr().out
    (tmp_path / "test2.jpg").touch()  # some are there: the others are missing
    assert choose_data(TABLE2, None) == "flickr30k"


def test_a_record_that_cannot_be_used_is_told_before_the_training(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "run_study", lambda study, runs: pytest.fail("it was trained"))
    file = Path("runs/records/table1/scenes-older.json")
    file.parent.mkdir(parents=True)
    file.write_text('{"format": "single-net run record 1"}')
    assert f"{file}: " in refusal(main, "table1")


def test_taught_runs_are_left_out_where_nobody_can_teach(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    runs = choose_runs(read_study("flickr8k"), "flickr8k", ["nested", "taught"], [0])
    monkeypatch.setattr(training, "missing_packages", lambda: ["efficientnet_lite_pytorch"])
    assert [run.name for run in without_missing_teachers(runs)] == ["flickr8k-nested"]
    assert "flickr8k-taught is left out" in capsys.readouterr().out
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "flickr8k-teaching.safetensors").touch()
    assert without_missing_teachers(runs) == runs
    (tmp_path / "runs" / "flickr8k-teaching.safetensors").unlink()
    with pytest.raises(InputError, match="nothing is left to train"):
        without_missing_teachers(runs[1:])


def test_a_missing_teaching_file_is_prepared_before_the_training(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calls = []
    monkeypatch.setattr(training, "call", lambda *words: calls.append(words[0]))
    [run] = choose_runs(read_study("flickr8k"), "flickr8k", ["taught"], [0])
    train(run)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "flickr8k-teaching.safetensors").touch()
    train(run)
    assert calls == ["single_net.teach", "single_net.train", "single_net.train"]


def test_a_teaching_file_in_the_home_folder_is_there(shapes, tmp_path, monkeypatch):
    """And is not prepared again, which would replace it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.setattr(training, "missing_packages", lambda: ["timm"])
    calls: list[str] = []
    monkeypatch.setattr(training, "call", lambda *words: calls.append(words[0]))
    small = [*SMALL, "loss.granularities=[2,4]", "encoder.extra_captions=", "teaching.file=~/t.safetensors"]
    [run] = choose_runs(read_study("flickr8k"), "table", ["taught"], [0], small)
    write_teaching(shapes, tmp_path / "t.safetensors")
    assert without_missing_teachers([run]) == [run]
    train(run)
    assert calls == ["single_net.train"]
    (tmp_path / "t.safetensors").write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"t\.safetensors"):
        check([run])


def test_a_teaching_file_of_other_data_stops_the_first_run(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.chdir(tmp_path)
    small = ["loss.granularities=[2,4]", "network.image_size=75", "encoder.extra_captions="]
    [run] = choose_runs(read_study("flickr8k"), "table", ["taught"], [0], small)
    file = tmp_path / "runs" / "table-teaching.safetensors"
    write_teaching(shapes, file)
    check([run])
    table = shapes / "captions.csv"
    table.write_text(table.read_text().replace("train0.png,", "train0.png,another ", 1))
    with pytest.raises(InputError, match=r"table-teaching\.safetensors was made with other captions of train0"):
        check([run])
    file.write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"table-teaching\.safetensors"):
        check([run])


def test_data_sets_that_use_the_configuration_of_a_table_have_teaching_files_of_their_own():
    study = read_study("flickr8k")
    files = {of: Run(study.line("taught"), of).config().teaching.file for of in ("flickr8k", "table", "coco", "scenes")}
    assert {of: Path(file).name for of, file in files.items()} == {of: f"{of}-teaching.safetensors" for of in files}


def test_what_a_run_takes_from_the_one_before_it_is_not_set_again():
    given = ["encoder.file=E.safetensors", "training.epochs=3"]
    [run] = choose_runs(read_study("flickr8k"), "flickr8k", ["taught-160"], [0], given)
    assert Path(run.after.config().encoder.file).name == "E.safetensors" and run.config().encoder.file == ""
    assert run.config().training.epochs == run.after.config().training.epochs == 3


def test_a_run_that_goes_on_from_another_one_comes_after_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = {"variant": "larger", "base": "nested", "overrides": {"network": {"image_size": 160}}, "after": "nested"}
    lines = [{"variant": "nested", "base": "nested", "seeds": [0, 1]}, line | {"seeds": [0, 1]}]
    study = Study.model_validate({"name": "s", "title": "T", "data": "scenes", "columns": ["rsum"], "lines": lines})
    _, larger = runs = choose_runs(study, "scenes", ["larger"])
    assert [run.after.name for run in runs] == ["scenes-nested", "scenes-nested-seed1"]
    assert larger.changes[-1] == 'training.init_from="runs/scenes-nested-seed1"'
    assert larger.config().training.init_from == str(tmp_path / "runs/scenes-nested-seed1")
    calls = []
    monkeypatch.setattr(training, "call", lambda module, *words: calls.append((module, words)))
    train(larger)
    assert [words[words.index("--output") + 1].name for _, words in calls] == [stage.name for stage in larger.stages]


def test_seeds_are_named_with_seeds_alone(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="--seeds"):
        choose_runs(TABLE1, "scenes", ["nested"], [], ["training.seed=3"])
    with pytest.raises(InputError, match="--variants"):  # its record would belong to no line of the study
        choose_runs(TABLE1, "scenes", ["nested"], [], ["variant=mine"])


def test_every_data_set_has_a_configuration():
    assert Run(TABLE1.line("nested"), "scenes").config_file.name == "scenes_nested.toml"
    assert Run(TABLE1.line("config-2"), "karpathy").config_file.name == "table_config_2.toml"
    for data in DATASETS:
        for line in TABLE1.lines:
            assert Run(line, data, 3).config().data.name == data and Run(line, data, 3).config().training.seed == 3


def test_the_command_line_of_a_variant(tmp_path, monkeypatch):
    run = Run(TWO_TOWER.line("two-tower-lstm"), "scenes", 1, ("training.epochs=2",))
    assert run.changes == ["network.captions=lstm", "variant=two-tower-lstm", "training.epochs=2"]
    assert run.folder == Path("runs/scenes-two-tower-lstm-seed1")
    config = run.config()
    assert (config.variant, config.network.captions, config.training.epochs) == ("two-tower-lstm", "lstm", 2)


@pytest.mark.slow
def test_it_trains_evaluates_and_reports_and_can_be_called_again(shapes, tmp_path, monkeypatch):
    """The real commands, on a tiny data set, in an empty folder."""
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    words = ["table2", "--data", "table", "--variants", "config_standard"]
    words += [word for change in SMALL for word in ("--set", change)]
    command = [sys.executable, "-m", "experiments.run", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "runs/records/table2/table-config-standard.json").read_text())
    assert record["command"].startswith("python -m single_net.evaluate")
    assert record["dataset"]["name"] == "table" and record["variant"] == "config-standard"
    recall = record["metrics"]["image_to_sentence"]["recall"]["10"]
    report = (tmp_path / "runs/reports/table2.md").read_text()
    assert report in done.stdout
    [line] = [row for row in cells(report) if row[-1] == "yours"]
    assert line[0] == "Single-Net (config-standard)" and line[3] == f"{recall:.1f}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs", "shapes"]  # nothing else is written

    def call_here(module: str, *arguments: object) -> None:
        done = outcome(importlib.import_module(module).main, *arguments)
        assert done.status == 0, done.err

    for name in ("run", "training"):
        monkeypatch.setattr(f"experiments.{name}.call", call_here)
    monkeypatch.chdir(tmp_path)
    again = outcome(main, *words)
    assert again.status == 0 and "is trained already" in again.out
    seeded = outcome(main, *words, "--seeds", "0", "1")
    assert seeded.status == 0, seeded.err
    assert json.loads((tmp_path / "runs/records/table2/table-config-standard-seed1.json").read_text())["seed"] == 1
    assert "Single-Net (config-standard), 2 seeds" in (tmp_path / "runs/reports/table2.md").read_text()
    assert "other settings" in refusal(main, *words, "--set", "batch.size=6")
    table = shapes / "captions.csv"
    rows = table.read_text().splitlines()
    table.write_text("\n".join([*rows[:-1], rows[-2]]) + "\n")  # a repeated row is left out of what is read
    assert outcome(main, *words).status == 0
    table.write_text(table.read_text().replace("train0.png,", "train0.png,another ", 1))
    ended = outcome(main, *words)
    assert ended.status == 2 and "other data" in ended.err.splitlines()[-1]


def test_an_interrupted_run_is_resumed_and_a_shared_one_recorded_at_its_home(tmp_path, monkeypatch):
    calls = []
    for name in ("run", "training"):
        monkeypatch.setattr(f"experiments.{name}.call", lambda *words: calls.append([str(word) for word in words]))
    monkeypatch.chdir(tmp_path)
    runs = choose_runs(TABLE2, "scenes", ["nested"])
    runs[0].folder.mkdir(parents=True)
    (runs[0].folder / "checkpoint-000000007.safetensors").touch()
    module.run_study(TABLE2, runs)
    training, evaluation = calls
    assert training[0] == "single_net.train" and training[-1] == "--resume"
    assert evaluation == [
        "single_net.evaluate",
        "runs/scenes-nested",
        "--record",
        "runs/records/table1/scenes-nested.json",
    ]


def test_what_would_stop_the_last_run_stops_the_first(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="12 training images"):
        module.run_study(TABLE2, choose_runs(TABLE2, "table"))
    assert not (tmp_path / "runs").exists()
    small = ["loss.granularities=[2,4]", "network.image_size=75"]
    check(choose_runs(TWO_TOWER, "table", ["nested", "two-tower-lstm"], [], small))


def test_a_folder_of_another_seed_or_start_is_not_the_run(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    monkeypatch.chdir(tmp_path)
    [run] = choose_runs(TABLE2, "table", ["config_standard"], [], SMALL)

    def trained_with(**training: object) -> None:
        config = run.config()
        config = config.model_copy(update={"training": config.training.model_copy(update=training)})
        meta = {"config": config.to_dict(), "training_data": load_dataset("table", shapes, "train").describe()}
        tensor_file.save(run.folder / "model.safetensors", "model", {"a": torch.zeros(1)}, meta)

    trained_with(checkpoint_minutes=7.0)
    check([run])
    for changed in ({"seed": 1}, {"init_from": "/elsewhere/model.safetensors"}):
        trained_with(**changed)
        with pytest.raises(InputError, match="other settings"):
            check([run])


def test_extra_captions_that_are_missing_stop_the_first_run_too(shapes, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))
    small = ["loss.granularities=[2,4]", "encoder.extra_captions=flickr30k"]
    with pytest.raises(InputError, match=r"FLICKR30K_ROOT.*--set encoder\.extra_captions="):
        check(choose_runs(TABLE1, "table", ["nested"], [], small))
    check(choose_runs(TABLE1, "table", ["nested"], [], [*small, "encoder.extra_captions="]))


@pytest.mark.slow
def test_missing_data_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "COCO_ROOT" in refusal(main, "table1", "--data", "coco")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_fresh_clone_can_begin_table_1_without_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = choose_runs(TABLE1, choose_data(TABLE1, None))
    assert [run.name for run in runs] == ["scenes-config-standard", "scenes-config-2", "scenes-nested"]
    check(runs)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("raise SystemExit(3)", 3),
        ("import os; os.kill(os.getpid(), 15)", 143),
        ("raise KeyboardInterrupt", 130),  # Ctrl-C before the command has its own handler
    ],
)
def test_the_status_of_a_command_that_fails_is_passed_on(tmp_path, monkeypatch, code, status):
    (tmp_path / "stops.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SystemExit) as leaving:
        call("stops")
    assert leaving.value.code == status
    (tmp_path / "stops.py").write_text("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(InputError, match=r"SIGKILL\): out of memory\?"):
        call("stops")
    (tmp_path / "stops.py").write_text("import os; os.kill(os.getpid(), 6)")
    with pytest.raises(InputError, match=r"SIGABRT\)$"):
        call("stops")


def test_sigterm_reaches_the_training(tmp_path):
    (tmp_path / "waits.py").write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('saved', flush=True), sys.exit(143)))\n"
        "print('training', flush=True)\ntime.sleep(60)\n"
    )
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from experiments.processes import call; call('waits')"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert [process.stdout.readline().split()[0] for _ in range(2)] == ["$", "training"]
    process.terminate()
    assert process.communicate(timeout=30)[0] == "saved\n" and process.returncode == 143
