"""From teachers to a teaching file."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from commands import outcome, refusal
from fake_teachers import CoarsePixels, Words, taught_values, write_teaching
from shapes import write_shapes

from encoded_text import InputError
from single_net import teach
from single_net.common import tensor_file
from single_net.config import RunConfig
from single_net.data.load import load_dataset
from single_net.data.teaching_file import TeachingFile, unpack_vectors
from single_net.models import teachers as real
from single_net.teaching import joint_space
from single_net.teaching.joint_space import Features, fit_joint_space
from single_net.teaching.prepare import Teachers, prepare_teaching


def test_the_joint_space_brings_images_to_their_captions():
    rng = np.random.default_rng(0)
    meaning = rng.normal(size=(120, 6))
    image_of_caption = np.repeat(np.arange(120), 2)
    views = np.stack([meaning @ rng.normal(size=(6, 20))] * 2, 1) + 0.1 * rng.normal(size=(120, 2, 20))
    captions = meaning[image_of_caption] @ rng.normal(size=(6, 30)) + 0.1 * rng.normal(size=(240, 30))
    train = Features(views.astype(np.float16), captions.astype(np.float16), image_of_caption)
    joint = fit_joint_space(train, 0, torch.device("cpu"))
    images, said = joint.project("images", train.views[:, 0]), joint.project("captions", train.captions)
    found = (said @ images.T).argmax(1).numpy() == image_of_caption
    assert found.mean() > 0.5
    again = fit_joint_space(train, 0, torch.device("cpu")).project("images", train.views[:, 0])
    assert torch.equal(again, images)


def test_one_image_makes_no_joint_space():
    one = Features(np.zeros((1, 2, 20), np.float16), np.zeros((2, 30), np.float16), np.zeros(2, np.int64))
    with pytest.raises(InputError, match="two training images"):
        fit_joint_space(one, 0, torch.device("cpu"))


def test_everything_a_student_needs_is_in_the_file(shapes, tmp_path):
    file = tmp_path / "teaching.safetensors"
    write_teaching(shapes, file, views=3)
    teaching = TeachingFile.load(file)
    assert teaching.views.shape == (12, 3, teaching.dim) and teaching.captions.shape == (60, teaching.dim)
    assert teaching.tested["val.images"].shape[0] == 4 and teaching.tested["test.captions"].shape[0] == 30
    assert set(teaching.meta["splits"]) == {"val", "test"}
    assert set(teaching.meta["splits"]["test"]["recall"]) == {"image_to_sentence", "sentence_to_image"}
    assert (unpack_vectors(teaching.views).norm(dim=2) - 1).abs().max() < 1e-5


def test_more_views_later_cost_only_those(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))
    config = RunConfig.from_dict(taught_values(shapes, tmp_path / "t"))
    first, second = CoarsePixels(), CoarsePixels()
    prepare_teaching(config, Teachers(first, Words(), torch.device("cpu")), 2)
    prepare_teaching(config, Teachers(second, words := Words(), torch.device("cpu")), 3)
    assert (first.seen, second.seen, words.read) == (12 * 2 + 4 + 6, 12, 0)


def test_a_wrong_call_is_one_line(tmp_path, monkeypatch):
    root = write_shapes(tmp_path / "shapes", {"train": 2, "val": 1, "test": 1})
    plain, config = tmp_path / "plain.toml", tmp_path / "taught.toml"
    plain.write_text(f'[data]\nname = "table"\nroot = "{root}"\n')
    config.write_text(
        f'{plain.read_text()}[augmentation]\nkind = "views"\n[teaching]\nfile = "{tmp_path}/a.safetensors"\n'
    )
    for named in ((), ("-o", tmp_path / "t.safetensors")):  # training would not be taught
        assert "names no teaching.file" in refusal(teach.main, plain, *named)
    assert "ends in .safetensors" in refusal(teach.main, config, "-o", tmp_path / "captions.csv")
    encoder = tmp_path / "encoder.safetensors"
    encoder.touch()
    reads_it = ("--set", f"encoder.file={encoder}", "-o", encoder)
    assert "this command reads it" in refusal(teach.main, config, *reads_it)
    assert "--views is 0" in refusal(teach.main, config, "--views", 0, "-o", tmp_path / "t.safetensors")
    model = tmp_path / "model.safetensors"
    tensor_file.save(model, "model", {"a": torch.ones(1)}, {})
    assert "is no teaching file and is not replaced" in refusal(teach.main, config, "-o", model)
    assert tensor_file.load(model, "model")[0]["a"] == 1
    monkeypatch.setattr(real, "PACKAGES", ("no_such_package",))
    monkeypatch.setattr(real, "_package", lambda name: real_package("no_such_package"))
    assert "pip install 'single-net[teach]'" in refusal(teach.main, config, "-o", tmp_path / "t.safetensors")
    assert real.missing_packages() == ["no_such_package"]


real_package = real._package


def test_the_command_writes_what_training_reads(shapes, tmp_path, monkeypatch):
    monkeypatch.setattr(real, "EfficientNetLite2", lambda device: CoarsePixels())
    monkeypatch.setattr(real, "MiniLM", lambda device: Words())
    file, config = tmp_path / "teaching.safetensors", tmp_path / "taught.toml"
    config.write_text(
        f'[data]\nname = "table"\nroot = "{shapes}"\n[network]\nimage_size = 75\n'
        f'[augmentation]\nkind = "views"\n[teaching]\nfile = "{file}"\n'
    )
    done = outcome(teach.main, config, "--views", 3, "--device", "cpu")
    assert done.status == 0, done.err
    assert done.out.endswith(f"next: python -m single_net.train {config}\n")
    assert "teachers on the val split, 4 images" in done.out and "teachers on the test split, 6 images" in done.out
    assert TeachingFile.load(file).num_views == 3
    file.unlink()
    other = tmp_path / "another one.safetensors"
    call = (config, "--views", 1, "--device", "cpu", "--root", shapes, "-o", other)
    done = outcome(teach.main, *call, "--set", "training.epochs=2")
    assert done.status == 0 and not file.exists(), done.err
    named = f"--root {shapes} --set training.epochs=2 --set 'teaching.file={other}'"
    assert done.out.endswith(f"next: python -m single_net.train {config} {named}\n")


def test_captions_of_another_data_set_of_which_none_are_left_are_no_captions(shapes, tmp_path, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(shapes))  # all of these are trained on already
    monkeypatch.setattr(joint_space, "EPOCHS", 1)
    teaching = write_teaching(shapes, tmp_path / "t.safetensors", views=1, encoder={"extra_captions": "table"})
    assert teaching.meta["extra"] is None and TeachingFile.load(tmp_path / "t.safetensors").extra.shape[0] == 0


def test_drawn_images_whose_contents_are_all_alike_to_the_cache_are_told_apart():
    scenes = load_dataset("scenes", split="val")
    teachers = Teachers(CoarsePixels(), None, torch.device("cpu"))
    first, others = (
        teachers.see(part, np.stack([np.asarray(image)[:75, :75] for image in part.images]))
        for part in (scenes.select(range(3)), scenes.select(range(3, 6)))
    )
    assert not np.array_equal(first, others)
