"""A model as its users call it: paths, images, arrays and captions in, L2-normalized embeddings out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from shapes import write_shapes

import single_net as sn
from encoded_text import InputError
from encoded_text.renderer import Renderer
from single_net.common import tensor_file
from single_net.inference import model as module
from single_net.inference.onnx_model import OnnxModel
from single_net.inference.test_time_augmentation import image_views
from single_net.inference.views import view_boxes


@pytest.fixture(scope="module")
def model(untrained_run) -> sn.Model:
    return sn.load(untrained_run, "cpu")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    return sorted(write_shapes(tmp_path_factory.mktemp("shapes"), {"test": 6}).glob("*.png"))


def test_paths_images_arrays_and_tensors_give_the_same_unit_vectors(model, files):
    images = [Image.open(path) for path in files]
    embeddings = model.encode_image([str(path) for path in files])
    assert embeddings.dtype == np.float32 and embeddings.shape == (6, 128)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(6), abs=1e-6)
    for others in (files, images, [np.asarray(image.convert("RGB")) for image in images]):
        np.testing.assert_array_equal(model.encode_image(others), embeddings)
    batch = torch.stack([model.preprocess(path) for path in files])
    assert batch.dtype == torch.uint8 and batch.shape == (6, 3, 75, 75)
    of_batch = model.encode_image(batch)
    assert isinstance(of_batch, torch.Tensor)
    np.testing.assert_array_equal(of_batch.numpy(), embeddings)
    assert model.encode_image([]).shape == (0, 128)
    assert model.encode_image(batch[:0]).shape == (0, 128)


def test_captions_and_word_numbers_give_the_same_unit_vectors(model):
    captions = ["a red square", "one bar that is blue"]
    embeddings = model.encode_text(captions)
    assert embeddings.dtype == np.float32 and embeddings.shape == (2, 128)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(2), abs=1e-6)
    of_batch = model.encode_text(model.tokenizer(captions))
    np.testing.assert_array_equal(of_batch.numpy(), embeddings)
    assert model.encode_text([]).shape == (0, 128)
    ids = model.tokenizer(captions)
    assert model.encode_text(ids[:0]).shape == (0, 128)
    for wrong in (ids[:, 1:], ids[0], ids.float()):
        with pytest.raises(InputError, match="int32"):
            model.encode_text(wrong)
    with pytest.raises(InputError, match="list"):
        model.encode_text("a red square")


def test_what_is_no_image_is_named(model, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"broken\.jpg"):
        model.encode_image([tmp_path / "broken.jpg"])
    with pytest.raises(InputError, match=r"none\.jpg"):
        model.encode_image([tmp_path / "none.jpg"])
    with pytest.raises(InputError, match="uint8"):
        model.encode_image(torch.zeros(1, 3, 75, 75))
    with pytest.raises(InputError, match="uint8"):
        model.encode_image(torch.zeros(3, 75, 75, dtype=torch.uint8))
    with pytest.raises(InputError, match="not int"):
        model.encode_image([7])


def test_what_is_no_list_is_one_line(model, untrained_run):
    for wrong in (None, 7):
        for call in (model.encode_image, model.encode_text, sn.load):
            with pytest.raises(InputError, match=r"not (None|int)|captions are \w+: give a list"):
                call(wrong)
    for device in (1.5, True, "gpu", ""):
        with pytest.raises(InputError, match="is no device"):
            sn.load(untrained_run, device)


def test_a_model_is_one_line(model, untrained_run):
    assert repr(model) == f"Model({untrained_run / 'model.safetensors'}: small, 75 px, 128 values, cpu)"


def test_what_a_third_modality_drew_has_the_size_of_the_images(model):
    for wrong in (np.zeros((1, 74, 74, 3), np.uint8), np.zeros((1, 74, 74), np.uint8), np.zeros((1, 75, 75))):
        with pytest.raises(InputError, match=r"this model takes uint8 \(n, 75, 75, 3\)"):
            model.embed_third(wrong)


@pytest.mark.parametrize(
    "wrong", [[np.zeros((75, 75, 3), np.uint8)], None, torch.zeros(1, 75, 75, 3, dtype=torch.uint8)]
)
def test_decoded_images_are_one_array(model, wrong):
    for call in (model.embed_images, model.embed_third):
        with pytest.raises(InputError, match=r"no array but \w+: this model takes uint8 \(n, 75, 75, 3\)"):
            call(wrong)


def test_the_api_is_loaded_when_it_is_used():
    assert set(sn.__all__) <= set(dir(sn))
    assert sn.recall_at_k(np.eye(2), np.eye(2), np.arange(2), ks=(1,))["image_to_sentence"] == {1: 100.0}
    with pytest.raises(AttributeError, match="nothing"):
        _ = sn.nothing


@pytest.mark.parametrize("kind", ["mirrors", "", None, ["none"]])
def test_other_views_at_test_time_are_refused(model, kind):
    with pytest.raises(InputError, match=r"test_time_augmentation is .*: choose one of none, mirror, corners"):
        view_boxes(kind)
    network = {"image_size": 75, "embedding_dim": 128, "test_time_augmentation": kind}
    stored = {"identity": "a", "config": {"network": network}, "third": None}
    with pytest.raises(InputError, match="test_time_augmentation"):  # as an .onnx file may say
        OnnxModel(None, model.encoder, stored, Path("model.onnx"))


def test_views_at_test_time_are_the_image_its_mirror_image_and_its_corners():
    image = torch.zeros(1, 40, 40, 3, dtype=torch.uint8)
    image[0, :4, :4] = 255  # one bright corner
    assert [len(image_views(kind)) for kind in ("none", "mirror", "corners")] == [1, 2, 10]
    plain, mirrored = (view(image)[0, 0] for view in image_views("mirror"))
    assert torch.equal(plain, image[0, :, :, 0]) and torch.equal(mirrored, plain.flip(1))
    corners = torch.stack([view(image)[0, 0].float() for view in image_views("corners")[2::2]])
    assert (corners[:, 0, 0] == 255).sum() == 1  # the crop of the upper left corner alone


def test_clip_benchmark_evaluates_a_model_as_it_is(model, files):
    """LAION's evaluation of CLIP-like models: the same recall as ours, which counts a tie against the model."""
    retrieval = pytest.importorskip("clip_benchmark.metrics.zeroshot_retrieval")
    captions = [["a red square", "the bar is painted blue"], ["one cross that is green"]] * 3
    batches = [
        (torch.stack([model.preprocess(path) for path in files[start : start + 3]]), captions[start : start + 3])
        for start in (0, 3)
    ]
    captions = [[f"{one} {['red', 'blue', 'green'][i % 3]}" for one in of_image] for i, of_image in enumerate(captions)]
    batches = [(images, captions[3 * i : 3 * i + 3]) for i, (images, _) in enumerate(batches)]
    theirs = retrieval.evaluate(model, batches, model.tokenizer, "cpu", amp=False, recall_k_list=[1, 2])
    flat = [caption for of_image in captions for caption in of_image]
    image_of_caption = np.repeat(np.arange(6), [len(of_image) for of_image in captions])
    similarity = model.encode_text(flat) @ model.encode_image(files).T
    for k in (1, 2):
        found = (np.argsort(-similarity, axis=1, kind="stable")[:, :k] == image_of_caption[:, None]).any(axis=1)
        assert theirs[f"image_retrieval_recall@{k}"] == pytest.approx(found.mean())
        ours = sn.recall_at_k(model.encode_image(files), model.encode_text(flat), image_of_caption, ks=(k,))
        assert ours["sentence_to_image"][k] / 100 <= theirs[f"image_retrieval_recall@{k}"] + 1e-6


