"""The step as one CUDA graph: the same training as without it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.teaching import TeachingLoss
from single_net.models.single_net import SingleNet
from single_net.training.batches import Batch
from single_net.training.cuda_graph import WARM_UP, CudaGraphs, GraphedStep
from single_net.training.step import TrainingStep

pytestmark = pytest.mark.usefixtures("shallow_backbone")

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


class Recorded:
    """Stands in for CUDA graphs on a CPU: repeats the work on the tensors it was recorded with."""

    reserved = 0

    def __init__(self) -> None:
        self.captured = 0

    def watch(self) -> None:
        pass

    def fits(self) -> bool:
        return True

    def running(self) -> nullcontext[None]:
        return nullcontext()

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        self.captured += 1
        return work


class Full(Recorded):
    def fits(self) -> bool:
        return False


class Broken(Recorded):
    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        try:
            raise RuntimeError("operation not permitted when stream is capturing\nmore")
        finally:
            raise RuntimeError("the end of the capture: failed due to a previous error")  # as torch.cuda.graph


def made(device: torch.device = CPU, **loss) -> TrainingStep:
    torch.manual_seed(0)
    labels = torch.arange(3)[:, None]
    return TrainingStep(SingleNet(), RetrievalLoss(labels, **loss), device).train()


def batches(number: int, inputs: int = 6, device: torch.device = CPU) -> list[Batch]:
    rng = np.random.default_rng(0)
    return [
        Batch(
            torch.from_numpy(rng.integers(0, 256, (inputs, 3, 75, 75), dtype=np.uint8)).to(device),
            2 + i % 2,
            torch.from_numpy(rng.integers(0, 3, inputs)).to(device),
            2 + i % 2,
        )
        for i in range(number)
    ]


def trained(take: Callable, step: TrainingStep, shown: list[Batch]) -> list[float]:
    """The loss of every step, at another rate each, and the contrastive term coming in."""
    return [
        float(take(batch, 1e-3 / (1 + i), contrastive=min(1.0, 0.25 * (1 + i)))[0]) for i, batch in enumerate(shown)
    ]


@pytest.mark.slow
def test_replayed_steps_train_as_plain_ones_with_their_own_rates_and_batches():
    shown = batches(WARM_UP + 3)
    plain, other = made(), made()
    graphs = Recorded()
    graphed = GraphedStep(other, graphs)
    expected = trained(plain, plain, shown)

    def without_gradients_left(*arguments, **options):
        other.optimizer.zero_grad(set_to_none=True)  # a graph overwrites them, the stand-in adds
        return graphed(*arguments, **options)

    assert trained(without_gradients_left, other, shown) == expected
    assert graphs.captured == 1 and graphed.replays == 3
    for (name, a), b in zip(plain.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


@pytest.mark.slow
def test_a_replayed_step_takes_the_teachers_vectors_of_its_own_batch():
    torch.manual_seed(1)
    bank = F.normalize(torch.randn(9, 128), dim=1)
    targets = F.normalize(torch.randn(WARM_UP + 3, 6, 128), dim=2)
    shown = [
        batch._replace(own_images=2, num_images=2, teacher_vectors=of)
        for batch, of in zip(batches(WARM_UP + 3), targets, strict=True)
    ]
    teaching = TeachingLoss(bank, bank, 128)
    plain, other = (made(teaching=copy.deepcopy(teaching)) for _ in range(2))
    graphed = GraphedStep(other, Recorded())

    def without_gradients_left(*arguments, **options):
        other.optimizer.zero_grad(set_to_none=True)
        return graphed(*arguments, **options)

    assert trained(without_gradients_left, other, shown) == trained(plain, plain, shown)
    assert graphed.replays == 3


@pytest.mark.slow
def test_a_term_that_joins_later_is_computed_from_the_first_step_on():
    """So that no kernel runs for the first time while it is captured."""
    graphed = GraphedStep(made(contrastive_weight=1.0), Recorded())
    _, terms = graphed(batches(1)[0], 1e-4, contrastive=0.0)
    assert float(terms["contrastive"]) > 0


@pytest.mark.slow
def test_a_batch_of_another_shape_runs_without_the_graph():
    graphed = GraphedStep(made(), graphs := Recorded())
    for batch in [*batches(WARM_UP + 1), *batches(2, inputs=8)]:
        graphed(batch, 1e-4)
    assert graphs.captured == 1 and graphed.replays == 1


@pytest.mark.parametrize("weight, replays", [(0.0, 3), (1.0, 4)])
@pytest.mark.slow
def test_the_number_of_images_is_part_of_the_shape_only_where_the_loss_needs_it(weight, replays):
    graphed = GraphedStep(made(contrastive_weight=weight), Recorded())
    for batch in batches(WARM_UP + 3):
        graphed(batch, 1e-4)
    if weight:
        for batch in batches(2 * WARM_UP + 2)[::2]:  # two images each
            graphed(batch, 1e-4)
    assert graphed.replays == replays
    assert made(contrastive_weight=weight).depends_on_counts == bool(weight)


@pytest.mark.slow
def test_what_cannot_be_captured_is_one_line_and_training_goes_on(capsys):
    plain, step = made(), made()
    graphed = GraphedStep(step, Broken())
    shown = batches(WARM_UP + 3)
    assert trained(graphed, step, shown) == trained(plain, plain, shown)
    assert capsys.readouterr().err == (
        "the step runs without a CUDA graph: operation not permitted when stream is capturing\n"
    )


@pytest.mark.slow
def test_where_there_is_too_little_memory_nothing_is_captured(capsys):
    graphed = GraphedStep(made(), graphs := Full())
    for batch in batches(WARM_UP + 2):
        graphed(batch, 1e-4)
    assert graphs.captured == graphed.replays == 0
    assert capsys.readouterr().err == "the step runs without a CUDA graph: too little GPU memory for it\n"


@pytest.mark.parametrize(("free", "fits"), [(9, True), (7, False)])
def test_a_graph_needs_the_peak_of_a_step_once_more_and_a_tenth(free, fits, monkeypatch):
    sizes = {"memory_allocated": 2, "memory_reserved": 5, "max_memory_allocated": 12, "mem_get_info": (free, 80)}
    for name, value in sizes.items():
        monkeypatch.setattr(torch.cuda, name, lambda _, value=value: value)
    graphs = CudaGraphs.__new__(CudaGraphs)
    graphs._device = CUDA
    assert graphs.fits() == fits


@pytest.mark.gpu
def test_on_a_gpu_the_graph_trains_as_plain_steps_and_nothing_waits_for_the_gpu():
    shown = batches(WARM_UP + 25, device=CUDA)
    plain, step = made(CUDA), made(CUDA)
    plain._tune_for = step._tune_for = 0  # no kernels are tried: both run the same
    torch.backends.cudnn.deterministic = True
    try:
        graphed = GraphedStep(step)
        for i, batch in enumerate(shown[: WARM_UP + 5]):
            total = graphed(batch, 1e-3 / (1 + i))[0]
            torch.testing.assert_close(total, plain(batch, 1e-3 / (1 + i))[0], rtol=1e-4, atol=1e-5)
        assert graphed.replays == 5
        torch.cuda.set_sync_debug_mode("error")
        for batch in shown[WARM_UP + 5 :]:
            graphed(batch, 1e-4)
    finally:
        torch.cuda.set_sync_debug_mode("default")
        torch.backends.cudnn.deterministic = False
    assert graphed.replays == 25
