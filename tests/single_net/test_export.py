"""A model as ONNX: the same embeddings without torch."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import outcome, refusal
from finished_runs import TRAINING
from PIL import Image

import single_net as sn
from encoded_sound import SoundImageEncoder
from encoded_text import InputError
from single_net.evaluate import main as evaluate
from single_net.evaluation.model_card import model_card
from single_net.export import main
from single_net.index import main as index
from single_net.inference.load import load_for_queries
from single_net.inference.model import Model
from single_net.inference.onnx_export import export_onnx
from single_net.inference.onnx_model import KEY, OnnxModel
from single_net.search.__main__ import main as search
from single_net.search.embedding_model import takes_sound

pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")
pytestmark = pytest.mark.slow

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # importing it raises
import numpy as np
import single_net as sn
from encoded_text import InputError
model = sn.load(sys.argv[1])
np.savez(sys.argv[2], images=model.encode_image(sys.argv[3:]), texts=model.encode_text(["a red square", "one bar"]))
"""


@pytest.fixture(scope="module", autouse=True)
def one_graph_for_equal_weights() -> Iterator[None]:
    """torch's exporter takes ten seconds, and its graph depends on weights and image size alone."""
    original, made = torch.onnx.export, []

    def export(network, *arguments, **options):
        state = network.state_dict()
        for size, known, program in made:
            if size == network.size and all(torch.equal(known[name], value) for name, value in state.items()):
                return program  # its model_proto is made anew each time
        made.append((network.size, state, original(network, *arguments, **options)))
        return made[-1][2]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.onnx, "export", export)
        yield


def images(number: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [
        np.asarray(Image.fromarray(rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)).resize((120, 90)))
        for _ in range(number)
    ]


@pytest.fixture(scope="module", params=["none", "corners"])
def run(request, untrained_run, tmp_path_factory) -> Path:
    """A run whose batch norms have other statistics than fresh ones, which would hide that they are mixed up."""
    folder = tmp_path_factory.mktemp("runs") / request.param
    model = Model.load(untrained_run)
    torch.manual_seed(0)
    for module in model.network.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.BatchNorm1d):
            module.reset_running_stats()
            module.momentum = None  # statistics are those of the batch below
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.uniform_(-0.1, 0.1)
    pixels = np.stack([np.asarray(Image.fromarray(image).resize((75, 75))) for image in images(24)])
    with torch.no_grad():
        model.network.train()(torch.from_numpy(pixels).permute(0, 3, 1, 2))
    model.network.eval()
    network = model.config.network.model_copy(update={"test_time_augmentation": request.param})
    model.config = model.config.model_copy(update={"network": network})
    model.meta |= {
        "training": TRAINING | {"samples": 1440, "epochs": 2.0, "precision": "float32", "git": {"commit": "0" * 40}},
        "training_data": model.config.data.load("train").describe(),
        "coverage": {"words": 9},
        "validation": None,
    }
    model._loaded = None  # as if it were training's own
    model.save(folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory) -> Path:
    assert outcome(evaluate, run).status == 0
    folder = tmp_path_factory.mktemp("exported")
    if run.name == "corners":
        done = outcome(main, run, "-o", folder / "small.onnx")
        assert done.status == 0, done.err
        return folder / "small.onnx"
    done = outcome(main, run)  # beside the model, where other tests would use it
    assert done.status == 0, done.err
    for name in ("model.onnx", "model.md"):
        shutil.move(run / name, folder)
    return folder / "model.onnx"


def test_embeddings_agree_for_batches_of_any_size(run, exported):
    assert_embeddings_agree(run, exported, 1, 3)


@pytest.mark.parametrize("run", ["none"], indirect=True, scope="module")
def test_embeddings_agree_for_several_batches(run, exported):
    assert_embeddings_agree(run, exported, 33, 130)  # more than inference.model.BATCH


def assert_embeddings_agree(run: Path, exported: Path, *numbers: int) -> None:
    torch_model, onnx_model = sn.load(run, "cpu"), sn.load(exported)
    with pytest.raises(InputError, match="runs on the CPU: leave the device out"):
        sn.load(exported, "cuda")
    assert onnx_model.identity == torch_model.identity
    words = torch_model.encoder.words
    for number in numbers:
        captions = [" ".join(words[i % len(words)] for i in range(n, n + 1 + n % 9)) for n in range(number)]
        for expected, found in (
            (torch_model.encode_image(images(number)), onnx_model.encode_image(images(number))),
            (torch_model.encode_text(captions), onnx_model.encode_text(captions)),
        ):
            assert found.dtype == np.float32 and found.shape == expected.shape == (number, 128)
            assert (1 - (found * expected).sum(1)).max() < 1e-4
            np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
            # Otherwise the check above could not fail.
            assert number == 1 or np.ptp(expected @ expected.T) > 1e-2


