"""Training with spoken captions on a small data set: repeatable, resumable, evaluated in six directions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import outcome
from fake_teachers import write_teaching
from stopping import StopAfter

from encoded_text import InputError
from single_net import evaluate
from single_net.config import RunConfig
from single_net.data.load import load_dataset
from single_net.data.teaching_file import unpack_vectors
from single_net.data.third import load_third
from single_net.evaluation.summary import summary
from single_net.evaluation.third import DIRECTIONS
from single_net.inference.model import Model
from single_net.training import loop
from single_net.training.components import build_components
from single_net.training.loop import train

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shallow_backbone")]
CPU = torch.device("cpu")
pytest.importorskip("espeakng_loader")


def config(root: Path, **sections) -> RunConfig:
    values = {
        "variant": "heard",
        "data": {"name": "table", "root": str(root), "third": "speech"},
        "network": {"image_size": 75},
        "augmentation": {"kind": "pair"},
        "batch": {"size": 4, "counts": "images"},
        "loss": {"contrastive_weight": 0.5, "contrastive_start": 0.0},
        "training": {"epochs": 1.0, "learning_rate": 1e-3},
    }
    for name, section in sections.items():
        values[name] = values.get(name, {}) | section
    return RunConfig.from_dict(values)


@pytest.fixture(scope="module")
def finished(root, tmp_path_factory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "heard"
    train(config(root), run, device=CPU)
    return run


def test_a_batch_holds_all_three_and_the_log_counts_them(finished):
    model = Model.load(finished, CPU)
    assert model.meta["training"]["samples"] == 3 * 4 * 3  # steps x images x modalities
    assert model.meta["third"]["name"] == "speech" and model.meta["third"]["items"] == 60
    assert set(DIRECTIONS) < set(model.meta["validation"]["third"])


def test_interrupted_and_resumed_it_ends_with_the_same_bits(root, finished, tmp_path, monkeypatch):
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAfter)
        with pytest.raises(KeyboardInterrupt, match="--resume"):
            train(config(root), run, device=CPU)
    with monkeypatch.context() as patch:  # another espeak-ng: other clips
        patch.setattr("single_net.data.speech.speaker_version", lambda: "espeakng-loader 9")
        with pytest.raises(InputError, match="other items of a third modality"):
            train(config(root), run, device=CPU, resume=True)
    resumed = train(config(root), run, device=CPU, resume=True)
    assert [call["steps"] for call in resumed.meta["training"]["earlier"]] == [2]  # it did not begin anew
    before = Model.load(finished, CPU).network.state_dict()
    for (name, a), b in zip(before.items(), resumed.network.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


def test_the_record_has_six_directions_and_the_terminal_shows_them(finished):
    ended = outcome(evaluate.main, finished)
    assert ended.status == 0, ended.err
    record = json.loads((finished / "test.json").read_text())
    for direction in DIRECTIONS:
        one = record["third"][direction]
        assert set(one["recall"]) == set(one["interval_95"]) == set(one["chance"]) == {"1", "5", "10"}
    assert record["third"]["training"]["items"] == 60
    assert record["third"]["third_to_sentence"]["queries"] == record["third"]["about"]["items"] == 30
    for words in ("synthetic speech, 30 items", "speech-to-image: R@1", "sentence-to-speech: R@1"):
        assert words in ended.out
    del record["third"]  # as in records of before
    assert "speech" not in summary(record)


def test_sounds_are_embedded_as_evaluation_embeds_them(root, finished):
    model = Model.load(finished, CPU)
    test = load_dataset("table", root, "test")
    items = load_third("speech", test, 75)
    embedded = model.embed_third(items.images[:2])
    assert np.allclose(embedded, model.embed_third(items.rgb(np.arange(2))))
    from encoded_sound.speech.speaker import Speaker
    from encoded_sound.speech.voices import voices_of

    with Speaker() as speaker:
        clip = speaker.speak(test.flat_captions[0], voices_of("test", test.ids[0], 5)[0])
    [one] = model.encode_sound([clip])
    assert np.allclose(one, embedded[0] / np.linalg.norm(embedded[0]), atol=1e-5)


def test_taught_speech_is_aimed_at_its_captions_vectors(root, tmp_path):
    file = tmp_path / "teaching.safetensors"
    teaching = write_teaching(root, file)
    taught = config(
        root,
        augmentation={"kind": "views"},
        teaching={"file": str(file), "views": 2, "bank": 40},
        training={"epochs": 0.4},
    )
    parts = build_components(taught, tmp_path, CPU, None)
    samples, rng = next(parts.plan.from_step(0))
    batch = parts.loader(samples, rng)
    spoken = np.flatnonzero(samples.third)
    assert len(spoken) == batch.num_third == 4
    captions = teaching.captions[torch.from_numpy(samples.caption[spoken])]
    torch.testing.assert_close(batch.teacher_vectors[torch.from_numpy(spoken)], unpack_vectors(captions))
    total, terms = parts.step.train()(batch, 1e-3)
    assert torch.isfinite(total) and terms["teaching"] > 0


def test_a_third_modality_is_for_one_network(root, tmp_path):
    with pytest.raises(InputError, match=r"network\.captions is to be shared"):
        config(root, network={"captions": "inception"})
    with pytest.raises(InputError, match="no third modality is called 'smell'"):
        train(config(root, data={"third": "smell"}), tmp_path / "run", device=CPU)
