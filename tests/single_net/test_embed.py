"""Vectors as files for other programs."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from commands import outcome, refusal
from safetensors import safe_open

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.embed import main
from single_net.inference.embedding_cache import Embedded
from single_net.inference.model import Model
from single_net.inference.vector_file import write_vectors


def read(path) -> dict:
    """image_vectors, caption_vectors, image_of_caption, ids, captions and origin of any of the formats."""
    if path.suffix.lower() == ".npz":
        with np.load(path, allow_pickle=False) as file:
            found = dict(file)
        text = {name: found[name].tolist() for name in ("ids", "captions")}
        return found | text | {"origin": json.loads(str(found["origin"]))}
    if path.suffix == ".safetensors":
        with safe_open(path, "numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays | {name: json.loads(text) for name, text in file.metadata().items()}
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(path)
    lines = table.to_pylist()
    images, captions = ([line for line in lines if line["kind"] == kind] for kind in ("image", "caption"))
    ids = [line["image"] for line in images]
    return {
        "image_vectors": np.array([line["vector"] for line in images], np.float32),
        "caption_vectors": np.array([line["vector"] for line in captions], np.float32),
        "image_of_caption": np.array([ids.index(line["image"]) for line in captions]),
        "ids": ids,
        "captions": [line["caption"] for line in captions],
        "origin": json.loads(table.schema.metadata[b"single_net"]),
    }


@pytest.mark.parametrize("suffix", [".parquet", ".npz", ".safetensors", ".NPZ"])
def test_a_split_is_written_as_the_model_embeds_it(untrained_run, tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"vectors{suffix}"
    done = outcome(main, untrained_run, "-o", path)
    assert done.status == 0 and "12 images and 61 captions, 128 values each" in done.out
    found, model = read(path), Model.load(untrained_run)
    data = model.config.data.load("test")
    assert found["ids"] == list(data.ids) and found["captions"] == data.flat_captions
    np.testing.assert_array_equal(found["image_of_caption"], data.image_of_caption)
    np.testing.assert_allclose(found["image_vectors"], model.encode_image(data.images), atol=1e-6)
    np.testing.assert_allclose(found["caption_vectors"], model.encode_text(data.flat_captions), atol=1e-6)
    assert found["origin"]["data"]["sha256"] == data.checksums()


def test_a_folder_has_images_alone(untrained_run, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("b.png", "a.png"):
        shutil.copy(untrained_run.parent / "shapes" / "test0.png", folder / name)
    done = outcome(main, untrained_run, "--folder", folder, "-o", tmp_path / "own.npz")
    assert done.status == 0, done.err
    found = read(tmp_path / "own.npz")
    assert found["ids"] == ["a.png", "b.png"] and found["captions"] == []
    assert found["image_vectors"].shape == (2, 128) and found["caption_vectors"].shape == (0, 128)


def test_bad_calls_are_one_line_before_the_work(untrained_run, tmp_path, monkeypatch):
    assert "vectors are written as .parquet" in refusal(main, untrained_run, "-o", tmp_path / "vectors.csv")
    run = untrained_run / "model.safetensors"
    assert "model.safetensors holds no vectors" in refusal(main, untrained_run, "-o", run)
    other = tmp_path / "other.safetensors"
    for content in (b"my notes", bytes(100)):
        other.write_bytes(content)
        assert "other.safetensors holds no vectors" in refusal(main, untrained_run, "-o", other)
        assert other.read_bytes() == content
    on_folder = ("-o", tmp_path / "v.npz", "--folder", tmp_path)
    assert "leave --split out" in refusal(main, untrained_run, *on_folder, "--split", "val")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "single-net[parquet]" in refusal(main, untrained_run, "-o", tmp_path / "vectors.parquet")


DOCS = Path(__file__).resolve().parents[2] / "docs" / "export.md"


def test_the_example_of_the_docs_runs(untrained_run, tmp_path, monkeypatch):
    for package in ("pyarrow", "pandas", "faiss"):
        pytest.importorskip(package)
    assert outcome(main, untrained_run, "-o", tmp_path / "scenes.parquet").status == 0
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(import faiss.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec(code, names)
    assert len(names["captions"].nearest) == 61 and set(names["captions"].nearest) <= set(names["images"].image)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_what_was_written_before_stays_where_writing_fails(untrained_run, tmp_path, monkeypatch, suffix):
    path = tmp_path / f"vectors{suffix}"
    path.write_bytes(b"before")

    def full(file: BinaryIO | Path, *_: object, **__: object) -> None:
        with open(file, "wb") if isinstance(file, Path) else contextlib.nullcontext(file) as opened:
            opened.write(b"half")
        raise OSError(28, "No space left on device")

    assert outcome(main, untrained_run, "-o", tmp_path / f"other{suffix}").status == 0  # and in the cache
    monkeypatch.setattr("numpy.savez", full)
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert outcome(main, untrained_run, "-o", path).status == 2
    assert path.read_bytes() == b"before"


def test_a_caption_too_long_for_npz_is_told_before_the_memory_is_gone(tmp_path):
    data = CaptionDataset("mine", "test", ["a"], [np.zeros((8, 8, 3), np.uint8)], [["x" * 300_000] + ["y"] * 999])
    embedded = Embedded(data, np.ones((1, 2), np.float32), np.ones((1000, 2), np.float32))
    with pytest.raises(InputError, match=r"longest of the captions .* 1\.1 GiB.*write \.parquet"):
        write_vectors(tmp_path / "v.npz", embedded, {})
    write_vectors(tmp_path / "v.safetensors", embedded, {})