def test_the_example_of_the_documentation_embeds_as_the_run_does(run, exported, tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
    [example] = [code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "onnxruntime" in code]
    shutil.copy(exported, tmp_path / "scenes.onnx")
    [pixels] = images(1)
    Image.fromarray(pixels).resize((900, 700)).save(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    exec(example.replace("a.jpg", "a.png"), found := {})
    [expected] = sn.load(run, "cpu").encode_image(["a.png"])
    assert len(json.loads(found["meta"]["image_views"])) == (10 if run.name == "corners" else 1)
    assert "bicubic" in found["meta"]["image_resize"]
    assert found["embedding"] @ expected > 0.9999
    card = exported.with_suffix(".md").read_text()
    assert "bicubic" in card and ("`image_views`" in card) == (run.name == "corners")


def test_the_file_alone_works_without_torch(run, exported, tmp_path):
    alone = shutil.copy(exported, tmp_path / "alone.onnx")
    paths = []
    for number, pixels in enumerate(images(2)):
        Image.fromarray(pixels).save(path := tmp_path / f"{number}.png")
        paths.append(path)
    command = [sys.executable, "-c", WITHOUT_TORCH, alone, tmp_path / "found.npz", *paths]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    model = sn.load(run, "cpu")
    with np.load(tmp_path / "found.npz") as found:
        for name, expected in (
            ("images", model.encode_image(paths)),
            ("texts", model.encode_text(["a red square", "one bar"])),
        ):
            assert (1 - (found[name] * expected).sum(1)).max() < 1e-4


def test_threads_do_not_spin_after_an_answer(exported):
    options = OnnxModel.load(exported)._session.get_session_options()
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"


def test_nothing_to_embed_is_nothing(exported):
    model = sn.load(exported)
    assert model.encode_image([]).shape == model.encode_text([]).shape == (0, 128)


def test_an_index_is_made_and_asked_by_it_as_by_the_run(run, exported, tmp_path):
    folder = run.parent / "to search"
    folder.mkdir(exist_ok=True)
    for number, pixels in enumerate(images(3)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    place = tmp_path / "own.index"
    done = outcome(index, exported, folder, "--to", place)
    assert done.status == 0 and "3 images" in done.out, done.err
    assert "nothing was new" in outcome(index, run, folder, "--to", place).out  # the same vectors
    answers = [
        json.loads(outcome(search, place, folder / "1.png", "--json", "--run", model).out) for model in (exported, run)
    ]
    assert [answer["results"][0]["image"] for answer in answers] == ["1.png", "1.png"]
    assert answers[0]["results"][0]["distance"] < 0.02


SEARCH_WITHOUT_TORCH = """
import sys
for heavy in ("torch", "pydantic", "sklearn", "gensim", "matplotlib"):
    sys.modules[heavy] = None  # importing it raises
from single_net.search.__main__ import main
main()
"""


@pytest.mark.parametrize("run", ["none"], indirect=True)
def test_search_takes_the_export_beside_the_model_while_it_is_of_that_model(run, exported, tmp_path):
    own, folder, place = tmp_path / "run", tmp_path / "photos", tmp_path / "own.index"
    shutil.copytree(run, own)
    folder.mkdir()
    for number, pixels in enumerate(images(3)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    assert outcome(index, own, folder, "--to", place).status == 0
    by_torch = json.loads(outcome(search, place, "a red square", "--json").out)
    shutil.copy(exported, own / "model.onnx")
    command = [sys.executable, "-c", SEARCH_WITHOUT_TORCH, place, "a red square", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    for one, other in zip(found.pop("results"), by_torch.pop("results"), strict=True):
        assert one.pop("distance") == pytest.approx(other.pop("distance"), abs=0.02)
    assert found == by_torch

    assert isinstance(load_for_queries(own), OnnxModel) and isinstance(load_for_queries(own, "cpu"), OnnxModel)
    (own / "model.onnx").write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="is not used: .*damaged.*make it anew"):
        assert isinstance(load_for_queries(own), Model)
    shutil.copy(exported, own / "model.onnx")
    retrained = Model.load(own)
    with torch.no_grad():
        next(retrained.network.parameters()).mul_(1.01)
    retrained.save(own / "model.safetensors")
    with pytest.warns(UserWarning, match="is not used: it was made of another model") as warned:
        assert isinstance(load_for_queries(own), Model)
    assert "\n" not in str(warned[0].message)


def test_the_card_says_what_the_record_says(run, exported):
    card = exported.with_suffix(".md").read_text()
    assert (
        f"# {exported.name}" in card and "Trained on table (train), 4 images and 20 captions, for 1,440 samples" in card
    )
    assert "Contamination was not checked" in card  # an untrained model does not know what it was trained on
    rows = re.findall(r"\| (image-to-sentence|sentence-to-image) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", card)
    metrics = json.loads((run / "test.json").read_text())["metrics"]
    shown = []
    for direction, form in (("image_to_sentence", ".1f"), ("sentence_to_image", ".2f")):
        recall = metrics[direction]["recall"]
        shown.append(tuple(format(recall[k], form) for k in ("1", "5", "10")))
    assert [row[1:] for row in rows] == shown
    assert [row[0] for row in rows] == ["image-to-sentence", "sentence-to-image"]
    assert "License" in card and "{{" not in card


@pytest.mark.parametrize("run", ["none"], indirect=True, scope="module")
def test_the_card_of_another_model_file_shows_that_files_record(run, exported, tmp_path):
    for name in ("model.safetensors", "test.json"):
        shutil.copy(run / name, tmp_path)
    shutil.copy(run / "model.safetensors", tmp_path / "best.safetensors")
    record = json.loads((run / "test.json").read_text())
    assert outcome(main, tmp_path / "best.safetensors", "-o", tmp_path / "BEST.ONNX").status == 0
    assert "R@10" not in (tmp_path / "BEST.md").read_text()  # it has not been evaluated
    record["metrics"]["sentence_to_image"]["recall"]["10"] = 12.34
    (tmp_path / "test-best.json").write_text(json.dumps(record))
    assert outcome(main, tmp_path / "best.safetensors", "-o", tmp_path / "BEST.ONNX").status == 0
    assert "12.34" in (tmp_path / "BEST.md").read_text()
    record["training"]["samples"] += 1
    (tmp_path / "test-best.json").write_text(json.dumps(record))
    assert "the record of another training" in refusal(main, tmp_path / "best.safetensors", "-o", tmp_path / "B.onnx")
    assert sn.load(tmp_path / "BEST.ONNX").image_size == 75


@pytest.mark.parametrize("run", ["none"], indirect=True, scope="module")
def test_the_card_says_that_the_weights_were_changed(run, tmp_path):
    for name in ("model.safetensors", "test.json"):
        shutil.copy(run / name, tmp_path)
    model = Model.load(tmp_path)
    next(model.network.parameters()).data.mul_(1.01)
    model.save(tmp_path / "model.safetensors")
    card = model_card(Model.load(tmp_path), "model.onnx", tmp_path / "test.json")
    assert "The weights were changed after the training" in card and "R@10" not in card
    assert "were changed" not in model_card(Model.load(run), "model.onnx", run / "test.json")


def test_bad_calls_are_one_line(run, exported, tmp_path, monkeypatch):
    assert "ends in .onnx" in refusal(main, run, "-o", tmp_path / "model.pt")
    damaged = tmp_path / "damaged.onnx"
    for content in (exported.read_bytes()[:1000], b"no model", b""):
        damaged.write_bytes(content)
        with pytest.raises(InputError, match="damaged, or not exported") as refused:
            sn.load(damaged)
        assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="no such model"):
        sn.load(tmp_path / "none.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"single-net\[onnx\]"):
        sn.load(exported)


def test_other_settings_than_an_export_has_are_one_line(exported, tmp_path):
    onnx = pytest.importorskip("onnx")
    whole = onnx.load(exported)
    [about] = [pair for pair in whole.metadata_props if pair.key == KEY]
    stored = json.loads(about.value)
    for key, value in (("test_time_augmentation", "mirrors"), ("image_size", float("inf")), ("embedding_dim", None)):
        network = stored["config"]["network"] | {key: value}
        about.value = json.dumps(stored | {"config": {"network": network}})
        onnx.save(whole, tmp_path / "model.onnx")
        with pytest.raises(InputError, match="damaged, or not exported"):
            sn.load(tmp_path / "model.onnx")


def test_only_a_card_gives_way_to_a_card(run, tmp_path):
    (tmp_path / "notes.md").write_text("# Notes\n\nOn Single-Net.\n")
    assert "notes.md is no model card" in refusal(main, run, "-o", tmp_path / "notes.onnx")
    assert not (tmp_path / "notes.onnx").exists()


@pytest.mark.parametrize("run", ["none"], indirect=True, scope="module")
def test_sound_is_exported_as_well(run, tmp_path):
    pytest.importorskip("soundfile")
    model = Model.load(run, torch.device("cpu"))
    model.meta["third"] = {"name": "speech", "encoder": SoundImageEncoder(model.image_size).state()[1]}
    model.save(tmp_path / "model.safetensors")
    export_onnx(Model.load(tmp_path, torch.device("cpu")), tmp_path / "model.onnx")
    exported = load_for_queries(tmp_path)
    assert isinstance(exported, OnnxModel) and takes_sound(exported)
    clips = [np.sin(np.arange(9000) * pitch).astype(np.float32) for pitch in (0.1, 0.4)]
    similar = (exported.encode_sound(clips) * Model.load(tmp_path).encode_sound(clips)).sum(axis=1)
    assert similar.min() > 0.9999
