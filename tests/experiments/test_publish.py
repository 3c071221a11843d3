"""What is generated is committed as the records say, and only what is named is taken from runs/."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from encoded_text import InputError
from experiments import publish as module
from experiments.publish import generated, publish
from experiments.study import NAMES, read_study
from experiments.training import choose_runs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A copy of what publish reads and writes; the working folder is beside it."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "results", root / "results")
    shutil.copytree(ROOT / "experiments" / "configs", root / "experiments" / "configs")
    shutil.copy(ROOT / "README.md", root)
    (root / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "settings.md", root / "docs")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return root


def test_committed_files_are_what_publish_makes():
    for path, text in generated(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is stale: run make publish"


def test_it_makes_every_file_and_twice_changes_nothing(checkout):
    (checkout / "results" / "table1.md").unlink()
    config = checkout / "experiments" / "configs" / "scenes_nested.toml"
    config.write_text(config.read_text().replace("# Hardware", "# Software"))
    readme = checkout / "README.md"
    readme.write_text(readme.read_text().replace("not trained here yet", "trained"))
    assert publish(checkout) == [checkout / "results" / "table1.md", config, readme]
    assert publish(checkout) == []
    names = {path.name for path in generated(checkout)}
    assert names >= {f"{study}.{suffix}" for study in NAMES for suffix in ("md", "csv", "tex")} | {"experiments.md"}


def test_curves_are_drawn_before_their_numbers_are_written(checkout, monkeypatch):
    """An interrupted call leaves numbers that the next one finds stale."""
    numbers = checkout / "results" / "flickr8k_curves.csv"
    numbers.write_text("stale")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "draw_curves", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(checkout)
    assert numbers.read_text() == "stale"


def own(study: str, data: str, variant: str, *overrides: str) -> dict[str, object]:
    """The configuration that a study trains a variant with."""
    return choose_runs(read_study(study), data, [variant], [0], overrides)[0].config().to_dict()


def test_records_and_figures_are_taken_where_named(checkout, write_record):
    configuration = own("table2", "flickr30k", "config-2")
    write_record("flickr30k", "config-2", "table2", "work/runs/records", configuration=configuration)
    drawn = checkout.parent / "work" / "runs" / "figures"
    drawn.mkdir()
    for name in ("table3.png", "table3-flickr8k.png"):
        (drawn / name).write_bytes(b"new")
    target = checkout / "results" / "records" / "table2" / "flickr30k-config-2.json"
    publish(checkout)
    assert not target.exists()
    written = publish(checkout, ["table2", "figures"])
    assert written[:2] == [target, checkout / "results" / "table3.png"]
    assert checkout / "results" / "table2.md" in written and checkout / "README.md" in written
    assert "Flickr30K test, 1,000 × 5,000" in (checkout / "results" / "table2.md").read_text(encoding="utf-8")
    assert not (checkout / "results" / "table3-flickr8k.png").exists()  # other people's images
    shutil.rmtree(drawn)
    with pytest.raises(InputError, match="no figures"):
        publish(checkout, ["figures"])


def test_records_of_other_settings_or_data_than_the_studys_are_refused(checkout, write_record):
    shorter = own("table1", "scenes", "nested", "training.epochs=2", "training.compile=true")
    path = write_record("scenes", "nested", "table1", "work/runs/records", configuration=shorter)
    with pytest.raises(InputError, match=r"training\.epochs=2\.0 instead of 6\.0: only") as error:
        publish(checkout, ["table1"])
    assert "scenes-nested.json" in str(error.value) and "compile" not in str(error.value)
    path.unlink()
    write_record("table", "nested", "table1", "work/runs/records", configuration=own("table1", "table", "nested"))
    with pytest.raises(InputError, match=r"table-nested\.json: on table, which is no data set of table1"):
        publish(checkout, ["table1"])
    assert publish(checkout) == []


def test_records_of_uncommitted_code_and_missing_ones_are_refused(checkout, write_record):
    settings = {"configuration": own("table1", "scenes", "nested")}
    dirty = {"git": {"commit": "0" * 40, "dirty": True}}
    write_record("scenes", "nested", "table1", "work/runs/records", **settings, **dirty)
    with pytest.raises(InputError, match="uncommitted code"):
        publish(checkout, ["table1"])
    done = {"steps": 10, "samples": 144000, "git": {"commit": "0" * 40, "dirty": False}}
    for changes in (
        {"training": done | dirty},
        {"training": done | {"earlier": [done, dirty]}},
        {"training": done, "init_from": {"training": done | dirty, "init_from": None}},
        {"training": done, "init_from": {"training": done, "init_from": {"training": dirty}}},
    ):
        write_record("scenes", "nested", "table1", "work/runs/records", **settings, **changes)
        with pytest.raises(InputError, match="uncommitted code"):
            publish(checkout, ["table1"])
    with pytest.raises(InputError, match="make reproduce-two-tower"):
        publish(checkout, ["two_tower"])
    assert publish(checkout) == []


def test_measurements_are_taken_where_named(checkout):
    source, target = (root / "sound_layouts.json" for root in (Path("runs"), checkout / "results"))
    source.parent.mkdir()
    with pytest.raises(InputError, match=r"python -m experiments\.sound_layouts makes it"):
        publish(checkout, ["sound_layouts"])
    record = json.loads(target.read_text())
    record["layouts"][0]["lines"] = 77
    source.write_text(json.dumps(record))
    assert publish(checkout, ["sound_layouts"]) == [target, target.with_suffix(".md")]
    assert "| 77 " in " ".join(target.with_suffix(".md").read_text().split())
    source.write_text(json.dumps(record | {"git": {"dirty": True}}))
    with pytest.raises(InputError, match="uncommitted"):
        publish(checkout, ["sound_layouts"])


def test_the_gpu_check_is_taken_where_it_is_of_a_gpu_and_of_committed_code(checkout):
    source, target = Path("runs/gpu-check/found/check.json"), checkout / "results" / "gpu.json"
    with pytest.raises(InputError, match=r"python -m experiments\.gpu_check$"):
        publish(checkout, ["gpu"])
    source.parent.mkdir(parents=True)
    clean, dirty = {"git": {"dirty": False}}, {"git": {"dirty": True}}
    check = {"format": "single-net gpu check 1", "small": False, **clean, "trainings": {"a": clean}}
    for spoiled, why in (
        ({"format": "single-net bench 1"}, "format"),
        ({"small": True}, "without a GPU"),
        (dirty, "uncommitted"),
        ({"trainings": {"a": clean, "b": dirty}}, "uncommitted"),
        ({"speed": {"lines": {"training-96-45": dirty}}}, "uncommitted"),
    ):
        source.write_text(json.dumps(check | spoiled))
        with pytest.raises(InputError, match=why):
            publish(checkout, ["gpu"])
    source.write_text(json.dumps(check))
    assert publish(checkout, ["gpu"]) == [target] and json.loads(target.read_text()) == check
