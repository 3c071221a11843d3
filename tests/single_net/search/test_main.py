"""python -m single_net.search: what is nearest, printed and on a contact sheet."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from blas_threads import blas_threads
from commands import outcome, refusal
from PIL import Image
from threadpoolctl import threadpool_limits

from encoded_text.tokenizer import tokenize
from encoded_text.word_ids import CaptionWarning
from single_net.data.image import read_image
from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model
from single_net.retrieval.embeddings import normalize
from single_net.search import __main__
from single_net.search.answer import answer_sheet
from single_net.search.cached_index import cached_index
from single_net.search.indexes import Source
from single_net.search.query import search
from single_net.search.source import SourceImages, folder_source


def call(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "single_net.search", *map(str, arguments)], capture_output=True, text=True
    )


@pytest.mark.slow
def test_a_sentence_and_an_image_in_one_call(untrained_run, tmp_path):
    model = Model.load(untrained_run)
    root = Path(model.config.data.root)
    output = tmp_path / "sheet.png"
    done = call(untrained_run, "a red zebra", root / "test3.png", "-k", 3, "-o", output)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "not encoded: unknown: zebra"
    assert lines[1] == "a red zebra" and lines[5] == str(root / "test3.png")

    data = load_dataset("table", root, "test")
    _, images, captions = embed_dataset(model, data)
    to_images = np.linalg.norm(normalize(images) - normalize(model.embed_captions(["a red zebra"])), axis=1)
    nearest = np.argsort(to_images, kind="stable")[:3]
    assert [line.split()[1] for line in lines[2:5]] == [data.ids[i] for i in nearest]
    assert [float(line.split()[0]) for line in lines[2:5]] == pytest.approx(to_images[nearest], abs=6e-4)
    image = model.embed_images(read_image(root / "test3.png", model.image_size)[None])
    to_captions = np.linalg.norm(normalize(captions) - normalize(image), axis=1)
    assert float(lines[6].split()[0]) == pytest.approx(to_captions.min(), abs=6e-4)
    assert data.flat_captions[int(to_captions.argmin())] in lines[6]
    with Image.open(output) as sheet:
        assert sheet.width > 4 * 192 and sheet.height > 2 * 192


@pytest.mark.slow
def test_a_folder_of_ones_own_images(untrained_run, tmp_path):
    root = Path(Model.load(untrained_run).config.data.root)
    (tmp_path / "mine").mkdir()
    for name in ("test1.png", "test2.png"):
        shutil.copy(root / name, tmp_path / "mine")
    asked = [untrained_run, "a red square", "--folder", tmp_path / "mine", "-o", tmp_path / "s.png"]
    done = outcome(__main__.main, *asked)
    assert done.status == 0, done.err
    assert {line.split()[1] for line in done.out.splitlines()[1:3]} == {"test1.png", "test2.png"}
    (tmp_path / "mine" / "broken.jpg").write_bytes(b"no image")
    assert "broken.jpg" in refusal(__main__.main, *asked)
    done = outcome(__main__.main, *asked, "--skip-bad")
    assert done.status == 0, done.err


def test_a_late_sentence_without_a_known_word_is_told_before_anything_is_answered(untrained_run):
    status, out, err = outcome(__main__.main, untrained_run, "a red bar", "zebra giraffe")
    assert (status, out) == (2, "") and "'zebra giraffe': none of its words" in err


def test_a_late_file_that_cannot_be_read_is_told_before_anything_is_answered(untrained_run, tmp_path):
    image = Path(Model.load(untrained_run).config.data.root) / "test1.png"
    (tmp_path / "broken.jpg").write_bytes(image.read_bytes()[:200])
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    for name, why in (("broken.jpg", "broken.jpg: not a readable image"), ("broken.wav", "was trained without sound")):
        for queries in ((image, tmp_path / name, image), (tmp_path / name, image)):
            status, out, err = outcome(__main__.main, untrained_run, *queries, "--json")
            assert (status, out) == (2, "") and why in err and err.count("\n") == 1


@pytest.mark.slow
def test_what_cannot_be_searched_is_one_line(untrained_run, tmp_path):
    assert "none of its words" in refusal(__main__.main, untrained_run, "zebra giraffe")
    many = 21 * ["a red bar"]
    assert "up to 1,000 results in all" in refusal(__main__.main, untrained_run, *many, "-k", 50, "-o", "s.png")
    assert "nothing: no index and no run" in refusal(__main__.main, tmp_path / "nothing", "a red bar")


def test_an_image_finds_similar_images_in_a_folder_without_captions(untrained_run, tmp_path):
    root = tmp_path / "mine"
    shutil.copytree(Model.load(untrained_run).config.data.root, root, ignore=shutil.ignore_patterns("*.csv"))
    with threadpool_limits(2, user_api="blas"):
        words = untrained_run, root / "test1.png", "--folder", root, "-o", tmp_path / "s.png"
        status, out, err = outcome(__main__.main, *words)
        assert blas_threads() == {1}
    assert status == 0, err
    assert out.splitlines()[1].split()[:2] == ["0.000", "test1.png"]
    asked = [untrained_run, root / "test1.png", "--folder", root, "--find", "captions"]
    assert f"{root} holds no captions: look for images" in refusal(__main__.main, *asked, "-o", tmp_path / "s.png")
    for k in ("0", "1001", "9" * 4000):
        assert f"-k {k}"[:20] in refusal(__main__.main, untrained_run, "a red bar", "-k", k)


def test_a_caption_of_several_images_is_one_result(untrained_run, tmp_path):
    """The 12 test images have 4 colors and 3 shapes; some of their captions name the color or shape alone."""
    root = Path(Model.load(untrained_run).config.data.root)
    status, out, err = outcome(__main__.main, untrained_run, root / "test3.png", "-k", 61, "-o", tmp_path / "s.png")
    assert status == 0, err
    shown = [line.split("  [")[0].split("  ")[-1] for line in out.splitlines()[1:-1]]
    data = load_dataset("table", root, "test")
    assert len(shown) == len(set(shown)) == len({" ".join(tokenize(caption)) for caption in data.flat_captions})
    several = [caption for caption in set(data.flat_captions) if data.flat_captions.count(caption) > 1]
    for caption in several:
        images = data.flat_captions.count(caption)
        assert any(f"{caption}  [" in line and f"and {images - 1} more]" in line for line in out.splitlines())


def test_the_sheet_shows_the_words_that_were_encoded(untrained_run):
    model = Model.load(untrained_run)
    index, images = cached_index(model, folder_source(model.config.data.root))
    long = "A zebra, red " + "square " * 99
    with pytest.warns(CaptionWarning, match="cut after"):
        answer = search(index, model, long, k=3)
    capacity = model.encoder.layout.capacity
    words = answer.words
    assert words.encoded == ["a", "red", *["square"] * (capacity - 2)]
    assert (words.unknown, words.cut_off) == (["zebra"], ["square"])
    query = answer_sheet(index, [answer], images).sections[0].lines[0].query
    assert query.text == " ".join(words.encoded) and query.note == "unknown: zebra; no place left: square"


def test_the_sheet_replaces_nothing_that_was_read(untrained_run, tmp_path):
    shutil.copytree(Model.load(untrained_run).config.data.root, tmp_path / "data")
    query, image = tmp_path / "query.png", tmp_path / "data" / "test1.png"
    shutil.copy(image, query)
    before = {path: path.read_bytes() for path in (query, image, untrained_run / "model.safetensors")}
    asked = [untrained_run, "a red square", query, "--root", tmp_path / "data"]
    assert "query.png: this command reads it" in refusal(__main__.main, *asked, "-o", query)
    assert "test1.png: this command reads it" in refusal(__main__.main, *asked, "-o", image)
    (tmp_path / "data" / "captions.csv").unlink()
    in_folder = [untrained_run, "a red square", "--folder", tmp_path / "data"]
    assert "test1.png: this command reads it" in refusal(__main__.main, *in_folder, "-o", image)
    for name in ("out.jpg", "out", untrained_run / "model.safetensors"):
        assert "ends in .png" in refusal(__main__.main, *asked, "-o", name)
    assert "ordinary" in refusal(__main__.main, *asked, "-o", (tmp_path / "x.png").mkdir() or tmp_path / "x.png")
    assert {path: path.read_bytes() for path in before} == before


def test_images_whose_names_are_not_utf_8_are_found_and_drawn(untrained_run, tmp_path):
    root = Path(Model.load(untrained_run).config.data.root)
    (tmp_path / "mine").mkdir()
    shutil.copy(root / "test1.png", os.fsencode(tmp_path) + b"/mine/caf\xe9.png")
    asked = [untrained_run, "a square", "--folder", tmp_path / "mine", "-o", tmp_path / "s.png"]
    status, out, err = outcome(__main__.main, *asked)
    assert (status, err) == (0, "") and re.search(r"caf\\\w+\.png", out)


def test_images_that_are_gone_or_drawn_are_no_files(untrained_run, tmp_path):
    root = Path(Model.load(untrained_run).config.data.root)
    images = SourceImages(Source("table", str(root), "test"))
    names = [f"test{number}.png" for number in range(3)]
    assert images.files([*names, "gone.png"]) == [root / name for name in names]
    drawn = SourceImages(Source("scenes", "", "test"), data=None)
    drawn._data = replace(load_dataset("table", root, "test"), images=Drawn())
    assert drawn.files(names) == []


class Drawn:
    """Images that are drawn, once at most."""

    drawn = 0

    def __len__(self) -> int:
        return 12

    def __getitem__(self, number: int) -> np.ndarray:
        self.drawn += 1
        assert self.drawn == 1
        return np.zeros((4, 4, 3), np.uint8)
