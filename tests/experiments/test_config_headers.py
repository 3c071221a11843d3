"""The comment at the head of a configuration: made from records, the rest untouched."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from encoded_text import InputError
from experiments.config_headers import with_header
from experiments.records import read_record, read_records
from single_net.config import load_config

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def configs(tmp_path) -> Path:
    """experiments/configs with one base, a configuration of the scenes and one of COCO."""
    folder = tmp_path / "configs"
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "nested.toml").write_text("# In words.\n# More words.\n\n# not these\n[batch]\nsize = 9\n")
    (folder / "scenes_nested.toml").write_text('# old\n\nbase = ["base/nested.toml"]\nvariant = "nested"\n\n# kept\n')
    coco = '# old\n\nbase = ["scenes_nested.toml"]\nvariant = "config-2"\n[data]\nname = "coco"\n'
    (folder / "coco_config_2.toml").write_text(coco)
    return folder


def expected(text: str) -> list[str]:
    return [line.removeprefix("# Expected: ") for line in text.splitlines() if line.startswith("# Expected: ")]


def test_words_command_hardware_and_expectation(configs, write_record):
    path = configs / "scenes_nested.toml"
    record = read_record(write_record("scenes", "nested", configuration=load_config(path).to_dict()))
    text = with_header(path, [record])
    head, _, rest = text.partition("\n\n")
    assert rest == 'base = ["base/nested.toml"]\nvariant = "nested"\n\n# kept\n'
    assert head.splitlines()[:7] == [
        "# nested on synthetic scenes.",
        "# In words.",
        "# More words.",
        "# Command:  make reproduce-table1 DATA=scenes",
        "# This variant alone:",
        "#           python -m single_net.train experiments/configs/scenes_nested.toml",
        "# Hardware: cpu: made up, 2 threads",
    ]
    recalls = [record[f"metrics.{d}.recall"].values() for d in ("image_to_sentence", "sentence_to_image")]
    left, right = ("/".join(f"{v:.{p}f}" for v in values) for values, p in zip(recalls, (1, 2), strict=True))
    first, second, third = expected(text)
    assert first == f"R@1/5/10 {left} i2t | {right} t2i on synthetic scenes test, 1,000 × 5,000"
    low, high = record["metrics.sentence_to_image.interval_95.10"]
    assert second.endswith(f"[{low:.2f}, {high:.2f}]")
    assert third == "4.3 min; record results/records/table1/scenes-nested.json"
    path.write_text(text)
    assert with_header(path, [record]) == text


def test_several_seeds_are_their_mean(configs, write_record):
    path = configs / "scenes_nested.toml"
    for seed in (3, 4, 5):
        configuration = load_config(path, [f"training.seed={seed}"]).to_dict()
        folder = write_record("scenes", "nested", seed=seed, configuration=configuration).parent
    runs = read_records(folder)
    first, second, _ = expected(with_header(path, runs))
    r1 = [run["metrics.image_to_sentence.recall.1"] for run in runs]
    assert first.startswith(f"R@1/5/10 {np.mean(r1):.1f} ± {np.std(r1, ddof=1):.1f}  ")
    assert first.endswith("(mean ± standard deviation, seeds 3, 4, 5)")
    assert second.startswith("seed 3: R@10 with 95 % interval")


def test_what_the_recorded_run_had_otherwise_and_the_nearest_run_is_taken(configs, write_record):
    path = configs / "scenes_nested.toml"
    other = json.loads(json.dumps(load_config(path).to_dict()))
    other["training"]["epochs"], other["data"]["root"] = 3.0, "/elsewhere"
    record = read_record(write_record("scenes", "nested", configuration=other))
    assert expected(with_header(path, [record]))[-1] == "(that run had training.epochs=3.0)"
    same = read_record(write_record("scenes", "nested", "table2", configuration=load_config(path).to_dict()))
    assert expected(with_header(path, [record, same]))[-1].endswith("records/table2/scenes-nested.json")


def test_without_a_record_the_published_result(configs):
    text = with_header(configs / "coco_config_2.toml", [])
    assert expected(text) == [
        "not measured yet: no record of coco config-2 in results/records",
        "published (paper, Table 1): R@1/5/10 12.50/30.10/40.0 i2t | 11.18/32.22/45.76 t2i",
    ]
    assert "# Command:  COCO_ROOT=/data/coco make reproduce-table1\n" in text and "# In words.\n" in text


@pytest.mark.parametrize(
    ("name", "command"),
    {
        "flickr8k_nested": "FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k make reproduce-flickr8k",
        "flickr8k_config_standard": (  # it trains nested as well, with Flickr30K's captions
            "FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k make reproduce-flickr8k"
        ),
        "flickr30k_nested_subset": (
            "FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k make reproduce-flickr30k-subset"
        ),
        "scenes_nested_sound": "make reproduce-sound DATA=scenes",
        "scenes_reference": "make reproduce-ambiguities",
        "table_taught": (  # no study has it without many others
            "python -m single_net.teach experiments/configs/table_taught.toml --root my_images\n"
            "#           python -m single_net.train experiments/configs/table_taught.toml --root my_images"
        ),
        "table_nested": "TABLE_ROOT=my_images make reproduce-table2 DATA=table",
    }.items(),
)
def test_the_command_names_every_root(name, command):
    assert f"# Command:  {command}\n" in with_header(ROOT / "experiments" / "configs" / f"{name}.toml", [])


def test_a_configuration_without_a_head_is_named(configs):
    path = configs / "scenes_nested.toml"
    path.write_text('base = ["base/nested.toml"]\n\nvariant = "nested"\n')
    with pytest.raises(InputError, match="should begin with a comment"):
        with_header(path, [])


def test_what_must_come_before_the_training_alone_is_told():
    configs = ROOT / "experiments" / "configs"
    taught, larger, subset = (
        with_header(configs / f"{name}.toml", [])
        for name in ("flickr8k_taught", "flickr8k_taught_160", "flickr30k_nested_subset")
    )
    roots = "#           FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k python -m single_net"
    teach, train = (f"{roots}.{of} experiments/configs/flickr8k_taught.toml\n" for of in ("teach", "train"))
    assert f"# This variant alone:\n{teach}{train}" in taught
    assert "# Continues flickr8k-taught with images of 160 px.\n" in larger and "single_net.teach" not in larger
    assert "This variant alone" not in subset


@pytest.mark.parametrize("path", sorted((ROOT / "experiments" / "configs").glob("*.toml")), ids=lambda path: path.stem)
def test_a_shell_takes_the_commands_as_they_stand(path):
    head = with_header(path, []).partition("\n\n")[0]
    commands = [line[12:] for line in head.splitlines() if line.startswith(("# Command:  ", "#           "))]
    script = "make() { :; }\npython() { :; }\n" + "\n".join(commands)
    assert commands and subprocess.run(["sh", "-e", "-c", script]).returncode == 0
    assert all(re.fullmatch(r"(\w+_ROOT=\S+ )*(make reproduce|python -m single_net)[^()]*", one) for one in commands)


def test_a_compiled_run_says_so(configs, write_record):
    path = configs / "scenes_nested.toml"
    compiled = load_config(path, ["training.compile=true"]).to_dict()
    record = read_record(write_record("scenes", "nested", configuration=compiled))
    assert expected(with_header(path, [record]))[2:] == [
        "4.3 min, compiled; record results/records/table1/scenes-nested.json"
    ]
