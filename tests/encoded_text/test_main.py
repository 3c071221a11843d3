from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from commands import outcome, refusal
from PIL import Image
from safetensors.numpy import save_file

from encoded_text import TextImageEncoder
from encoded_text.__main__ import main


@pytest.fixture
def run():
    return lambda *arguments: outcome(main, *arguments)


@pytest.fixture
def saved(encoders, tmp_path):
    path = tmp_path / "encoder.safetensors"
    encoders["paper"].save(path)
    return path


@pytest.mark.slow
def test_fit_draw_and_decode_as_in_the_help(tmp_path, captions):
    (tmp_path / "captions.txt").write_text("\n".join(captions), encoding="utf-8")
    command = [sys.executable, "-m", "encoded_text"]
    for arguments, words in (
        (["--fit", "captions.txt", "-o", "encoder.safetensors"], "words from 64 captions"),
        (["A red dog, runs!", "--vectors", "encoder.safetensors", "-o", "caption.png"], "4 of 4 words encoded"),
        (["--decode", "caption.png", "--vectors", "encoder.safetensors"], "a red dog runs\n"),
    ):
        done = subprocess.run(command + arguments, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert words in done.stdout
    with Image.open(tmp_path / "caption.png") as image:
        assert (image.size, image.mode, image.format) == ((256, 256), "RGB", "PNG")


@pytest.mark.parametrize(
    "options", [(), ("--size", "96"), ("--fill", "repeat", "--size", "160"), ("--layout", "paper")]
)
def test_round_trip(run, saved, tmp_path, options):
    image = tmp_path / "caption.png"
    assert run("the cat runs in the snow", "--vectors", saved, "-o", image, *options)[0] == 0
    status, out, _ = run("--decode", image, "--vectors", saved, *options)
    assert (status, out) == (0, "the cat runs in the snow\n")


def test_published_vectors_serve_directly(run, tmp_path):
    numbers = np.random.default_rng(0).normal(size=(60, 40))
    lines = [f"word{i} {' '.join(map(str, row))}" for i, row in enumerate(numbers)]
    vectors = tmp_path / "glove.txt"
    vectors.write_text("\n".join(lines), encoding="utf-8")
    common = ("--vectors", vectors, "--layout", "figure", "--normalization", "per_feature")
    assert run("word3 word5", "-o", tmp_path / "caption.png", *common)[0] == 0
    assert run("--decode", tmp_path / "caption.png", *common)[1] == "word3 word5\n"
    (tmp_path / "captions.txt").write_text("\n".join(f"word{i}" for i in range(50)), encoding="utf-8")
    fitted = tmp_path / "fitted.safetensors"
    assert run("--fit", tmp_path / "captions.txt", "-o", fitted, *common)[0] == 0
    encoder = TextImageEncoder.load(fitted)
    assert encoder.words[:50] == [f"word{i}" for i in range(50)]
    assert encoder.words[50:] == [f"word{i}" for i in range(50, 60)]  # kept for captions to come
    assert encoder.normalization == "per_feature"


def test_unknown_words_and_blank_captions_are_said(run, saved, tmp_path):
    status, out, err = run("a zebra and a dog", "--vectors", saved, "-o", tmp_path / "c.png")
    assert status == 0
    assert "3 of 5 words encoded" in out
    assert err == "unknown words, left out: and, zebra\n"
    status, out, err = run("zebra", "--vectors", saved, "-o", tmp_path / "c.png")
    assert status == 0
    assert "0 of 1 words encoded" in out
    assert "warning: of 1 captions 1 hold no known word" in err


def test_the_seed_changes_the_encoder(run, tmp_path, captions):
    (tmp_path / "captions.txt").write_text("\ufeff" + "\n\n".join(captions), encoding="utf-8")
    for seed in (1, 2):
        status, _, _ = run("--fit", tmp_path / "captions.txt", "-o", tmp_path / f"{seed}.safetensors", "--seed", seed)
        assert status == 0
    one, two = (TextImageEncoder.load(tmp_path / f"{seed}.safetensors") for seed in (1, 2))
    assert one.words == two.words
    assert (one.colors != two.colors).any()
    assert one.parameters["captions"] == 64


def test_help_shows_examples(run):
    status, out, _ = run("--help")
    assert status == 0
    assert 'python -m encoded_text "two dogs run on the beach" --vectors' in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give either a caption"),
        (("a dog", "--decode", "x.png"), "give either a caption"),
        (("a dog", "-o", "x.png"), "--vectors FILE is missing"),
        (("a dog", "--vectors", "{saved}"), "-o FILE is missing"),
        (("a dog", "--vectors", "{saved}", "-o", "x.jpg"), "x.jpg: captions are written as .png"),
        (("a dog", "--vectors", "missing.txt", "-o", "x.png"), "missing.txt: no such file"),
        (("a dog", "--vectors", "{prose}", "-o", "x.png"), "prose.txt: line 1 is not a word"),
        (("a dog", "--vectors", "{cut}", "-o", "x.png"), "not an encoder, or damaged"),
        (("a dog", "--vectors", "{saved}", "-o", "x.png", "--size", "40"), "smallest size of this layout is 64 px"),
        (("a dog", "--vectors", "{saved}", "-o", "x.png", "--layout", "figure"), "36 features"),
        (("a dog", "--vectors", "{saved}", "-o", "x.png", "--normalization", "global"), "colors are zscore"),
        (("a dog", "--vectors", "{saved}", "-o", "x.png", "--seed", "1"), "--seed is for --fit"),
        (("a dog", "--vectors", "{saved}", "-o", "x.png", "--color", "1"), "--color"),
        (("a dog", "--vectors", "{saved}", "-o", "{prose}/x.png"), "prose.txt"),
        (("--decode", "missing.png", "--vectors", "{saved}"), "missing.png: no such image"),
        (("--decode", "{prose}", "--vectors", "{saved}"), "prose.txt: not an image"),
        (("--decode", "{small}", "--vectors", "{saved}"), "small.png: 20x20 px, but"),
        (("--decode", "{gray}", "--vectors", "{saved}"), "gray.png: image 0: the block in row 0, column 0"),
        (("--decode", "{eps}", "--vectors", "{saved}"), "eps.png: not an image"),
        (("--decode", "{gray}", "--vectors", "{saved}", "-o", "x"), "leave -o out"),
        (("--fit", "missing.txt", "-o", "e.safetensors"), "missing.txt: no such file"),
        (("--fit", "{gray}", "-o", "e.safetensors"), "gray.png line 1: not UTF-8"),
        (("--fit", "{empty}", "-o", "e.safetensors"), "empty.txt: no captions in it"),
        (("--fit", "{prose}", "-o", "e.safetensors", "--vectors", "{saved}"), "already an encoder"),
        (("--fit", "{prose}", "-o", "e.safetensors", "--vectors", "missing.txt"), "missing.txt"),
        (("--fit", "{prose}", "-o", "e.safetensors", "--seed", "-1"), "seed is -1"),
        (("--fit", "{prose}", "-o", "{prose}"), "prose.txt: this command reads it"),
        (("--fit", "{prose}", "-o", "{model}"), "model.safetensors is no encoder and is not replaced"),
        (("--fit", "{prose}", "-o", "{notes}"), "notes.safetensors is no encoder and is not replaced"),
        (("--fit", "{prose}", "-o", "e.png"), "an encoder is written there: name a file that ends in .safetensors"),
        (("--fit", "{wide}", "-o", "e.safetensors"), "wide.txt line 1: UTF-16, not UTF-8: save the file as UTF-8"),
        (("--fit", "{prose}", "-o", "e.safetensors", "--seed", "9" * 5000), "invalid int value"),
        (("a dog", "--vectors", "{saved}", "-o", "x.png", "--size", "9" * 4000), "give at most 8192 px"),
        (("a dog", "--vectors", "{vectors}", "-o", "{vectors}"), "vectors.png: this command reads it"),
        (("a dog", "--vectors", "{saved}", "-o", "x" * 300 + ".png"), "File name too long"),
    ],
)
def test_a_wrong_call_ends_in_one_clear_line(run, saved, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    names = ("prose.txt", "empty.txt", "cut.safetensors", "small.png", "gray.png", "vectors.png", "wide.txt")
    names += ("model.safetensors", "notes.safetensors", "eps.png")
    names = {name: tmp_path / name for name in names}
    names["vectors.png"].write_bytes(saved.read_bytes())
    names["prose.txt"].write_text("A dog runs on the beach.\nTwo dogs.\n")
    names["wide.txt"].write_bytes("A dog runs.".encode("utf-16-be"))
    names["empty.txt"].write_text("\n \n")
    names["cut.safetensors"].write_bytes(saved.read_bytes()[:-9])
    names["notes.safetensors"].write_text("my notes")
    names["eps.png"].write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 256 256\nshowpage\n")  # for Ghostscript
    save_file({"a": np.zeros(1)}, names["model.safetensors"], {"format": "single-net model 1", "meta": "{}"})
    Image.new("RGB", (20, 20)).save(names["small.png"])
    Image.new("L", (256, 256), 99).save(names["gray.png"])
    before = sorted(tmp_path.iterdir())
    paths = {name.split(".")[0]: path for name, path in names.items()} | {"saved": saved}
    assert said in refusal(main, *(argument.format(**paths) for argument in arguments))
    assert sorted(tmp_path.iterdir()) == before  # nothing half-written stays


def test_a_cut_image_is_refused(run, saved, tmp_path):
    image = tmp_path / "caption.png"
    run("a red dog runs", "--vectors", saved, "-o", image)
    image.write_bytes(image.read_bytes()[:-60])
    status, _, err = run("--decode", image, "--vectors", saved)
    assert status == 2
    assert err.startswith("error: ") and err.count("\n") == 1


def test_captions_end_at_line_feeds_alone(run, tmp_path):
    path = tmp_path / "captions.txt"
    path.write_bytes("a red\u2028dog\r\na\x0bblue\x85cat\x0c\r\n\r\n a bird\n".encode())
    assert run("--fit", path, "-o", tmp_path / "e.safetensors")[1].endswith("6 words from 3 captions\n")
