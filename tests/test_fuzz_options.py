"""Options as nobody should write them, of commands whose inputs are real: success, or one line, status 2 and no trace.

The inputs are a run with a small network, its record, configuration, data set, encoder and log."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from commands import outcome
from fuzzing import FEW, NUMBERS, WORDS, assert_one_line
from hypothesis import given, settings
from hypothesis import strategies as st
from shapes import write_shapes

from experiments import log
from single_net import embed, evaluate, train
from single_net.data import pack
from single_net.inference.model import Model
from single_net.search import __main__ as search
from single_net.training.loop import Trainer
from single_net.tsne import __main__ as tsne

LESS = settings(FEW, max_examples=FEW.max_examples * 3 // 4)
pytestmark = pytest.mark.usefixtures("shallow_backbone")

CONFIG = """
data.name = "table"
network = { image_size = 75, embedding_dim = 8 }
loss.classes = "image"
batch.size = 30
training.epochs = 1.0
"""
# What is not as it should be: folders, missing, empty and damaged files, files of another kind, no ordinary ones.
FOUND = ["", ".", "run", "run/model.safetensors", "run/encoder.safetensors", "run/test.json", "run/log.csv", "data"]
FOUND += ["data/captions.csv", "data/test0.png", "none", "none/x", "empty", "empty.json", "empty.png", "damaged"]
FOUND += ["config.toml", "config.toml/x", "packed.zip", "log.csv", "/dev/null", "/proc/x", "~", "~nobody/x"]
# Where something could be written, perhaps.
PLACES = ["new/deep/o{}", "config.toml/o{}", "/proc/o{}", "~/o{}", "o\n{}", "\udcff{}", ".{}", "empty{}", "folder{}"]
PLACES += ["run/model{}", "run/test{}", "data/test0{}", "a" * 250 + "{}", "é" * 120 + "{}", "a" * 300 + "{}", "o.txt"]
DATA = "--data --root --image-folder --columns --device --split"
COMMANDS = {  # a call that works, other options, and those whose value is a file to be written
    "evaluate": (evaluate, "run --record o.json", f"{DATA} --skip-bad", {"--record": ".json"}),
    "embed": (embed, "run -o o.npz", f"{DATA} --folder --skip-bad", {"-o": ".npz", "--output": ".safetensors"}),
    "search": (
        search,
        "run red data/test0.png -o o.png",
        f"{DATA} --folder -k --find --run --json --skip-bad",
        {"-o": ".png"},
    ),
    "tsne": (
        tsne,
        "run -o o.png --perplexity 3",
        f"{DATA} --images --perplexity --seed --clusters --pairs --interactive",
        {"-o": ".png"},
    ),
    "pack": (
        pack,
        "table --root data -o o.zip --size 32",
        "--root --image-folder --columns --size --quality --captions-only --splits --skip-bad",
        {"-o": ".zip"},
    ),
    "log": (log, "run -o log.csv", "--note", {"-o": ".csv"}),
    "train": (
        train,
        "config.toml -o new --root data",
        f"{DATA.removesuffix(' --split')} --seed --init-from --set --resume --skip-bad",
        {"-o": ""},
    ),
}
USUAL = {
    **{
        "--data": "table",
        "--root": "data",
        "--image-folder": "data",
        "--columns": "caption=caption",
        "--device": "cpu",
    },
    **{"--split": "val", "--splits": "test", "--folder": "data", "--run": "run", "--find": "images", "-k": "2"},
    **{"--images": "4", "--perplexity": "2", "--seed": "1", "--clusters": "2", "--size": "16"},
    **{"--quality": "50", "--note": "why?", "--init-from": "run", "--set": "batch.size=10"},
}
SETTINGS = st.sampled_from(["batch.size", "training.epochs", "loss.granularities", "encoder.vectors", "network", ""])
SET = st.builds("{}={}".format, SETTINGS, NUMBERS | WORDS | st.sampled_from([*FOUND, "[2]", "{}", "true", "[[["]))


@pytest.fixture(scope="module")
def made(shallow_backbone, tmp_path_factory) -> Path:
    """The inputs."""
    root = tmp_path_factory.mktemp("made")
    write_shapes(root / "data", {"train": 6, "val": 3, "test": 4})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        Path("config.toml").write_text(CONFIG)
        for command, line in (
            (train, "config.toml -o run --root data"),
            (evaluate, "run"),
            (log, "run -o log.csv"),
            (pack, "table --root data --captions-only -o packed.zip"),
        ):
            done = outcome(command.main, *line.split())
            assert done.status == 0, done.err
    for name in ("empty", "empty.json", "empty.png", "empty.zip", "empty.npz", "empty.csv"):
        (root / name).touch()
    for ending in (".json", ".png", ".zip", ".npz", ".csv", ""):
        (root / f"folder{ending}").mkdir()
    (root / "damaged").write_bytes((root / "run" / "model.safetensors").read_bytes()[:-9])
    return root


@pytest.fixture
def inputs(made, tmp_path_factory, monkeypatch) -> Path:
    """A copy of them that is the current folder. Training takes no step, and the model is loaded once."""
    folder = tmp_path_factory.mktemp("fuzz")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder / "folder"))
    meta = {"training": {"steps": 0, "samples": 0, "seconds": 0.0}}
    monkeypatch.setattr(Trainer, "run_steps", lambda self: None)
    monkeypatch.setattr(Trainer, "finish", lambda self: SimpleNamespace(meta=meta))
    whole, load = Model.load(made / "run", torch.device("cpu")), Model.load
    known = {Path("run"), Path("run/model.safetensors")}
    monkeypatch.setattr(Model, "load", lambda run, *args, **kw: whole if Path(run) in known else load(run, *args, **kw))
    return folder


def restore(made: Path, folder: Path) -> dict[str, tuple[int, int]]:
    """Make the folder as it was, of links: what is written atomically leaves the linked files alone."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(made, folder, copy_function=os.link, dirs_exist_ok=True)
    return listing(folder)


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything in the folder except locks, which stay, and the folder of a run that holds nothing else."""
    found = {path: path.stat() for path in folder.rglob("*") if not path.name.endswith(".lock")}
    return {
        str(path.relative_to(folder)): (status.st_ino, 0 if path.is_dir() else status.st_mtime_ns)
        for path, status in found.items()
        if not (path.is_dir() and [inside.name for inside in path.iterdir()] == [".lock"])
    }


@pytest.mark.parametrize("name", COMMANDS)
@LESS
@given(data=st.data())
def test_options(made, inputs, name, data):
    """A call that works, with some options more or once more and now and then another input."""
    command, line, options, written = COMMANDS[name]
    words = line.split()
    if data.draw(st.integers(0, 5), "other input") == 0:
        words[0] = data.draw(st.sampled_from(FOUND), "input")
    for option in data.draw(st.lists(st.sampled_from([*options.split(), *written]), max_size=3), "options"):
        words.append(option)
        if option in written:
            words.append(data.draw(st.sampled_from(PLACES) | st.sampled_from(FOUND), "place").format(written[option]))
        elif option == "--set":
            words.append(data.draw(SET, "setting"))
        elif option in USUAL:
            usual = st.just(USUAL[option])
            other = NUMBERS if USUAL[option].isdigit() else st.sampled_from(FOUND)
            words.append(data.draw(st.one_of(usual, other, other, WORDS), "value"))
    before = restore(made, inputs)
    status = assert_one_line(command.main, *words)
    after = listing(inputs)
    assert status == 0 or after == before
    assert not [path for path in after if path.endswith(".part") or ".part." in path]
