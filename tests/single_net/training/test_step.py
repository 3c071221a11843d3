"""One step of the optimizer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from single_net.losses.retrieval import RetrievalLoss
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower
from single_net.training import step as step_module
from single_net.training.batches import Batch
from single_net.training.step import TrainingStep, _Objective

pytestmark = pytest.mark.usefixtures("shallow_backbone")


def made(inputs: int = 6, **settings) -> tuple[TrainingStep, Batch]:
    torch.manual_seed(0)
    step = TrainingStep(SingleNet(), RetrievalLoss(torch.arange(3)[:, None]), torch.device("cpu"), **settings)
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (inputs, 3, 75, 75), dtype=np.uint8))
    step.train()
    return step, Batch(images, 2, torch.arange(inputs) % 3, 2)


def test_weights_loss_and_state_stay_float32_under_bfloat16():
    step, batch = made(precision="bfloat16")
    total, parts = step(batch, 1e-3)
    assert total.dtype == torch.float32 and not total.requires_grad and set(parts) == {"softmax", "center"}
    assert {p.dtype for p in step.parameters()} == {torch.float32}
    state = step.optimizer.state_dict()["state"].values()
    assert {value.dtype for values in state for value in values.values()} == {torch.float32}
    assert step.loss.center_loss.centers.dtype == torch.float32


def test_the_rate_is_the_one_asked_for():
    step, batch = made()
    before = [p.clone() for p in step.parameters()]
    step(batch, 0.0)
    assert all(torch.equal(a, b) for a, b in zip(before, step.parameters(), strict=True))
    step(batch, 1e-3)
    moved = [(a - b).abs().max().item() for a, b in zip(before, step.parameters(), strict=True)]
    assert max(moved) == pytest.approx(1e-3, rel=0.05)  # Adam moves by the rate, in its first step


def test_where_torch_cannot_compile_one_line_says_so_and_training_is_the_same(monkeypatch, capsys):
    def broken(module):
        def run(*_):
            raise RuntimeError("no compiler here\nand many more lines")

        return run

    plain, batch = made()
    expected = plain(batch, 1e-3)[0]
    monkeypatch.setattr(torch, "compile", broken)
    step, batch = made(compile_for=(6, 2, 75))
    told = capsys.readouterr().err.strip().splitlines()
    assert told[-1].endswith("runs uncompiled: no compiler here")
    assert step(batch, 1e-3)[0] == expected
    for (name, a), b in zip(plain.named_buffers(), step.buffers(), strict=True):
        assert torch.equal(a, b), name


def test_a_trial_of_the_compiled_network_leaves_no_trace(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda module: module)
    step, _ = made(compile_for=(6, 2, 75))
    plain, _ = made()
    for a, b in zip(plain.state_dict().values(), step.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert all(parameter.grad is None for parameter in step.parameters())


def test_only_batches_of_the_planned_shape_run_compiled(monkeypatch):
    """torch.compile makes one dynamic form after a second shape, and a resumed run would begin with the static one."""
    seen = []

    def noting(module):
        class Compiled(torch.nn.Module):
            def forward(self, inputs, images):
                seen.append((len(inputs), images))
                return module(inputs, images)

        return Compiled()

    monkeypatch.setattr(torch, "compile", noting)
    step, batch = made(compile_for=(6, 2, 75))
    assert seen == [(6, 2)]
    step(batch, 1e-3)
    step(batch._replace(own_images=3), 1e-3)  # a single network does not ask how many are images
    step(made(inputs=5)[1], 1e-3)
    assert seen == [(6, 2), (6, 2), (6, 3)]
    seen.clear()
    torch.manual_seed(0)
    towers = TwoTower(SingleNet(), SingleNet(), 128)
    step = TrainingStep(towers, RetrievalLoss(torch.arange(3)[:, None]), torch.device("cpu"), compile_for=(6, 2, 75))
    step.train()
    step(batch, 1e-3)
    step(batch._replace(own_images=3), 1e-3)
    assert seen == [(6, 2), (6, 2)]


def test_a_share_of_the_batch_gives_its_part_of_loss_and_gradient():
    """Two shares, one after the other: their mean is the whole, for values and for gradients."""
    torch.manual_seed(0)
    features = torch.randn(7, 8, dtype=torch.float64, requires_grad=True)
    group = torch.tensor([0, 1, 2, 0, 1, 2, 0])
    loss = RetrievalLoss(
        torch.arange(3)[:, None], 8, centers="fixed_random", center_weight=0.5, contrastive_weight=1.0
    ).double()

    def gradients(own: slice) -> tuple[float, torch.Tensor, torch.Tensor]:
        total, _ = loss(features, group, 3, own=own)
        of_features, of_head = torch.autograd.grad(total, [features, loss.heads[0].weight])
        mine = torch.zeros_like(of_features)
        mine[own] = of_features[own]  # a process has the gradient of its own rows only
        return total.item(), mine, of_head

    whole = gradients(slice(None))
    shares = [gradients(slice(rank, 7, 2)) for rank in (0, 1)]
    for one, (a, b) in zip(whole, zip(*shares, strict=True), strict=True):
        torch.testing.assert_close(torch.as_tensor((a + b) / 2), torch.as_tensor(one))


@pytest.mark.parametrize("centers", ["ema", "wen2016"])
def test_centers_move_by_the_whole_batch_whatever_the_share(centers):
    features, group = torch.randn(6, 8), torch.tensor([0, 0, 1, 1, 2, 2])
    moved = []
    for own in (slice(None), slice(0, 6, 2), slice(1, 6, 2)):
        torch.manual_seed(0)
        loss = RetrievalLoss(torch.arange(3)[:, None], 8, centers=centers).train()
        loss(features, group, 3, own=own)
        moved.append(loss.center_loss.centers.clone())
    assert torch.equal(moved[0], moved[1]) and torch.equal(moved[0], moved[2])


def test_the_heads_of_the_loss_are_trained_too():
    step, batch = made()
    before = [p.clone() for p in step.parameters()]
    step(batch, 1e-3)
    still = [n for (n, p), b in zip(step.named_parameters(), before, strict=True) if torch.equal(p, b)]
    assert not still


def test_the_optimizer_is_the_one_asked_for():
    step, _ = made(optimizer="adamw", weight_decay=0.1)
    assert type(step.optimizer) is torch.optim.AdamW and step.optimizer.param_groups[0]["weight_decay"] == 0.1
    assert type(made()[0].optimizer) is torch.optim.Adam


def test_the_network_computes_in_the_precision_asked_for(monkeypatch):
    monkeypatch.setattr(step_module, "supported_precision", lambda wanted, device: wanted)  # emulated on any CPU
    seen = []
    step, batch = made(precision="bfloat16")
    step.network.register_forward_hook(lambda module, given, found: seen.append(found.dtype))
    step(batch, 0.0)
    assert seen == [torch.bfloat16]


def test_the_loss_hears_all_that_a_batch_says():
    class Network(nn.Module):
        def forward(self, inputs, images):
            return inputs.flatten(1).float()

    class Loss(nn.Module):
        def forward(self, features, image_index, num_images, **rest):
            heard.update(rest, num_images=num_images)
            return features.sum(), {}

    heard = {}
    batch = Batch(torch.ones(7, 3, 1, 1, dtype=torch.uint8), 2, torch.arange(7), 3, torch.ones(7, 4), 2)
    _Objective(Network(), Loss(), "float32", torch.device("cpu"))(batch, 0.25)
    assert heard.pop("teacher_vectors") is batch.teacher_vectors
    assert heard == {
        "num_images": 3,
        "own": slice(None),
        "contrastive": 0.25,
        "own_images": 2,
        "num_third": 2,
    }


def test_a_gpu_that_is_lost_while_compiling_is_no_reason_to_go_on(monkeypatch):
    def lost(module):
        def run(*_):
            raise torch.AcceleratorError("an illegal memory access was encountered")

        return run

    monkeypatch.setattr(torch, "compile", lost)
    with pytest.raises(torch.AcceleratorError):
        step_module._compiled(nn.BatchNorm2d(3), 2, 1, 75, "float32", torch.device("cpu"))
