"""Batch-norm statistics averaged over training batches."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from single_net.data.dataset import CaptionDataset
from single_net.training import validation
from single_net.training.batches import Batch
from single_net.training.buffers import unchanged_buffers
from single_net.training.state import Progress
from single_net.training.validation import average_norms, score


class Network(nn.Module):
    """Two batch norms, the second over what the first gives."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm1d(4, momentum=0.3), nn.Linear(4, 4), nn.BatchNorm1d(4))

    def forward(self, inputs: torch.Tensor, own_images: int) -> torch.Tensor:
        return self.layers(inputs)


def test_statistics_are_the_mean_over_the_batches_bit_for_bit_as_torchs():
    torch.manual_seed(0)
    network = Network()
    network(torch.randn(8, 4), 0)  # statistics of earlier batches, which count for nothing
    expected = copy.deepcopy(network)
    shown = [torch.randn(8, 4) * (1 + i) for i in range(7)]
    update_bn(([inputs, 0] for inputs in shown), _First(expected))
    plan = SimpleNamespace(steps_per_epoch=2, from_step=lambda step: iter(shown))
    loader = SimpleNamespace(batches=lambda plan: (Batch(inputs, 0, torch.arange(8), 0) for inputs in plan))
    average_norms(network, plan, loader, 7, "float32", torch.device("cpu"))
    for (name, ours), theirs in zip(network.named_buffers(), expected.buffers(), strict=True):
        assert torch.equal(ours, theirs), name
    assert [network.layers[i].momentum for i in (0, 2)] == [0.3, 0.1]


class _First(nn.Module):
    """update_bn hands on the first of what a batch holds."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.network(inputs, 0)


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(4)

    def forward(self, inputs, own_images):
        return self.norm(inputs)


def test_statistics_are_taken_in_training_mode_over_batches_beyond_the_training():
    network, shown, asked = Norm().eval(), [torch.randn(8, 4) for _ in range(7)], []
    plan = SimpleNamespace(steps_per_epoch=2, from_step=lambda step: asked.append(step) or iter(shown))
    loader = SimpleNamespace(batches=lambda plan: (Batch(inputs, 0, torch.arange(8), 0) for inputs in plan))
    average_norms(network, plan, loader, 7, "float32", torch.device("cpu"))
    assert asked == [8]
    torch.testing.assert_close(network.norm.running_mean, torch.stack(shown).mean((0, 1)))


def test_of_equal_scores_the_later_is_the_best(monkeypatch):
    sums = iter([50.0, 40.0, 50.0, 49.0])
    directions = {d: {"recall": {"1": 0.0}} for d in ("image_to_sentence", "sentence_to_image")}

    def found(*_, **__):
        return {"metrics": directions | {"rsum": next(sums)}, "dataset": {"images": 4}, "teacher": None}

    monkeypatch.setattr(validation, "evaluate_split", found)
    monkeypatch.setattr(validation, "_recall_on_training_images", lambda *_: ({}, 4))
    progress, data, best = Progress(), SimpleNamespace(val=object()), []
    for _ in range(4):
        entry = score(None, data, progress, skip_bad=False)[1]
        best.append(progress.is_best(entry["rsum"]))
        progress.history.append(entry)
    assert best == [True, False, True, False]


def test_recall_on_training_images_is_of_the_first_of_them_with_their_captions():
    """With one-hot embeddings an image finds its own captions and no others."""
    names = [f"{number}.png" for number in range(4)]
    train = CaptionDataset("made-up", "train", names, names, [[f"{n} a", f"{n} b", f"{n} c"] for n in range(4)])
    model = SimpleNamespace(
        embed_images=lambda images: np.eye(4, dtype=np.float32)[images],
        embed_captions=lambda captions: np.eye(4, dtype=np.float32)[[int(caption[0]) for caption in captions]],
    )
    data = SimpleNamespace(train=train, images=np.arange(4))
    recall, found = validation._recall_on_training_images(model, data, 3)
    assert found == 3
    assert recall["image_to_sentence"]["1"] == recall["sentence_to_image"]["1"] == 100.0


def test_buffers_are_put_back_also_after_an_error():
    network = nn.BatchNorm1d(4)
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    with pytest.raises(LookupError), unchanged_buffers(network):
        network(torch.randn(8, 4))
        assert not torch.equal(network.running_mean, before["running_mean"])
        raise LookupError
    for name, buffer in network.named_buffers():
        assert torch.equal(buffer, before[name]), name
