"""The bench: that all of it runs, compares like with like, and that its tables say what its record says."""

from __future__ import annotations

import contextlib
import copy
import json
import mmap
import os
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from shallow import Shallow

from encoded_text.drawing import draw_numpy, palette
from experiments.bench import __main__ as bench
from experiments.bench import evaluation, report, scale, step_profile, synthetic, timing, training_step
from experiments.bench.drawing import draw_one
from single_net.data.image import read_image

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shallow")]

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def shallow(shallow_backbone):
    """Also in the plain step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_step, "InceptionResnetV1", Shallow)
        yield


@pytest.fixture(scope="module")
def quick(tmp_path_factory, shallow):
    """The folder of one quick run, of which no part has a process of its own: see below."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SINGLE_NET_CACHE", str(folder / "cache"))
        patch.setattr("sys.argv", ["bench", "--quick", "-o", str(folder / "quick.json")])
        for part in (evaluation, scale):
            patch.setattr(part, "in_own_process", lambda function, *arguments: function(*arguments))
        bench._main()
    return folder


@pytest.fixture
def record(quick):
    return json.loads((quick / "quick.json").read_text(encoding="utf-8"))


def cells(table: str, what: str) -> list[str]:
    [line] = [line for line in table.splitlines() if line.startswith(f"| {what}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_everything_runs_and_the_tables_are_made(quick, record):
    assert record["format"] == "single-net bench 3" and record["quick"] is True
    assert set(record["results"]) == {"drawing", "training_step", "step_profile", "evaluation", "scale", "images"}
    assert {"git", "versions", "created", "command", "seconds"} <= set(record)
    text = (quick / "quick.md").read_text(encoding="utf-8")
    assert text == bench.page(record)
    assert "numbers mean nothing" in text and "numbers mean nothing" not in bench.page(record | {"quick": False})
    assert report.table(record) in text and report.hours(record) in text
    assert len(report.table(record).split("\n\n")[0].splitlines()) - 2 <= 15
    assert len(report.hours(record).splitlines()) == 4


def test_ratios_and_shares_of_the_table(record):
    r = copy.deepcopy(record)
    r["machine"] |= {"device": "made up", "matrix_rate": {"float32": 2e11, "bfloat16": 8e11}}
    drawn = r["results"]["drawing"]["96"]
    drawn["captions_per_second"] |= {"batch": 123_456.0, "one_by_one": 1000.0}
    drawn["bytes_per_second"] |= {"batch": 3e9, "copy_large": 4e9}
    r["results"]["training_step"]["96"] |= {
        "samples_per_second": {
            "plain": 10.0,
            "plain bfloat16": 20.0,
            "float32": 15.0,
            "bfloat16": 36.0,
            "compiled": 50.0,
        },
        "flops_per_sample": 8e9,
        "precision": "bfloat16",
    }
    r["results"]["evaluation"]["embedding"] |= {
        "samples_per_second": {"images": 72.0, "captions": 54.0},
        "flops_per_sample": 4e9,
    }
    r["results"]["evaluation"]["retrieval"] |= {"seconds": 4.0, "product_seconds": 0.5, "extra_bytes": 300 << 20}
    r["results"]["evaluation"]["nearest"] |= {"seconds": 2.0, "product_seconds": 1.5}
    r["results"]["images"]["sizes"]["96"]["images_per_second"] |= {
        "decoded": 300.0,
        "prepared": 250.0,
        "whole": 150.0,
    }
    r["results"]["scale"]["head"] |= {"step": {"1000": 0.5, "113287": 0.62}, "head": {"1000": 0.01, "113287": 0.12}}
    r["results"]["scale"]["bookkeeping"] = {"a": {"bytes": [5 << 20, 9 << 20, 7 << 20]}, "b": {"bytes": [1, 2, 1]}}
    text = report.table(r)
    assert cells(text, "Captions encoded, 96 px")[1:] == [
        "123,456/s",
        "one by one, NumPy and Pillow: 1,000/s",
        "123×",
        "75 %",
    ]
    assert cells(text, "Training, 96 px, float32")[3:] == ["1.5×", "60 %"]
    assert cells(text, "Training, 96 px, float32")[2] == "plain facenet-pytorch loop, float32: 10/s"
    assert cells(text, "Training, 96 px, bfloat16  ")[2] == "plain facenet-pytorch loop, bfloat16: 20/s"
    assert cells(text, "Training, 96 px, bfloat16  ")[3:] == ["1.8×", "36 %"]
    assert cells(text, "Training, 96 px, bfloat16, compiled")[3:] == ["2.5×", "50 %"]
    assert cells(text, "Embedding images, 96 px, bfloat16")[3:] == ["2×", "36 %"]
    assert cells(text, "Evaluation")[1:] == ["4 s, 300 MiB", "one matrix product of that size: 0.5 s", "–", "12 %"]
    assert cells(text, "10 nearest")[4] == "75 %"
    assert cells(text, "Images decoded, 640 × 480 to 96 px")[1:4] == [
        "300/s, into the cache 250/s",
        "at full size, then shrunk: 150/s",
        "2×",
    ]
    assert cells(text, "113,287 classes instead of 1,000")[1:3] == ["+120 ms a step", "the head alone: +110 ms"]
    assert cells(text, "Memory through an epoch")[1] == "+2.0 MiB"


def test_hours_of_the_configurations(record):
    for row, of in record["results"]["scale"]["coco"].items():
        config = scale.coco_config(row)
        groups = scale.GROUPS // 1000
        samples = groups * {"config-standard": 6, "config-2": 12}[row]  # shuffled
        assert config.batch.size == 45 and of["epochs"] == config.training.epochs
        assert of["steps_per_epoch"] == samples // scale.HEAD_SAMPLES  # with --quick
        seconds = of["steps_per_epoch"] * of["samples"] / of["samples_per_second"]
        assert of["hours_per_epoch"] == pytest.approx(seconds / 3600, rel=1e-3)
        assert of["hours"] == pytest.approx(of["hours_per_epoch"] * config.training.epochs, rel=1e-3)
    r = copy.deepcopy(record)
    r["machine"]["device"] = "made up"
    r["machine"]["matrix_rate"] = {"float32": 8e11, "bfloat16": 8e11}
    r["results"]["scale"]["coco"]["config-2"] |= {"samples_per_second": 250.4, "hours_per_epoch": 1.5, "hours": 15.0}
    r["results"]["scale"]["coco"]["config-2"]["flops_per_sample"] = 2e9
    last = report.hours(r).splitlines()[-1]
    assert [cell.strip() for cell in last.strip("|").split("|")][2:] == ["250", "63 %", "1.5", "10", "15"]


def test_works_take_turns_and_the_median_counts(monkeypatch):
    called, clock = [], iter(np.cumsum([0, 9, 0, 9, 0, 1, 0, 5, 0, 2, 0, 6, 0, 9, 0, 7]).tolist())
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    works = {name: lambda name=name: called.append(name) for name in "ab"}
    assert timing.in_turn(works, CPU, rounds=3) == {"a": 2, "b": 6}
    assert "".join(called) == "ab" + "ababab"


def test_short_works_are_repeated_within_a_round(monkeypatch):
    called, clock = [], iter(np.cumsum([0, 2.0, 0, 0.25, 0, 2.0]).tolist())
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    assert timing.in_turn({"a": lambda: called.append(1)}, CPU, rounds=1, lasting=3) == {"a": 2.0 / 12}
    assert len(called) == 2 + 12  # the second call showed how short it is


def test_a_function_in_a_process_of_its_own():
    assert timing.in_own_process(os.getppid) == os.getpid()


def test_memory_taken_within_the_block_is_seen():
    with timing.watching_memory(0.001) as peak:
        with mmap.mmap(-1, 64 << 20) as taken:  # never from memory that was freed before
            taken.write(bytes(64 << 20))
            deadline = time.monotonic() + 10
            while peak.extra < 60 << 20 and time.monotonic() < deadline:  # until the watcher has had its turn
                time.sleep(0.01)
        assert 60 << 20 < peak.extra < 200 << 20


@pytest.mark.parametrize("size", [96, 256])
def test_one_by_one_draws_the_same_images(size):
    encoder = synthetic.encoder(size, words=50)
    ids = synthetic.word_ids(4, encoder.layout.capacity, words=50)
    blocks = palette(encoder.colors, encoder.layout)
    drawn = np.stack([np.asarray(draw_one(row, blocks, encoder.layout)) for row in ids])
    np.testing.assert_array_equal(drawn, draw_numpy(ids, blocks, encoder.layout))


def test_synthetic_captions_are_as_long_as_said():
    ids = synthetic.word_ids(500, 64)
    lengths = (ids > 0).sum(axis=1)
    assert lengths.min() == 8 and lengths.max() == 15
    assert ids.max() <= synthetic.WORDS
    assert (np.diff((ids > 0).astype(int), axis=1) <= 0).all()  # no gaps
    encoder = synthetic.encoder(96, words=synthetic.WORDS)
    sentences = synthetic.sentences(ids[:3])
    np.testing.assert_array_equal(encoder.ids(sentences)[:, :64], ids[:3])


def test_synthetic_images_take_no_disk(tmp_path):
    images = synthetic.empty_images(tmp_path / "hole.npy", 10_000, 96)
    assert images.shape == (10_000, 96, 96, 3) and not images[5000].any()
    assert (tmp_path / "hole.npy").stat().st_blocks * 512 < 10 << 20


def test_synthetic_files_are_images(tmp_path):
    first, second = synthetic.jpeg_files(tmp_path, 2)
    assert read_image(first, 640).std() > 20
    assert (read_image(first, 96) != read_image(second, 96)).any()


def test_flops_of_the_network():
    forward, both = training_step.flops(96, backward=False), training_step.flops(96, backward=True)
    assert 2.9 < both / forward < 3  # backward costs two products more, but for the first layer's input
    assert training_step.flops(160, backward=False) / forward == pytest.approx((160 / 96) ** 2, rel=0.5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_plain_step_learns_all_it_holds(monkeypatch, precision):
    kept = []
    adam = torch.optim.Adam
    monkeypatch.setattr(torch.optim, "Adam", lambda parameters, **more: kept.extend(parameters) or adam(kept, **more))
    torch.manual_seed(0)
    step = training_step.plain_step(80, 7, 4, CPU, precision)
    before = [parameter.detach().clone() for parameter in kept]
    step()
    moved = [not torch.equal(a, b) for a, b in zip(before, kept, strict=True)]
    assert sum(moved) >= len(moved) - 2  # facenet-pytorch's own class layer takes no part
    assert any(parameter.shape == (7, 512) for parameter in kept)


def test_bookkeeping_goes_through_a_whole_epoch():
    found = scale.measure_bookkeeping(100)
    assert {name: of["steps"] for name, of in found.items()} == {
        "config-standard, grouped": 100 // 7,
        "config-2, mixed": 100 * 12 // 45,
    }
    assert all(len(of["bytes"]) == 3 and min(of["bytes"]) > 0 for of in found.values())


def test_where_the_time_of_a_step_goes(record):
    [shares] = record["results"]["step_profile"].values()
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    measured = [name for name in shares if name != step_profile.REST]
    assert all(shares[name] > 0 for name in measured), shares  # no group's operations have got other names
    assert shares[step_profile.REST] < 0.25
    assert f"| {measured[0]}" in report.profile(record)


@pytest.mark.parametrize(
    ("operation", "group"),
    [
        ("aten::native_batch_norm_backward", "batch norm"),
        ("aten::mkldnn_convolution", "convolutions and matrix products"),
        ("aten::threshold_backward", "ReLU"),
        ("Optimizer.step#Adam.step", "optimizer"),
        ("aten::add_", "sums of branches"),
        ("aten::addmm", "convolutions and matrix products"),
        ("aten::copy_", "copies and casts"),
        ("aten::logsumexp", "all else"),
    ],
)
def test_operations_by_what_they_are_part_of(operation, group):
    assert step_profile.group(operation) == group


@pytest.mark.parametrize(("on_gpu", "convolutions"), [(True, 0.75), (False, 0.5)])
def test_the_time_of_a_gpu_is_counted_once(on_gpu, convolutions):
    """Kernels are events of their own, beside the operations that launch them."""
    cpu, gpu = SimpleNamespace(name="CPU"), SimpleNamespace(name="CUDA")
    events = [
        SimpleNamespace(key=key, device_type=device, self_device_time_total=of_gpu, self_cpu_time_total=of_cpu)
        for key, device, of_gpu, of_cpu in (
            ("aten::cudnn_convolution", cpu, 30, 5),
            ("cudnn_batch_norm", cpu, 10, 5),
            ("sm90_kernel", gpu, 40, 0),
        )
    ]
    found = step_profile.shares(events, on_gpu=on_gpu)
    assert found["convolutions and matrix products"] == convolutions and found[step_profile.REST] == 0


def test_on_a_gpu_the_step_that_is_timed_is_the_captured_one(monkeypatch):
    """As in training; the profile is of the plain step."""
    monkeypatch.setattr(training_step, "GraphedStep", lambda step: SimpleNamespace(graph_of=step))
    config = synthetic.config(96, "float32", 12)
    loader = synthetic.loader(synthetic.images(20, 96), config, CPU)
    for graphed in (True, False):
        with contextlib.closing(training_step.ProjectStep(config, loader, 20, CPU, graphed=graphed)) as step:
            assert hasattr(step._step, "graph_of") == graphed
