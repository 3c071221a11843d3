"""Model files and command lines as nobody should write them: success, or one line and status 2; never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import outcome
from finished_runs import finished_model
from fuzzing import FEW, FEWER, NUMBERS, WORDS, assert_one_line
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from encoded_text import Layout, TextImageEncoder
from encoded_text import __main__ as encoded_text_main
from encoded_text.common.errors import run_command
from experiments import log
from single_net import embed, evaluate, train
from single_net.data import pack
from single_net.evaluation.record import require_trained
from single_net.inference.model import Model
from single_net.search import __main__ as search_main
from single_net.tsne import __main__ as tsne_main

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["two words", "lstm", "", "9" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


class Parts:
    """A model file in parts: the header, and where it holds bytes that are not zero. Weights are left as a hole."""

    def __init__(self, path: Path):
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            self.header: dict[str, Any] = json.loads(file.read(length))
            self.start, self.end = self.header["encoder.colors"]["data_offsets"]
            file.seek(8 + length + self.start)
            self.colors = file.read(self.end - self.start)
        self.data = path.stat().st_size - 8 - length
        self.meta = json.loads(self.header["__metadata__"]["meta"])

    def write(self, path: Path, header: bytes) -> None:
        with path.open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.seek(self.start, os.SEEK_CUR)
            file.write(self.colors)
            file.truncate(8 + len(header) + self.data)

    def encode(self, header: dict[str, Any], meta: Any = None) -> bytes:
        metadata = header["__metadata__"]
        if meta is not None:
            header = header | {"__metadata__": metadata | {"meta": json.dumps(meta)}}
        return json.dumps(header).encode()


@pytest.fixture(scope="module")
def parts(untrained_run, tmp_path_factory) -> Parts:
    path = tmp_path_factory.mktemp("finished") / "model.safetensors"
    finished_model(untrained_run).save(path)
    return Parts(path)


def used(path: Path) -> Callable[[], None]:
    """What commands do with a model file."""

    def body() -> None:
        model = Model.load(path)
        model.encode_text(["a red square", "zebra"])
        require_trained(model)

    return lambda: run_command(body)


def test_an_unchanged_model_file_is_used(parts, tmp_path):
    """Or the tests below would see refusals alone."""
    parts.write(tmp_path / "whole.safetensors", parts.encode(parts.header))
    done = outcome(used(tmp_path / "whole.safetensors"))
    assert done.status == 0, done.err


@FEW
@given(data=st.data())
def test_model_files_that_are_cut_off_or_changed_in_some_bytes(parts, tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
    header = bytearray(parts.encode(parts.header))
    for place in data.draw(st.lists(st.integers(0, len(header) - 1), max_size=4), "places"):
        header[place] = data.draw(st.integers(0, 255), "byte")
    parts.write(path, bytes(header))
    if data.draw(st.booleans(), "cut"):
        size = path.stat().st_size
        os.truncate(path, data.draw(st.one_of(st.integers(0, len(header) + 20), st.integers(0, size)), "length"))
    assert_one_line(used(path))


@FEWER
@given(data=st.data())
@pytest.mark.slow
def test_model_files_with_other_meta_or_tensors_in_each_others_places(parts, tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
    header, meta = json.loads(json.dumps([parts.header, parts.meta]))
    names = sorted(header.keys() - {"__metadata__"})
    if data.draw(st.booleans(), "swap"):
        one, other = data.draw(st.tuples(*[st.sampled_from([*names[:40], "encoder.colors"])] * 2), "names")
        header[one], header[other] = header[other], header[one]
    else:
        table, keys = meta, []
        while isinstance(table, dict) and table and (not keys or data.draw(st.booleans(), "deeper")):
            keys.append(data.draw(st.sampled_from(sorted(table)), "key"))
            table = table[keys[-1]]
        table = meta
        for key in keys[:-1]:
            table = table[key]
        if data.draw(st.booleans(), "delete"):
            del table[keys[-1]]
        else:
            table[keys[-1]] = data.draw(JUNK, "value")
    parts.write(path, parts.encode(header, meta))
    assert_one_line(used(path))


FILES = st.sampled_from(["damaged.safetensors", "encoder.safetensors", "caption.png", "text.txt", ".", "none.png"])
VALUES = st.one_of(FILES, WORDS, NUMBERS, st.sampled_from(["scenes", "test", "paper", "cpu", "--help"]))
RUN = "damaged.safetensors"
COMMANDS = {
    "encode": (
        encoded_text_main,
        "dog --vectors encoder.safetensors -o out.png --size 300 --fill repeat --layout figure",
    ),
    "decode": (encoded_text_main, "--decode caption.png --vectors encoder.safetensors --size 256"),
    "fit": (
        encoded_text_main,
        "--fit text.txt -o e.safetensors --vectors vectors.txt --normalization global --tokenizer icu",
    ),
    "evaluate": (evaluate, f"{RUN} --split val --data scenes --skip-bad --device cpu --record r.json"),
    "search": (search_main, f"{RUN} dog caption.png --folder . -k 3 -o out.png --data scenes --device cpu --root ."),
    "embed": (embed, f"{RUN} -o v.npz --folder . --split val --data scenes --skip-bad --device cpu --root ."),
    "train": (train, "text.txt -o run --data table --root . --columns image=a --seed 1 --set training.epochs=1"),
    "pack": (pack, "table --root . -o out.zip --size 32 --quality 80 --splits test --columns image=a --skip-bad"),
    "log": (log, f"{RUN} caption.png -o log.csv --note dog"),
    "tsne": (
        tsne_main,
        f"{RUN} -o m.png --images 9 --perplexity 3 --seed 1 --clusters 3 --pairs --interactive",
    ),
}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    colors = np.arange(4 * 36, dtype=np.uint8).reshape(4, 36)
    encoder = TextImageEncoder(["a", "red", "dog", "runs"], colors, Layout.figure(), "zscore", {})
    encoder.save("encoder.safetensors")
    Image.fromarray(encoder.transform(["a red dog"])[0]).save("caption.png")
    Path("text.txt").write_text("a red dog\n")
    Path("vectors.txt").write_text(
        "".join(f"{word} {' '.join(map(str, range(i, i + 128)))}\n" for i, word in enumerate("abc"))
    )
    Path("damaged.safetensors").write_bytes(Path("encoder.safetensors").read_bytes()[:-9])
    return tmp_path


@pytest.mark.parametrize("name", ["encode", "decode", "fit"])
def test_the_unchanged_call_works(folder, name):
    if name == "fit":
        pytest.importorskip("icu4py")
    command, line = COMMANDS[name]
    done = outcome(command.main, *line.split())
    assert done.status == 0, done.err


@pytest.mark.parametrize("name", COMMANDS)
@FEW
@given(data=st.data())
def test_command_lines(folder, name, data):
    """A call as in the help, with some words left out, added or replaced."""
    command, line = COMMANDS[name]
    words = line.split()
    for _ in range(data.draw(st.integers(0, 3), "changes")):
        place = data.draw(st.integers(0, len(words)), "place")
        words[place : place + data.draw(st.integers(0, 2), "left out")] = data.draw(st.lists(VALUES, max_size=1), "new")
    assert_one_line(command.main, *words)
