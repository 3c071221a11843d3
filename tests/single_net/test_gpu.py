"""What a GPU computes is what the CPU computes: network, loss, encoded captions, resumed training, evaluation."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from stopping import StopAfter

from encoded_text import Layout, TextImageEncoder
from encoded_text.renderer import Renderer
from single_net.config import RunConfig
from single_net.data.load import load_dataset
from single_net.evaluation.protocol import evaluate_split
from single_net.inference.model import Model
from single_net.losses.retrieval import RetrievalLoss
from single_net.models.single_net import SingleNet
from single_net.training import checkpoints, loop
from single_net.training.loop import train

pytestmark = pytest.mark.gpu

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
CAPTIONS = ["a red square", "one bar that is painted blue", "the cross is here", "an image of a yellow bar on gray at"]
WORDS = sorted({word for caption in CAPTIONS for word in caption.split()} | {"green", "colored"})


@pytest.fixture(scope="module", autouse=True)
def float32_means_float32() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.backends.cudnn, "allow_tf32", False)
        patch.setattr(torch.backends.cudnn, "deterministic", True)
        patch.setattr(torch.backends.cudnn, "benchmark_limit", 1)  # trying kernels takes most of the time here
        yield


def encoder(layout: Layout) -> TextImageEncoder:
    """Made by hand: gensim, which learns one, may be missing where the GPU is."""
    colors = np.random.default_rng(0).integers(4, 250, (len(WORDS), layout.features), dtype=np.uint8)
    return TextImageEncoder(WORDS, colors, layout, "zscore", {})


def images(number: int, size: int = 80) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).integers(0, 256, (number, 3, size, size), dtype=np.uint8))


@pytest.mark.parametrize("training", [False, True])
def test_the_network_embeds_alike(training):
    torch.manual_seed(0)
    network = SingleNet().train(training)
    other = copy.deepcopy(network).to(CUDA)
    expected, found = network(images(8)).detach(), other(images(8).to(CUDA)).detach().cpu()
    # Batch norm over eight values enlarges rounding: on a CPU up to 1e-4. TF32 would differ by 4e-2.
    torch.testing.assert_close(found, expected, rtol=5e-3, atol=5e-3)


def test_every_term_of_the_loss_and_its_gradient_are_alike():
    def loss_and_gradient(device: torch.device) -> list[torch.Tensor]:
        generator = torch.Generator().manual_seed(0)
        labels = torch.stack([torch.arange(6), torch.arange(6) // 2], dim=1)
        prototypes = torch.nn.functional.normalize(torch.randn(6, 16, generator=generator))
        torch.manual_seed(0)
        loss = RetrievalLoss(labels, prototypes=prototypes, prototype_weight=1.0, contrastive_weight=1.0).to(device)
        embeddings = torch.randn(24, 128, generator=generator).to(device).requires_grad_()
        image_index = (torch.arange(24) % 6).to(device)
        total, terms = loss(embeddings, image_index, 6, contrastive=1.0)
        total.backward()
        assert embeddings.grad is not None
        return [total.detach().cpu(), *(term.detach().cpu() for term in terms.values()), embeddings.grad.cpu()]

    for found, expected in zip(loss_and_gradient(CUDA), loss_and_gradient(CPU), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layout", [Layout.paper(), Layout.figure(), Layout.paper().scaled_to(96)])
def test_encoded_captions_are_the_same_byte_for_byte(layout):
    made = encoder(layout)
    captions = [*CAPTIONS, f"{CAPTIONS[0]} " * 9]
    drawn = Renderer(made).to(CUDA)(torch.from_numpy(made.ids(captions)).to(CUDA)).cpu().numpy()
    np.testing.assert_array_equal(drawn.transpose(0, 2, 3, 1), made.transform(captions))


@pytest.fixture(scope="module")
def config(root, tmp_path_factory) -> RunConfig:
    path = tmp_path_factory.mktemp("encoder") / "encoder.safetensors"
    encoder(Layout.paper().scaled_to(75)).save(path)
    values = {
        "variant": "small",
        "data": {"name": "table", "root": str(root)},
        "encoder": {"file": str(path)},
        "network": {"image_size": 75},
        "batch": {"size": 24},
        "training": {"epochs": 3.0, "learning_rate": 1e-4},
    }
    return RunConfig.from_dict(values)


@pytest.fixture(scope="module")
def finished(config, tmp_path_factory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "whole"
    train(config, run, device=CUDA)
    return run


def test_a_resumed_run_ends_like_an_uninterrupted_one(config, finished, tmp_path, monkeypatch):
    """Not bit for bit: sums on a GPU have no fixed order."""
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StopSignal", StopAfter)
        with pytest.raises(KeyboardInterrupt, match="--resume"):
            train(config, run, device=CUDA)
    step = checkpoints.load_checkpoint(run).meta["training"]["steps"]
    whole, resumed = Model.load(finished, CPU), train(config, run, device=CUDA, resume=True)
    assert 0 < step < resumed.meta["training"]["steps"] == whole.meta["training"]["steps"]
    shown = images(6, 75).permute(0, 2, 3, 1).numpy()
    distance = np.linalg.norm(whole.encode_image(shown) - resumed.encode_image(shown), axis=1)
    assert distance.max() < 0.05  # of 2


def test_evaluation_gives_the_same_recall(root, finished):
    data = load_dataset("table", root, "test")
    on_cpu, on_gpu = (evaluate_split(Model.load(finished, device), data)["metrics"] for device in (CPU, CUDA))
    for direction, queries in (("image_to_sentence", 6), ("sentence_to_image", 30)):
        for k, expected in on_cpu[direction]["recall"].items():
            # One query may have two items at distances that differ by rounding alone.
            assert abs(on_gpu[direction]["recall"][k] - expected) <= 100 / queries + 1e-9
    assert on_gpu["extra"]["modality_gap"] == pytest.approx(on_cpu["extra"]["modality_gap"], abs=1e-3)
