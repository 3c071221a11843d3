"""Training end to end on a small data set: repeatable, resumable, and it learns."""

from __future__ import annotations

import copy
import os
import re
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from shapes import write_shapes
from stopping import StopAfter

from encoded_text import InputError, TextImageEncoder
from encoded_text.common.errors import Interrupted
from single_net.common import device, distributed, signals, tensor_file
from single_net.config import RunConfig
from single_net.data.load import load_dataset
from single_net.evaluation.protocol import evaluate_split
from single_net.inference import model as inference
from single_net.inference.model import Model
from single_net.inference.run_files import checkpoint_files
from single_net.models.build import encoder_layout
from single_net.models.single_net import SingleNet
from single_net.training import checkpoints, components, loop, state, validation
from single_net.training.components import build_components
from single_net.training.log_file import FIELDS, read_log
from single_net.training.loop import train
from single_net.training.out_of_memory import stop_out_of_memory
from single_net.training.schedule import learning_rate, ramp
from single_net.training.step import TrainingStep
from single_net.training.targets import fit_encoder

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shallow_backbone")]


@pytest.fixture(scope="module", autouse=True)
def on_the_cpu():
    """Also where there is a GPU: there sums have no fixed order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "choose_device", lambda _: torch.device("cpu"))
        patch.setattr(inference, "choose_device", lambda _: torch.device("cpu"))
        patch.setenv("CUDA_VISIBLE_DEVICES", "")  # for the commands
        yield


def config(root: Path, **sections) -> RunConfig:
    values = {
        "variant": "small",
        "data": {"name": "table", "root": str(root)},
        "encoder": {"min_count": 1},
        "network": {"image_size": 75},
        "augmentation": {"kind": "pair"},
        "batch": {"size": 4, "counts": "images"},
        "training": {"epochs": 1.0, "learning_rate": 1e-3},
    }
    for name, section in sections.items():
        values[name] = values.get(name, {}) | section
    return RunConfig.from_dict(values)


def encoder_of(config: RunConfig, captions: list[str]) -> TextImageEncoder:
    layout = encoder_layout(config.encoder, config.network.image_size)
    return fit_encoder(captions, config.encoder, layout, config.training.seed)


def weights(model: Model) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def assert_equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name


@pytest.fixture(scope="module")
def finished(root, tmp_path_factory) -> tuple[Path, Model]:
    run = tmp_path_factory.mktemp("runs") / "first"
    return run, train(config(root), run)


def test_another_seed_gives_other_weights_and_batches(root, tmp_path):
    cpu, name = torch.device("cpu"), "backbone.last_linear.weight"
    one, other = (build_components(config(root, training={"seed": seed}), tmp_path, cpu, None) for seed in (0, 1))
    assert not torch.equal(one.step.network.state_dict()[name], other.step.network.state_dict()[name])
    shown = [[batch.image_index.tolist() for batch, _ in of.plan.epoch(0)] for of in (one, other)]
    assert shown[0] != shown[1]


def test_settings_reach_the_parts_they_are_of(root, tmp_path):
    settings = {
        "network": {"embedding_dim": 32},
        "augmentation": {"kind": "pair", "crop_handling": "pad", "min_crop": 0.7, "color": 0.3, "word_dropout": 0.2},
        "loss": {
            **{"granularities": [2, 4], "classes": "clusters", "softmax_weight": 0.5, "center_weight": 0.25},
            **{"centers": "wen2016", "center_rate": 0.125, "prototype_weight": 0.75, "prototype_temperature": 0.2},
            **{"contrastive_weight": 0.625, "contrastive_temperature": 0.05},
        },
        "training": {"optimizer": "adamw", "weight_decay": 0.03, "precision": "bfloat16"},
    }
    parts = build_components(config(root, **settings), tmp_path, torch.device("cpu"), None)
    loss, loader, [group] = parts.step.loss, parts.loader, parts.step.optimizer.param_groups
    assert isinstance(parts.step.optimizer, torch.optim.AdamW) and group["weight_decay"] == 0.03
    assert parts.step.precision == device.supported_precision("bfloat16", torch.device("cpu"))
    assert (loader._crop_handling, loader._min_crop, loader._color, loader._word_dropout) == ("pad", 0.7, 0.3, 0.2)
    assert [head.out_features for head in loss.heads] == [2, 4] and loss.heads[0].in_features == 32
    assert (loss.softmax_weight, loss.center_weight, loss.prototype_weight) == (0.5, 0.25, 0.75)
    assert (loss.center_loss.kind, loss.center_loss.rate) == ("wen2016", 0.125)
    assert (loss.prototype_temperature, loss.contrastive_temperature) == (0.2, 0.05)
    assert loss.contrastive_weight == 0.625


def test_rate_and_contrastive_term_follow_their_schedules(root, tmp_path, monkeypatch):
    """Step by step, as the log says them."""
    shares = []
    forward = TrainingStep.forward

    def watched(step: TrainingStep, batch, rate, *, contrastive):
        shares.append((rate, float(contrastive)))
        return forward(step, batch, rate, contrastive=contrastive)

    monkeypatch.setattr(TrainingStep, "forward", watched)
    monkeypatch.setattr(validation, "NORM_BATCHES", 1)
    slowly = {"contrastive_weight": 1.0, "contrastive_start": 0.0, "contrastive_ramp": 1.0}
    train(config(root, loss=slowly, training={"schedule": "one_cycle"}), tmp_path / "run")
    expected = [(learning_rate("one_cycle", 1e-3, i, 3), ramp(i, 3, start=0.0, length=1.0)) for i in range(3)]
    assert np.array(shares) == pytest.approx(np.array(expected)) and len(set(shares)) == 3


def test_scores_are_of_averaged_statistics(root, tmp_path, monkeypatch):
    """Once for a validation on the way and once at the end, and training then goes on as if nothing had been."""
    averaged = []
    average = loop.average_norms

    def watched(network, *arguments):
        average(network, *arguments)
        averaged.append(network.backbone.last_bn.running_mean.clone())

    monkeypatch.setattr(loop, "average_norms", watched)
    monkeypatch.setattr(validation, "NORM_BATCHES", 2)
    twice = train(config(root, training={"evaluations": 2}), tmp_path / "twice")
    assert len(averaged) == 2
    assert torch.equal(twice.network.state_dict()["backbone.last_bn.running_mean"], averaged[-1])
    once = train(config(root), tmp_path / "once")
    assert_equal(weights(once), weights(twice))


def test_interrupted_and_resumed_ends_with_the_same_bits(root, finished, tmp_path, monkeypatch):
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAfter)
        with pytest.raises(KeyboardInterrupt, match="--resume"):
            train(config(root), run)
    step = checkpoints.load_checkpoint(run).meta["training"]["steps"]
    assert 0 < step < finished[1].meta["training"]["steps"]
    with pytest.raises(InputError, match="--resume"):
        train(config(root), run)
    with pytest.raises(InputError, match=r"training\.learning_rate was 0\.001 and is 0\.0001"):
        train(config(root, training={"learning_rate": 1e-4}), run, resume=True)
    path, tensors, meta = checkpoints.load_checkpoint(run)
    del meta["config"]["network"]["test_time_augmentation"]  # as one saved before there was this setting
    tensor_file.save(path, "checkpoint", tensors, meta)
    torch.manual_seed(999)  # whatever happened in between
    resumed = train(config(root), run, resume=True)
    assert_equal(weights(finished[1]), weights(resumed))
    assert resumed.meta["training"]["steps"] == finished[1].meta["training"]["steps"]
    [call] = resumed.meta["training"]["earlier"]
    assert call == {key: meta["training"][key] for key in state.PROCESS_FACTS} | {"compile": False}
    assert call["steps"] == step and finished[1].meta["training"]["earlier"] == []
    assert not checkpoint_files(run)
    checkpoints.save_checkpoint(run, step, tensors, meta)  # as if it had been killed before it deleted them
    train(config(root), run, resume=True)
    assert not checkpoint_files(run)


@pytest.fixture(scope="module")
def interrupted(root, tmp_path_factory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "interrupted"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAfter)
        with pytest.raises(KeyboardInterrupt):
            train(config(root), run)
    return run


@pytest.fixture(scope="module")
def saved(interrupted) -> checkpoints.Checkpoint:
    return checkpoints.load_checkpoint(interrupted)


@pytest.mark.parametrize("name", ["network.backbone.last_linear.weight", "loss.labels", "optimizer.0.exp_avg"])
@pytest.mark.parametrize("change", [None, torch.zeros(3, 3, 3)])
def test_a_checkpoint_with_other_tensors_is_refused_in_one_line(root, saved, tmp_path, name, change):
    run, tensors = tmp_path / "run", saved.tensors
    others = {key: value for key, value in tensors.items() if key != name} | ({} if change is None else {name: change})
    assert name in tensors
    tensor_file.save(run / saved.path.name, "checkpoint", others, saved.meta)
    with pytest.raises(InputError, match=r"checkpoint-.*tensors are not those of this configuration") as refused:
        train(config(root), run, resume=True)
    assert "\n" not in str(refused.value)


def test_a_device_without_bfloat16_is_told_in_one_line(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(device, "_has_bfloat16", lambda device: False)
    described = []

    def stopped(trainer: loop.Trainer) -> None:
        described.append(trainer.describe()["training"])
        raise KeyboardInterrupt

    monkeypatch.setattr(loop.Trainer, "run_steps", stopped)
    with pytest.raises(KeyboardInterrupt):
        train(config(root, training={"precision": "bfloat16"}), tmp_path / "run")
    assert "cpu does not compute in bfloat16: float32 instead\n" in capsys.readouterr().err
    assert [of["precision"] for of in described] == ["float32"]


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        *((["training", name], value) for name in ("steps", "seconds") for value in (None, "x", -1)),
        *(([name], 5) for name in ("training", "history", "config", "training_data", "validation_data")),
        *((["history"], [value]) for value in (5, {}, {"step": "x", "rsum": 1.0})),
    ],
)
def test_a_checkpoint_whose_meta_do_not_fit_is_refused_in_one_line(root, saved, tmp_path, keys, value):
    run, meta, few = tmp_path / "run", copy.deepcopy(saved.meta), {"step": torch.tensor(0)}  # meta are looked at first
    tensor_file.save(run / saved.path.name, "checkpoint", few, meta)
    assert checkpoints.load_checkpoint(run).meta == meta  # unchanged they fit
    part = meta
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    tensor_file.save(run / saved.path.name, "checkpoint", few, meta)
    why = rf"checkpoint-.*not a checkpoint as training writes it: {keys[0]}"
    with pytest.raises(InputError, match=why) as refused:
        train(config(root), run, resume=True)
    assert "\n" not in str(refused.value)


def test_a_checkpoint_beyond_the_last_step_is_refused_in_one_line(root, saved, tmp_path):
    run, meta = tmp_path / "run", saved.meta | {"training": saved.meta["training"] | {"steps": 10**9}}
    tensor_file.save(run / saved.path.name, "checkpoint", saved.tensors, meta)
    with pytest.raises(InputError, match=r"checkpoint-.*it is at step 1000000000 of 3") as refused:
        train(config(root), run, resume=True)
    assert "\n" not in str(refused.value)


def test_a_finished_run_is_not_overwritten(root, finished):
    with pytest.raises(InputError, match="finished run"):
        train(config(root), finished[0])


def test_resuming_a_finished_run_says_so_and_returns_it(root, finished, capsys):
    again = train(config(root), finished[0], resume=True)
    assert "is finished" in capsys.readouterr().err
    assert_equal(weights(finished[1]), weights(again))
    with pytest.raises(
        InputError, match=r"model\.safetensors was made with another .*training.epochs was 1.0 and is 9.0"
    ):
        train(config(root, training={"epochs": 9.0}), finished[0], resume=True)


def test_the_model_file_alone_embeds_new_images_and_captions(finished):
    run, model = finished
    loaded = Model.load(run)
    assert_equal(weights(model), weights(loaded))
    assert loaded.config == model.config
    images = np.random.default_rng(0).integers(0, 256, size=(3, 75, 75, 3), dtype=np.uint8)
    np.testing.assert_array_equal(loaded.embed_images(images), model.embed_images(images))
    captions = ["a red square", "one bar that is blue"]
    np.testing.assert_array_equal(loaded.embed_captions(captions), model.embed_captions(captions))
    assert loaded.embed_captions(captions).shape == (2, 128)
    assert TextImageEncoder.load(run / "encoder.safetensors").words == loaded.encoder.words


def test_test_captions_never_touch_the_vocabulary(root, finished, tmp_path):
    words = {
        word
        for split in ("val", "test")
        for c in load_dataset("table", root, split).flat_captions
        for word in c.split()
    }
    trained = set(finished[1].encoder.words)
    assert words <= trained  # here all splits use the same words, so:
    table = root / "captions.csv"
    changed = tmp_path / "changed"
    changed.mkdir()
    for image in root.glob("*.png"):
        (changed / image.name).write_bytes(image.read_bytes())
    lines = [
        line.replace(" a ", " zebra ") if line.endswith(("test", "val")) else line
        for line in table.read_text().splitlines()
    ]
    (changed / "captions.csv").write_text("\n".join(lines) + "\n")
    assert any("zebra" in caption for caption in load_dataset("table", changed, "test").flat_captions)
    encoder = encoder_of(config(changed), load_dataset("table", changed, "train").flat_captions)
    assert "zebra" not in encoder.vocabulary
    other = loop.Trainer(config(changed), tmp_path / "run", torch.device("cpu"), None).encoder
    assert other.words == finished[1].encoder.words
    np.testing.assert_array_equal(other.colors, finished[1].encoder.colors)


@pytest.mark.parametrize(
    "sections",
    [
        {"loss": {"classes": "clusters", "granularities": [2, 4], "contrastive_weight": 1.0, "contrastive_start": 0.0}},
        {
            "augmentation": {"kind": "config-2"},
            "batch": {"order": "mixed", "size": 2},
            "loss": {"centers": "gradient"},
            "training": {"precision": "bfloat16", "optimizer": "adamw", "schedule": "one_cycle"},
        },
        {
            "augmentation": {"kind": "config-2", "crop_handling": "pad"},
            "batch": {"size": 2},
            "encoder": {"layout": "figure", "fill": "repeat"},
        },
        {
            "augmentation": {"min_crop": 0.5, "color": 0.2, "word_dropout": 0.5},
            "encoder": {"fill": "repeat"},
            "loss": {
                **{"prototype_weight": 1.0, "contrastive_weight": 1.0},
                **{"contrastive_start": 0.0, "contrastive_ramp": 0.5},
            },
            "training": {"epochs": 0.67},  # two steps: at the first one the ramp is 0
        },
    ],
    ids=["clusters", "mixed", "figure", "prototype"],
)
def test_every_option_trains_and_is_kept_in_the_model(root, tmp_path, sections):
    sections.setdefault("training", {}).setdefault("epochs", 0.17)
    wanted = config(root, **sections)
    train(wanted, tmp_path / "run")
    assert Model.load(tmp_path / "run").config == wanted
    log = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert len(log) >= 2 and all(len(line.split(",")) == len(FIELDS) for line in log)
    last = [row for row in read_log(tmp_path / "run" / "log.csv") if row["loss"]][-1]
    for term in ("prototype", "contrastive"):
        assert bool(last[term]) == bool(getattr(wanted.loss, f"{term}_weight"))


def test_it_learns(tmp_path, monkeypatch):
    """Eight images told apart by color and shape: after some seconds of training each finds its own captions."""
    monkeypatch.setattr(validation, "NORM_BATCHES", 1)  # a batch holds all samples
    root = write_shapes(tmp_path / "shapes", {"train": 8, "val": 4})
    wanted = config(
        root,
        augmentation={"kind": "config-standard"},
        batch={"size": 48, "counts": "samples"},
        training={"epochs": 18, "learning_rate": 2e-3, "schedule": "one_cycle"},
    )
    model = train(wanted, tmp_path / "run")
    metrics = evaluate_split(model, load_dataset("table", root, "train"))["metrics"]
    for direction in ("image_to_sentence", "sentence_to_image"):
        assert metrics[direction]["recall"]["1"] > 4 * metrics[direction]["chance"]["1"]


def test_a_loss_that_is_not_finite_stops_with_step_and_rate(root, tmp_path):
    with pytest.raises(InputError, match=r"step \d+ \(learning rate 1e\+06\): lower"):
        train(config(root, training={"learning_rate": 1e6}), tmp_path / "run")
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_a_broken_validation_image_is_found_before_training(tmp_path):
    root = write_shapes(tmp_path / "shapes", {"train": 12, "val": 2})
    (root / "val1.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"val1\.png"):
        train(config(root), tmp_path / "run")
    assert not (tmp_path / "run" / "log.csv").exists()


def test_same_seed_same_weights_bit_for_bit_and_what_fails_after_the_last_step_is_not_lost(
    root, finished, tmp_path, monkeypatch
):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(Model, "save", full)
        train(config(root), tmp_path / "run")
    again = train(config(root), tmp_path / "run", resume=True)
    assert_equal(weights(finished[1]), weights(again))
    assert finished[1].meta["validation"] == again.meta["validation"]
    # Begun anew it would end with the same weights.
    assert [call["steps"] for call in again.meta["training"]["earlier"]] == [again.meta["training"]["steps"]]


def test_published_vectors_can_be_trained_with(root, tmp_path):
    words = sorted({word for caption in load_dataset("table", root, "train").flat_captions for word in caption.split()})
    rng = np.random.default_rng(0)
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("".join(f"{word} {' '.join(map(str, rng.normal(size=128).round(4)))}\n" for word in words))
    encoder = encoder_of(config(root, encoder={"vectors": str(vectors)}), ["a red square"])
    assert set(encoder.words) == set(words)  # those of the caption, and the others for queries
    assert {"a", "red", "square"} <= set(encoder.words)


def test_two_towers_need_two_images_in_a_batch(root, tmp_path):
    wanted = config(
        root,
        network={"captions": "inception"},
        augmentation={"kind": "config-standard"},
        batch={"size": 6, "counts": "samples"},
    )
    with pytest.raises(InputError, match=r"batch\.size"):
        train(wanted, tmp_path / "run")


def test_learning_rate_schedules():
    assert {learning_rate("constant", 1e-3, step, 10) for step in range(10)} == {1e-3}
    steps = 10_000  # torch turns one step earlier
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1e-3, total_steps=steps, final_div_factor=400, cycle_momentum=False
    )
    expected = []
    for step in range(steps):
        expected.append(theirs.get_last_lr()[0])
        optimizer.step()
        if step < steps - 1:
            theirs.step()
    rates = [learning_rate("one_cycle", 1e-3, step, steps) for step in range(steps)]
    np.testing.assert_allclose(rates, expected, atol=1e-6)
    assert np.argmax(rates) == np.argmax(expected) + 1 and rates[-1] == pytest.approx(expected[-2], rel=0.02)


def test_a_term_comes_in_from_its_start_over_its_length():
    found = [ramp(step, 10, start=0.3, length=0.4) for step in range(10)]
    assert found == pytest.approx([0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1])
    assert [ramp(step, 4, start=0.5, length=0.0) for step in range(4)] == [0, 0, 1, 1]


def test_too_little_gpu_memory_is_one_line(root, tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(TrainingStep, "forward", full)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=8 << 30))
    with pytest.raises(InputError, match=r"8 GiB are too few for 8 samples of 75 px: about [1-9]\d* would fit"):
        train(config(root), tmp_path / "run")


def test_the_samples_that_fit_are_those_of_all_gpus(monkeypatch):
    def fit(processes: int) -> int:
        monkeypatch.setattr(distributed, "world_size", lambda: processes)
        with pytest.raises(InputError) as told:
            stop_out_of_memory(SingleNet(), 512, 160, "float32", torch.device("cuda"), held=1 << 30)
        return int(re.search(r"about (\d+) would fit", str(told.value))[1])

    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=24 << 30))
    assert fit(8) == 8 * fit(1) > 0


def test_what_can_be_refused_is_refused_before_an_image_is_decoded(root, tmp_path, finished, saved, monkeypatch):
    def decoded(*_, **__):
        raise AssertionError("the data were loaded")

    run = tmp_path / "run"
    tensor_file.save(run / saved.path.name, "checkpoint", saved.tensors, saved.meta)
    with monkeypatch.context() as patch:
        patch.setattr(components, "load_training_data", decoded)
        with pytest.raises(InputError, match="another configuration"):
            train(config(root, training={"learning_rate": 1e-4}), run, resume=True)
        taught = {"teaching": {"file": str(tmp_path / "none.safetensors")}, "augmentation": {"kind": "views"}}
        with pytest.raises(InputError, match=r"none\.safetensors"):
            train(config(root, **taught), tmp_path / "taught")
        with pytest.raises(InputError, match=r"none\.safetensors"):
            train(config(root, encoder={"file": str(tmp_path / "none.safetensors")}), tmp_path / "given")
    monkeypatch.setattr(components, "fit_targets", decoded)  # what comes after the data
    shutil.copy(finished[0] / "encoder.safetensors", tmp_path)
    monkeypatch.setattr(components, "load_training_data", lambda *_: SimpleNamespace(train=SimpleNamespace(images=[])))
    with pytest.raises(InputError, match="this command reads it"):
        train(config(root, encoder={"file": str(tmp_path / "encoder.safetensors")}), tmp_path)


def test_a_validation_that_was_interrupted_is_made_up_where_signals_are_noted(tmp_path, monkeypatch):
    """So that Ctrl-C in it does not end in a traceback."""
    trainer, noted = loop.Trainer.__new__(loop.Trainer), []

    def validate() -> None:
        noted.append(signal.getsignal(signal.SIGTERM))
        raise LookupError

    trainer.config, trainer.data = RunConfig.from_dict({"training": {"evaluations": 2}}), SimpleNamespace(val=object())
    trainer.steps, trainer.progress, trainer.step = 2, state.Progress(1), torch.nn.Identity()
    trainer.plan = SimpleNamespace(from_step=lambda step: iter(()))
    trainer.loader = SimpleNamespace(batches=lambda planned: (batch for batch in planned))
    trainer.validate, trainer.log, trainer.device = validate, None, torch.device("cpu")
    trainer.stop = signals.StopSignal()
    trainer.step.precision = "float32"
    monkeypatch.setattr(loop, "Trainer", lambda *_: trainer)
    with pytest.raises(LookupError):
        train(RunConfig(), tmp_path / "run")
    assert isinstance(getattr(noted[0], "__self__", None), signals.StopSignal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_last_step_is_an_interruption_and_more_of_them_do_not_keep_the_log_open(
    tmp_path, monkeypatch, number
):
    trainer, closed = SimpleNamespace(step=SimpleNamespace(precision="float32"), stop=signals.StopSignal()), []

    def close() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        closed.append(True)

    trainer.run_steps, trainer.close = lambda: None, close
    trainer.finish = lambda: os.kill(os.getpid(), number)
    monkeypatch.setattr(loop, "Trainer", lambda *_: trainer)
    before = signal.signal(signal.SIGTERM, lambda *_: closed.append(False))  # or it would end the tests
    try:
        with pytest.raises(Interrupted, match=r"after the last step, saved in .*--resume") as stopped:
            train(RunConfig(), tmp_path / "run")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped.value.number == number and closed == [True]


def test_where_no_sample_fits_no_number_is_negative(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=24 << 30))
    with pytest.raises(InputError, match=r"24 GiB .*: about 0 would fit, or 0 of 128 px"):
        stop_out_of_memory(SingleNet(), 512, 160, "float32", torch.device("cuda"), held=22 << 30)


def test_a_diverged_run_says_what_to_change_and_that_its_folder_takes_no_other_settings(root, tmp_path):
    settings = {"learning_rate": 1e6, "epochs": 3, "checkpoint_minutes": 1e-6}
    with pytest.raises(InputError, match=r"rate 1e\+06\): lower training.learning_rate .*, into another --output$"):
        train(config(root, training=settings), tmp_path / "run")
    assert checkpoint_files(tmp_path / "run")


def with_rsums(monkeypatch, *values: float) -> None:
    """Let the evaluations on the way find these scores."""
    real, sums = validation.evaluate_split, iter(values)

    def scored(*arguments, **options):
        scores = real(*arguments, **options)
        scores["metrics"]["rsum"] = next(sums)
        return scores

    monkeypatch.setattr(validation, "evaluate_split", scored)


def test_earlier_weights_that_scored_better_are_kept(root, tmp_path, monkeypatch):
    with_rsums(monkeypatch, 50.0, 40.0)
    model = train(config(root, training={"evaluations": 2}), tmp_path / "run")
    best = Model.load(tmp_path / "run" / "best.safetensors")
    assert best.meta["training"]["steps"] < model.meta["training"]["steps"]
    assert [entry["rsum"] for entry in best.meta["history"]] == [50.0]
    name = "backbone.last_linear.weight"
    assert not torch.equal(weights(best)[name], weights(model)[name])


def test_every_step_is_scored_once_and_no_earlier_weights_are_kept_where_the_last_are_best(root, tmp_path, monkeypatch):
    run = tmp_path / "run"
    with_rsums(monkeypatch, 40.0, 45.0, 50.0)
    train(config(root, training={"evaluations": 9}), run)  # more than there are steps
    model = Model.load(run / "model.safetensors")
    steps = [scored["step"] for scored in model.meta["history"]]
    assert steps == list(range(1, model.meta["training"]["steps"] + 1)) == [1, 2, 3]
    assert not (run / "best.safetensors").exists()
