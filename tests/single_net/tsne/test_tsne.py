"""python -m single_net.tsne: the map, its pictures, and its page in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shapes import HOSTILE

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import Embedded, embed_dataset
from single_net.inference.model import Model
from single_net.retrieval.recall import recall_at_k
from single_net.tsne import __main__, projection
from single_net.tsne.page import save_page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def call(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "single_net.tsne", *map(str, arguments)], capture_output=True, text=True, cwd=cwd
    )


@pytest.fixture(scope="module")
def made(untrained_run, tmp_path_factory) -> Path:
    """Folder with map.png, map.svg and map.html of the command."""
    folder = tmp_path_factory.mktemp("maps")
    done = call(untrained_run, "-o", folder / "map.png", "--perplexity", 5, "--pairs", "--interactive")
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("map.png", "map.svg", "map.html"))
    return folder


def embedded(untrained_run: Path) -> Embedded:
    model = Model.load(untrained_run)
    return embed_dataset(model, load_dataset("table", model.config.data.root, "test").first(12, 5))


def test_png_and_svg_hold_a_dot_for_every_item_in_the_papers_colours(made):
    with Image.open(made / "map.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    red, blue = pixels[..., 0] - pixels[..., 2], pixels[..., 2] - pixels[..., 0]
    assert (red > 60).sum() > 200 and (blue > 60).sum() > 100
    svg = (made / "map.svg").read_text(encoding="utf-8")
    assert len(re.findall(r"<use [^>]*fill: #d6352f", svg)) == 60 + 1  # and one in the legend
    assert len(re.findall(r"<use [^>]*fill: #1f5fc4", svg)) == 12 + 1


def test_the_title_says_what_is_shown_and_how_good_it_is(untrained_run):
    of_run = embedded(untrained_run)
    one = projection.tsne_map(of_run, perplexity=5)
    recall = recall_at_k(of_run.pictures, of_run.captions, of_run.data.image_of_caption)
    assert one.title.splitlines()[0] == "table test: 12 pictures, 60 captions"
    assert one.recall_10 == (recall["image_to_sentence"][10], recall["sentence_to_image"][10])
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (of_run.pictures, of_run.captions)]
    assert one.modality_gap == pytest.approx(np.linalg.norm(unit[0].mean(0) - unit[1].mean(0)), abs=1e-6)
    assert f"modality gap {one.modality_gap:.2f}" in one.title


def test_the_same_seed_gives_the_same_map_and_neighbours_stay_neighbours():
    rng = np.random.default_rng(0)
    centres = np.eye(3, 16) * 10
    of = np.arange(30) % 3
    pictures = centres[of] + rng.normal(size=(30, 16)) * 0.1
    captions = np.repeat(centres[of], 5, axis=0) + rng.normal(size=(150, 16)) * 0.1
    made_up = CaptionDataset("made-up", "test", [str(i) for i in range(30)], [None] * 30, [["x"] * 5] * 30)
    one, again = (projection.tsne_map(Embedded(made_up, pictures, captions), perplexity=10, pca=8) for _ in range(2))
    assert np.array_equal(one.places, again.places)
    every = np.concatenate([of, np.repeat(of, 5)])
    distance = np.linalg.norm(one.places[:, None] - one.places[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (every[distance.argmin(axis=1)] == every).all()


def test_groups_are_named_after_the_words_that_mark_them_out():
    captions = [["a dog runs", "the dog barks"]] * 4 + [["a boat sails", "one boat on water"]] * 4
    data = CaptionDataset("made-up", "test", [str(i) for i in range(8)], [None] * 8, captions)
    labels, names = projection.groups_of(data, 2)
    assert len(set(labels[:4])) == len(set(labels[4:])) == 1 and labels[0] != labels[4]
    assert "dog" in names[labels[0]] and "boat" in names[labels[4]]


@pytest.mark.parametrize("options", [{"perplexity": 0.5}, {"perplexity": 72}, {"pca": 1}, {"pca": 129}])
def test_options_that_do_not_fit_are_one_line(untrained_run, options):
    with pytest.raises(InputError, match=f"--{next(iter(options))}"):
        projection.tsne_map(embedded(untrained_run), **options)


def test_without_a_run_the_newest_is_taken_or_one_line_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    done = call(cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "make reproduce-table1" in done.stderr
    for age, name in ((30, "older"), (10, "newest"), (20, "old")):
        model = tmp_path / "runs" / name / "model.safetensors"
        model.parent.mkdir(parents=True)
        model.touch()
        os.utime(model, (1e9 - age, 1e9 - age))
    monkeypatch.chdir(tmp_path)
    assert __main__.newest_run() == Path("runs/newest")


def page_data(page: Path) -> dict:
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_the_page_holds_everything_and_asks_for_nothing(made):
    text = (made / "map.html").read_text(encoding="utf-8")
    assert text.count("<script") == 2 and "http://" not in text and "https://" not in text
    data = page_data(made / "map.html")
    assert len(data["places"]) == 72 and len(data["pictures"]) == 12 and len(data["captions"]) == 60
    assert np.abs(np.array(data["places"])).max() <= 0.5
    assert data["owner"] == [i // 5 for i in range(60)]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
@pytest.mark.parametrize(
    "item, shown", [("caption-7", "caption of test1.png"), ("picture-0", "picture test0.png"), ("caption-60", None)]
)
def test_a_real_browser_opens_it_without_network_and_without_errors(made, tmp_path, item, shown):
    done = browse(made / "map.html", item, tmp_path)
    assert 'data-points="72"' in done.stdout  # the script ran to its end
    assert not re.search("CONSOLE|ERR_", done.stderr), done.stderr
    panel = re.search(r'<div id="shown"(.*?)</div></main>', done.stdout, re.DOTALL)[1]
    if shown is None:
        assert panel.startswith(' hidden=""')
    else:
        assert shown in panel and "<img src=" in panel and not panel.startswith(" hidden")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
def test_captions_are_text_in_a_real_browser(untrained_run, tmp_path):
    model = Model.load(untrained_run)
    data = load_dataset("table", model.config.data.root, "test")
    of_all = embed_dataset(model, data)
    [hostile] = [i for i, caption in enumerate(data.flat_captions) if caption == HOSTILE]
    one = projection.TsneMap(
        data, np.random.default_rng(0).normal(size=(12 + 61, 2)).astype(np.float32), (1.0, 2.0), 0.5
    )
    save_page(one, prepare_images(of_all.data, 75)[1], tmp_path / "page.html", groups=(np.arange(12) % 2, ["<i>", "b"]))
    done = browse(tmp_path / "page.html", f"caption-{hostile}", tmp_path)
    assert "<title>table test: 12 pictures, 61 captions</title>" in done.stdout
    assert 'class="main">a red &lt;/script&gt;&lt;script&gt;' in done.stdout
    assert "&lt;i&gt;" in done.stdout and "CONSOLE" not in done.stderr


def browse(page: Path, item: str, profile: Path) -> subprocess.CompletedProcess:
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        *(f"--disable-{what}" for what in quiet),
        "--no-first-run",
        f"--user-data-dir={profile / 'profile'}",
    ]
    command += ["--enable-logging=stderr", "--dump-dom", f"{page.as_uri()}#{item}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done