def put(table: dict, *keys: str, value: object) -> None:
    """Set a nested value, or delete it where the value is None."""
    for key in keys[:-1]:
        table = table[key]
    if value is None:
        del table[keys[-1]]
    else:
        table[keys[-1]] = value


BIAS = "network.backbone.last_bn.bias"
SPOILT = [
    ("meta", ("encoder",), None, "not the state of an encoder"),
    ("meta", ("encoder",), [1], "not the state of an encoder"),
    ("meta", ("encoder", "words"), None, "not the state of an encoder"),
    ("meta", ("encoder", "words"), ["a", "b"], "do not fit"),
    ("meta", ("encoder", "layout"), 5, "layout"),
    ("meta", ("config",), "x", "section"),
    ("meta", ("config",), {}, "captions are encoded at 75 px, its images at 256 px"),
    ("meta", ("config", "network", "embedding_dim"), 64, r"needs torch.float32 \(64, 1792\)"),
    ("meta", ("config", "network", "captions"), "lstm", "tensors are missing or too many"),
    ("tensors", ("encoder.colors",), None, "not the state of an encoder"),
    ("tensors", ("encoder.colors",), torch.zeros(3, 128, dtype=torch.bfloat16), "not uint8"),
    ("tensors", (BIAS,), None, "1 tensors are missing or too many, the first is backbone.last_bn.bias"),
    ("tensors", ("network.more",), torch.zeros(1), "1 tensors are missing or too many"),
    ("tensors", (BIAS,), torch.zeros(128, dtype=torch.int8), "is torch.int8"),
    ("tensors", (BIAS,), torch.zeros(64), r"is torch.float32 \(64,\)"),
    ("tensors", ("fingerprints.images",), torch.zeros(2, 3), "fingerprints"),
]


@pytest.mark.parametrize(("part", "keys", "value", "why"), SPOILT)
def test_a_file_whose_parts_do_not_fit_is_one_line(untrained_run, tmp_path, part, keys, value, why):
    tensors, meta = tensor_file.load(untrained_run / "model.safetensors", "model")
    put({"tensors": tensors, "meta": meta}[part], *keys, value=value)
    path = tmp_path / "model.safetensors"
    tensor_file.save(path, "model", tensors, meta)
    with pytest.raises(InputError, match=why) as error:
        sn.load(path, "cpu")
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def test_a_query_draws_no_more_tiles_than_it_has_words(model, monkeypatch):
    """An encoder of published vectors may know 50,000 words, whose tiles would take 150 MB."""
    made = []
    monkeypatch.setattr(module, "Renderer", lambda encoder: made.append(encoder) or Renderer(encoder))
    whole = model.encoder.ids(["a red square"])
    found = model.encode_text(["a red square"])
    assert len(made[0].words) == 3 < len(model.encoder.words)
    monkeypatch.setattr(type(model.encoder), "compact", lambda encoder, ids: (encoder, ids))
    np.testing.assert_array_equal(model.encode_text(["a red square"]), found)
    assert len(made[1].words) == len(model.encoder.words) and whole.any()


def test_kernels_are_not_tried_while_embedding(model, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)  # as training leaves it
    seen = []
    with model.network.register_forward_hook(lambda *_: seen.append(torch.backends.cudnn.benchmark)):
        model.embed_captions(["a dog"])
    assert seen == [False] and torch.backends.cudnn.benchmark


def test_an_exported_model_is_told_from_a_damaged_one(tmp_path):
    (path := tmp_path / "model.onnx").write_bytes(b"\x08\x09")
    with pytest.raises(InputError, match="exported model, which only search, index and serve take"):
        module.Model.load(path)
