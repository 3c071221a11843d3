"""Each loss against a naive loop in float64, over dtypes; and what Eq. 1 does on its own."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import single_net as sn
from encoded_text import InputError
from single_net import losses
from single_net.config import LossConfig
from single_net.losses.center import CENTERS, CenterLoss
from single_net.losses.contrastive import contrastive_loss
from single_net.losses.retrieval import RetrievalLoss
from single_net.retrieval.recall import recall_at_k

DTYPES = (torch.float64, torch.float32, torch.bfloat16)
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 3e-2}


def batch(dtype: torch.dtype, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(12, 8, generator=generator, dtype=torch.float64).to(dtype)
    return features, torch.tensor([0, 0, 0, 1, 2, 2, 4, 4, 4, 4, 3, 0])


def naive_center_loss(features: np.ndarray, labels: list[int], centers: np.ndarray) -> float:
    """Eq. 1 divided by the number of samples m."""
    total = 0.0
    for x, y in zip(features, labels, strict=True):
        total += 0.5 * sum((a - b) ** 2 for a, b in zip(x, centers[y], strict=True))
    return total / len(labels)


def naive_update(kind: str, features: np.ndarray, labels: list[int], centers: np.ndarray, rate: float) -> np.ndarray:
    moved = centers.copy()
    for y in set(labels):
        difference = sum(centers[y] - x for x, label in zip(features, labels, strict=True) if label == y)
        moved[y] -= rate * difference / (1 if kind == "ema" else 1 + labels.count(y))
    return moved


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", CENTERS)
def test_center_loss_and_its_centers_follow_the_naive_loop_for_three_steps(kind, dtype):
    loss = CenterLoss(6, 8, centers=kind, rate=0.3).double().train()
    optimizer = torch.optim.SGD(loss.parameters(), lr=0.3) if kind == "gradient" else None
    expected = loss.centers.detach().numpy().copy()
    for step in range(3):
        features, labels = batch(dtype, step)
        exact, numbers = features.double().numpy(), labels.tolist()
        value = loss(features, labels)
        assert value.item() == pytest.approx(naive_center_loss(exact, numbers, expected), rel=1e-12)
        if kind in ("ema", "wen2016"):
            expected = naive_update(kind, exact, numbers, expected, 0.3)
        elif kind == "gradient":
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            # d/dc of Eq. 1 is the sum of (c - x), over m
            expected = naive_update("ema", exact, numbers, expected, 0.3 / len(numbers))
        np.testing.assert_allclose(loss.centers.detach().numpy(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", CENTERS)
def test_where_centers_start_and_that_they_rest_outside_training(kind):
    loss = CenterLoss(6, 8, centers=kind).eval()
    assert bool((loss.centers == 0).all()) == (kind in ("ema", "zero"))
    before = loss.centers.detach().clone()
    loss(*batch(torch.float32))
    assert torch.equal(loss.centers, before)
    assert isinstance(loss.centers, nn.Parameter) == (kind == "gradient")


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradient_reaches_the_features(dtype):
    features, labels = batch(dtype)
    features.requires_grad_()
    loss = CenterLoss(6, 8, centers="fixed_random").double().train()
    loss(features, labels).backward()
    expected = (features.detach().double() - loss.centers[labels].double()) / len(labels)
    torch.testing.assert_close(features.grad.double(), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


def test_scale_conversions_of_the_docstring():
    features, labels = batch(torch.float64)
    loss = CenterLoss(6, 8, centers="fixed_random").double()
    ours = loss(features, labels).item()
    square = (features - loss.centers[labels]).square()
    facenet, caffe, kaiyang = square.mean(), square.sum() / (2 * len(labels)), square.sum(1).mean()
    assert 1e-2 * facenet.item() == pytest.approx(2 * 1e-2 / 8 * ours)
    assert caffe.item() == pytest.approx(ours)
    assert kaiyang.item() == pytest.approx(2 * ours)
    assert LossConfig().center_weight == 2 * 1e-2 / 128


def test_unknown_centers_are_named():
    with pytest.raises(InputError, match="median"):
        CenterLoss(3, 4, centers="median")


def naive_contrastive(z: np.ndarray, group: list[int], images: int, temperature: float) -> float:
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    is_caption = [i >= images for i in range(len(z))]
    halves = []
    for mine in (False, True):
        values = []
        for i in range(len(z)):
            if is_caption[i] != mine:
                continue
            others = [j for j in range(len(z)) if is_caption[j] != mine]
            weights = {j: math.exp(float(z[i] @ z[j]) / temperature) for j in others}
            true = sum(weights[j] for j in others if group[j] == group[i])
            if true:
                values.append(-math.log(true / sum(weights.values())))
        halves.append(sum(values) / len(values))
    return sum(halves) / 2


@pytest.mark.parametrize("dtype", (torch.float64, torch.float32))
def test_contrastive_loss_follows_the_naive_loop(dtype):
    embeddings, group = batch(dtype)
    value = contrastive_loss(embeddings, group, 4, 0.1)
    expected = naive_contrastive(embeddings.double().numpy(), group.tolist(), 4, 0.1)
    assert value.item() == pytest.approx(expected, rel=TOLERANCE[dtype])


def test_of_three_modalities_the_contrastive_loss_is_the_mean_over_their_pairs():
    embeddings, group = torch.randn(9, 8), torch.tensor([0, 1, 2, 0, 1, 2, 0, 2, 2])
    value = contrastive_loss(embeddings, group, 3, 0.1, num_third=2)
    parts = [(embeddings[:3], group[:3]), (embeddings[3:7], group[3:7]), (embeddings[7:], group[7:])]
    expected = [
        naive_contrastive(torch.cat([a, b]).double().numpy(), [*g.tolist(), *h.tolist()], len(a), 0.1)
        for (a, g), (b, h) in ((parts[0], parts[1]), (parts[0], parts[2]), (parts[1], parts[2]))
    ]
    assert value.item() == pytest.approx(np.mean(expected), rel=1e-5)
    assert contrastive_loss(embeddings[:7], group[:7], 3, 0.1).item() == pytest.approx(expected[0], rel=1e-5)


def test_a_batch_without_a_pair_gives_zero_and_not_nan():
    embeddings = torch.randn(4, 8, requires_grad=True)
    value = contrastive_loss(embeddings, torch.tensor([0, 1, 2, 3]), 2, 0.1)
    value.backward()
    assert value.item() == 0.0 and (embeddings.grad == 0).all()


def test_total_is_the_weighted_sum_of_naive_parts():
    features, group = batch(torch.float32)
    labels = torch.tensor([[0, 0], [0, 1], [1, 2], [1, 3], [1, 4]])
    loss = RetrievalLoss(
        labels,
        8,
        softmax_weight=0.7,
        center_weight=0.2,
        centers="fixed_random",
        contrastive_weight=0.3,
        contrastive_temperature=0.5,
    )
    total, parts = loss(features, group, 6)
    entropies = []
    for head, of in zip(loss.heads, labels.T, strict=True):
        logits = features.double() @ head.weight.double().T + head.bias.double()
        terms = [
            math.log(sum(math.exp(v) for v in row)) - row[of[g]] for row, g in zip(logits.tolist(), group, strict=True)
        ]
        entropies.append(sum(terms) / len(terms))
    centers = loss.center_loss.centers.double().numpy()
    center = naive_center_loss(features.double().numpy(), labels[group][:, -1].tolist(), centers)
    contrastive = naive_contrastive(features.double().numpy(), group.tolist(), 6, 0.5)
    assert parts["softmax"].item() == pytest.approx(sum(entropies) / 2, rel=1e-5)
    assert total.item() == pytest.approx(0.7 * sum(entropies) / 2 + 0.2 * center + 0.3 * contrastive, rel=1e-5)
    late, _ = loss(features, group, 6, contrastive=0.0)
    assert late.item() == pytest.approx(0.7 * sum(entropies) / 2 + 0.2 * center, rel=1e-5)


def train_small_network(softmax_weight: float, center_weight: float) -> tuple[float, float]:
    """A small network on 10 images with 5 captions each (made-up noisy vectors): how much of the embeddings' spread
    is left after training, and R@1 on new noise."""
    torch.manual_seed(0)
    group = torch.cat([torch.arange(10), torch.arange(10).repeat_interleave(5)])
    clean = torch.randn(10, 20)[group]
    network = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 8))
    loss = RetrievalLoss(
        torch.arange(10)[:, None], 8, softmax_weight=softmax_weight, center_weight=center_weight, center_rate=0.1
    )
    optimizer = torch.optim.Adam([*network.parameters(), *loss.parameters()], lr=1e-2)

    def embed() -> torch.Tensor:
        return network(clean + 0.5 * torch.randn(60, 20))

    before = embed().detach().std(0).mean()
    for _ in range(600):
        optimizer.zero_grad()
        loss(embed(), group, 10)[0].backward()
        optimizer.step()
    features = embed().detach()
    recall = recall_at_k(features[:10], features[10:], group[10:].numpy(), ks=(1,))
    return (features.std(0).mean() / before).item(), recall["sentence_to_image"][1]


def test_equation_1_alone_collapses_and_softmax_beside_it_does_not():
    left, recall = train_small_network(softmax_weight=0.0, center_weight=1.0)
    assert left < 0.05
    assert recall < 60.0
    left, recall = train_small_network(softmax_weight=1.0, center_weight=0.1)
    assert left > 1.0
    assert recall > 95.0
    # All embeddings equal is the minimum of Eq. 1: the loss is zero, and the protocol gives it no hit.
    same = torch.ones(10, 8)
    center = CenterLoss(10, 8, centers="ema", rate=1.0).train()
    center(same, torch.arange(10))
    assert center(same, torch.arange(10)).item() == 0.0
    assert recall_at_k(same, same, np.arange(10), ks=(1,))["image_to_sentence"][1] == 0.0


def test_the_prototype_softmax_follows_the_naive_loop():
    generator = torch.Generator().manual_seed(3)
    prototypes = torch.nn.functional.normalize(torch.randn(5, 6, generator=generator), dim=1)
    loss = RetrievalLoss(
        torch.arange(5)[:, None],
        8,
        prototypes=prototypes,
        prototype_weight=0.5,
        prototype_temperature=0.2,
    )
    features, group = batch(torch.float32)
    total, parts = loss(features, group, 4)
    weight, bias = loss.to_prototype.weight.detach().numpy(), loss.to_prototype.bias.detach().numpy()
    expected = 0.0
    for x, image in zip(features.numpy(), group.tolist(), strict=True):
        vector = weight @ x + bias
        logits = [float(vector @ m) / float(np.linalg.norm(vector)) / 0.2 for m in prototypes.numpy()]
        expected += math.log(sum(map(math.exp, logits))) - logits[image]
    assert parts["prototype"].item() == pytest.approx(expected / len(group), rel=1e-5)
    rest = loss.softmax_weight * parts["softmax"] + loss.center_weight * parts["center"]
    assert total.item() == pytest.approx((rest + 0.5 * parts["prototype"]).item(), rel=1e-6)
    total.backward()
    assert loss.to_prototype.weight.grad.abs().sum() > 0


@pytest.mark.parametrize(("num_images", "third"), [(0, 0), (4, 0), (0, 4)])
def test_a_batch_of_one_modality_has_no_contrastive_loss(num_images, third):
    embeddings = torch.randn(4, 8, requires_grad=True)
    value = contrastive_loss(embeddings, torch.tensor([0, 0, 1, 1]), num_images, 0.1, third)
    value.backward()
    assert value.item() == 0.0 and (embeddings.grad == 0).all()


def test_without_its_weight_the_center_loss_is_left_out():
    features, labels = batch(torch.float32)
    loss = RetrievalLoss(torch.arange(5)[:, None], 8, center_weight=0.0)
    total, terms = loss(features, labels, 0)
    assert set(terms) == {"softmax"} and torch.equal(total, terms["softmax"]) and loss.center_loss is None


def test_the_published_rates_are_the_defaults():
    assert CenterLoss(3, 4).rate == LossConfig().center_rate == 0.05


@pytest.mark.parametrize("labels", [torch.tensor([0]), torch.tensor([[0], [1]]), torch.tensor(0)])
def test_labels_of_another_shape_are_refused(labels):
    with pytest.raises(InputError, match="labels have shape"):
        CenterLoss(3, 4, centers="zero")(torch.ones(2, 4), labels)


@pytest.mark.parametrize("share", [0.25, torch.tensor(0.25)])
def test_a_term_that_comes_in_counts_by_its_share(share):
    torch.manual_seed(0)
    features, group = torch.randn(9, 8), torch.arange(9) % 3
    loss = RetrievalLoss(torch.arange(3)[:, None], 8, center_weight=0.0, contrastive_weight=0.3)
    total, terms = loss(features, group, 3, contrastive=share)
    assert float(total) == pytest.approx(float(terms["softmax"] + 0.3 * 0.25 * terms["contrastive"]), rel=1e-6)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (torch.ones(4, 1), torch.tensor([0, 0, 1, 1]), r"shape \(4, 1\): give a float tensor \(n, 8\)"),
        (torch.ones(4), torch.tensor([0, 0, 1, 1]), r"shape \(4,\)"),
        (torch.ones(4, 8, dtype=torch.int64), torch.tensor([0, 0, 1, 1]), "features are of torch.int64"),
        (np.ones((4, 8), np.float32), torch.tensor([0, 0, 1, 1]), "features are a ndarray"),
        (torch.ones(4, 8), torch.tensor([0.0, 0.0, 1.0, 1.0]), "labels are of torch.float32"),
        (torch.ones(4, 8), torch.tensor([True, True, False, False]), "labels are of torch.bool"),
        (torch.ones(4, 8), [0, 0, 1, 1], "labels are a list"),
        (torch.ones(4, 8), np.array([0, 0, 1, 1]), "labels are a ndarray"),
        (torch.ones(4, 8), torch.tensor([0, 0, 1, 6]), "labels hold 6: .*below 6"),
        (torch.ones(4, 8), torch.tensor([0, 0, 1, -2]), "labels hold -2"),
    ],
)
def test_what_the_center_loss_cannot_use_is_one_line_and_moves_no_center(features, labels, message):
    loss = CenterLoss(6, 8).train()
    with pytest.raises(InputError, match=message):
        loss(features, labels)
    assert not loss.centers.any()
    loss(torch.ones(0, 8), torch.ones(0, dtype=torch.int32))


@pytest.mark.parametrize(
    "settings",
    [
        *({"num_classes": value} for value in (0, -1, 2.0, "3")),
        *({"embedding_dim": value} for value in (0, "3")),
        *({"rate": value} for value in (math.nan, math.inf, -0.1, "0.5", True)),
    ],
)
def test_numbers_the_center_loss_cannot_use_are_named(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        CenterLoss(**{"num_classes": 3, "embedding_dim": 4} | settings)


def test_the_center_loss_shows_its_settings():
    assert str(CenterLoss(3, 4)) == "CenterLoss(num_classes=3, embedding_dim=4, centers='ema', rate=0.05)"


@pytest.mark.parametrize("kind", ["ema", "wen2016"])
@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_a_row_that_is_not_finite_moves_no_center(kind, bad):
    """As in float16, where a GradScaler leaves the step out."""
    torch.manual_seed(0)
    loss, other = (CenterLoss(3, 4, centers=kind).train() for _ in range(2))
    other.load_state_dict(loss.state_dict())
    features, labels = torch.randn(4, 4), torch.tensor([0, 0, 1, 2])
    other(features[1:], labels[1:])
    features[0, 2] = bad
    assert not loss(features, labels).isfinite()
    assert torch.equal(loss.centers, other.centers)


def test_a_row_without_a_class_counts_for_nothing_even_if_it_is_not_finite():
    features = torch.randn(3, 4)
    features[1] = math.inf
    features.requires_grad_()
    loss = CenterLoss(3, 4).train()
    value = loss(features, torch.tensor([0, -1, 2]))
    value.backward()
    assert value.isfinite() and features.grad.isfinite().all() and loss.centers.isfinite().all()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.arange(3), r"labels have shape \(3,\): .*labels\[:, None\]"),
        (torch.empty(0, 1, dtype=torch.int64), "labels have shape"),
        (torch.ones(3, 1), "labels are of torch.float32"),
        (np.zeros((3, 1), np.int64), "labels are a ndarray"),
        (torch.tensor([[0], [-1]]), "labels hold -1"),
    ],
)
def test_labels_the_retrieval_loss_would_misread_are_refused(labels, message):
    with pytest.raises(InputError, match=message):
        RetrievalLoss(labels)


@pytest.mark.parametrize(
    "settings",
    [
        {"center_weight": -1.0},
        {"softmax_weight": "1"},
        {"contrastive_weight": math.nan},
        {"prototype_temperature": 0.0},
        {"contrastive_temperature": 0.0},
        {"prototype_weight": 1.0},
        {"center_rate": math.nan},
    ],
)
def test_settings_the_retrieval_loss_cannot_use_are_named(settings):
    with pytest.raises(InputError, match=next(iter(settings)).removeprefix("center_r")):
        RetrievalLoss(torch.arange(3)[:, None], **settings)


@pytest.mark.parametrize("index", [torch.tensor([0, 3]), torch.tensor([0.0, 1.0]), [0, 1], torch.tensor([[0], [1]])])
def test_images_the_retrieval_loss_does_not_know_are_refused(index):
    with pytest.raises(InputError, match="image_index"):
        RetrievalLoss(torch.arange(3)[:, None], 4)(torch.ones(2, 4), index, 1)


def test_a_sample_without_an_image_gives_no_gradient_to_others_even_if_it_is_not_finite():
    index = torch.tensor([0, 1, -1, 0, 1, -1])
    torch.manual_seed(0)
    clean = torch.randn(6, 8)
    spoilt = clean.clone()
    spoilt[2], spoilt[5] = math.nan, math.inf
    values = []
    for embeddings in (clean.requires_grad_(), spoilt.requires_grad_()):
        values.append(contrastive_loss(embeddings, index, 3, 0.1))
        values[-1].backward()
    assert torch.equal(*values) and torch.equal(clean.grad, spoilt.grad) and clean.grad.any()


@pytest.mark.parametrize("prototypes", [np.eye(3, 4, dtype=np.float32), [[1.0]], torch.ones(3, 4, dtype=torch.int64)])
def test_prototypes_that_are_no_float_tensor_are_refused(prototypes):
    with pytest.raises(InputError, match=r"prototype_weight is 1\.0: give prototypes, a float tensor \(3, dim\)"):
        RetrievalLoss(torch.arange(3)[:, None], prototypes=prototypes, prototype_weight=1.0)


def test_embeddings_of_another_length_are_refused():
    with pytest.raises(InputError, match="embedding_dim is 'a'"):
        RetrievalLoss(torch.arange(3)[:, None], "a")
    with pytest.raises(InputError, match=r"features have shape \(2, 5\): give a float tensor \(n, 4\)"):
        RetrievalLoss(torch.arange(3)[:, None], 4)(torch.ones(2, 5), torch.tensor([0, 1]), 1)


@pytest.mark.parametrize(("num_images", "third"), [(-1, 0), (1.0, 0), ("1", 0), (1, -1)])
def test_counts_of_modalities_that_are_none_are_refused(num_images, third):
    with pytest.raises(InputError, match=r"num_(images|third) is .*: give a whole number of at least 0"):
        contrastive_loss(torch.ones(2, 4), torch.tensor([0, 0]), num_images, 0.1, third)


def test_more_images_than_samples_are_refused():
    with pytest.raises(InputError, match="3 images and 0 of a third modality: there are 2 rows"):
        contrastive_loss(torch.ones(2, 4), torch.tensor([0, 0]), 3, 0.1)


def test_the_losses_are_exported():
    assert sn.RetrievalLoss is losses.RetrievalLoss is RetrievalLoss
    assert sn.contrastive_loss is losses.contrastive_loss is contrastive_loss


@pytest.mark.slow
def test_the_training_loop_of_the_documentation_runs():
    page = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    names: dict = {}
    exec(compile(block.replace("160", "75"), "docs/training.md", "exec"), names)
    assert set(names["terms"]) == {"softmax", "center", "contrastive"} and names["total"].isfinite()
