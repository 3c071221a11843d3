"""The teaching loss against plain loops."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from encoded_text import InputError
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.teaching import TeachingLoss


def unit(*shape: int) -> torch.Tensor:
    return F.normalize(torch.randn(*shape, dtype=torch.float64), dim=-1)


@pytest.fixture
def loss() -> TeachingLoss:
    torch.manual_seed(0)
    return TeachingLoss(unit(20, 8), unit(12, 8), 6, temperature=0.1, cosine_weight=0.5).double()


@pytest.mark.parametrize("num_images", [0, 3, 5])
def test_it_is_the_divergence_and_the_distance_of_each_input(loss, num_images):
    features, targets = torch.randn(5, 6, dtype=torch.float64), unit(5, 8)
    expected, weight = 0.0, loss.head.weight.detach()
    for i in range(5):
        z = weight @ features[i]
        z = z / z.norm()
        bank = loss.captions if i < num_images else loss.images
        wanted = torch.softmax(bank @ targets[i] / 0.1, 0)
        said = torch.softmax(bank @ z / 0.1, 0)
        expected += float((wanted * (wanted / said).log()).sum() + 0.5 * (1 - z @ targets[i])) / 5
    assert loss(features, targets, num_images).item() == pytest.approx(expected)


def test_who_says_what_the_teacher_says_has_nothing_to_learn(loss):
    features = torch.randn(4, 6, dtype=torch.float64)
    targets = F.normalize(loss.head(features), dim=1).detach()
    assert float(loss(features, targets, 2)) == pytest.approx(0, abs=1e-12)


def test_the_layer_into_the_teachers_space_begins_as_an_isometry(loss):
    a, b = torch.randn(2, 6, dtype=torch.float64)
    assert float(F.cosine_similarity(loss.head(a), loss.head(b), dim=0)) == pytest.approx(
        float(F.cosine_similarity(a, b, dim=0)), abs=1e-5
    )


def test_the_banks_are_in_no_checkpoint(loss):
    assert set(loss.state_dict()) == {"head.weight"}


def whole(teaching: TeachingLoss) -> RetrievalLoss:
    return RetrievalLoss(
        torch.arange(3)[:, None],
        6,
        softmax_weight=0.0,
        center_weight=0.0,
        contrastive_weight=1.0,
        teaching=teaching,
        teaching_weight=2.0,
    ).double()


def test_captions_without_an_image_are_taught_and_take_part_in_nothing_else(loss):
    features, targets = torch.randn(6, 6, dtype=torch.float64), unit(6, 8)
    index = torch.tensor([0, 1, 0, 1, -1, -1])
    total, terms = whole(loss)(features, index, 2, teacher_vectors=targets, own_images=2)
    _, of_known = whole(loss)(features[:4], index[:4], 2, teacher_vectors=targets[:4], own_images=2)
    assert terms["contrastive"] == of_known["contrastive"]
    assert float(terms["teaching"]) == pytest.approx(float(loss(features, targets, 2)))
    assert float(total) == pytest.approx(float(2 * terms["teaching"] + terms["contrastive"]))


def test_shares_of_two_processes_are_in_the_mean_the_whole(loss):
    features, targets = torch.randn(7, 6, dtype=torch.float64), unit(7, 8)
    index = torch.tensor([0, 1, 2, 0, 1, -1, -1])
    of_all = whole(loss)(features, index, 3, teacher_vectors=targets, own_images=3)[1]["teaching"]
    shares = [
        whole(loss)(features, index, 3, own=slice(rank, 7, 2), teacher_vectors=targets[rank::2], own_images=2 - rank)
        for rank in (0, 1)
    ]
    assert float(sum(terms["teaching"] for _, terms in shares) / 2) == pytest.approx(float(of_all))


def everything(teaching: TeachingLoss, center_loss: str) -> RetrievalLoss:
    torch.manual_seed(1)
    return RetrievalLoss(
        torch.tensor([[0, 0], [0, 1], [1, 2]]),
        6,
        center_weight=0.5,
        centers=center_loss,
        prototypes=unit(3, 4),
        prototype_weight=1.0,
        contrastive_weight=1.0,
        teaching=teaching,
    ).double()


MIXED = torch.tensor(
    [0, -1, 2, -1, 0, 1, 2, -1]
)  # four images, two of them mixed, three captions and one without image


@pytest.mark.parametrize("centers", ["ema", "wen2016", "gradient"])
def test_mixed_images_are_taught_and_take_part_in_nothing_else(loss, centers):
    features, targets = torch.randn(8, 6, dtype=torch.float64, requires_grad=True), unit(8, 8)
    whole, known = everything(loss, centers), everything(loss, centers)
    total, terms = whole(features, MIXED, 4, teacher_vectors=targets, own_images=4)
    kept = MIXED >= 0
    _, of_known = known(features[kept], MIXED[kept], 2, teacher_vectors=targets[kept], own_images=2)
    for name in ("center", "softmax", "prototype", "contrastive"):
        torch.testing.assert_close(terms[name], of_known[name])
    torch.testing.assert_close(whole.center_loss.centers, known.center_loss.centers)
    (total - terms["teaching"]).backward()
    assert not features.grad[~kept].any() and features.grad[kept].any(1).all()


def test_a_batch_of_mixed_images_alone_has_no_other_loss_than_the_teachers(loss):
    features, targets = torch.randn(4, 6, dtype=torch.float64, requires_grad=True), unit(4, 8)
    index = torch.tensor([-1, -1, 1, 2])
    terms = everything(loss, "ema")(features, index, 2, teacher_vectors=targets, own_images=2)[1]
    assert terms["contrastive"] == 0
    terms["contrastive"].backward()
    assert not features.grad.any()


def test_shares_with_unequally_many_mixed_images_are_in_the_mean_the_whole(loss):
    features, targets = torch.randn(8, 6, dtype=torch.float64), unit(8, 8)
    index = torch.tensor([0, -1, 2, -1, 0, -1, -1, -1])  # the second share has no image
    of_all = everything(loss, "ema")(features, index, 4, teacher_vectors=targets, own_images=4)[1]
    shares = [
        everything(loss, "ema")(
            features, index, 4, own=slice(rank, 8, 2), teacher_vectors=targets[rank::2], own_images=2
        )[1]
        for rank in (0, 1)
    ]
    for name, of_one in of_all.items():
        torch.testing.assert_close(sum(share[name] for share in shares) / 2, of_one)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0}, "temperature is 0: give a number above 0"),
        ({"cosine_weight": -1.0}, r"cosine_weight is -1\.0"),
        ({"embedding_dim": 0}, "embedding_dim is 0"),
        ({"captions": [[1.0]]}, "captions are a list"),
        ({"images": unit(12, 7)}, r"images have shape \(12, 7\): give a float tensor \(n, 8\)"),
    ],
)
def test_banks_and_numbers_it_cannot_use_are_one_line(settings, message):
    values = {"captions": unit(20, 8), "images": unit(12, 8), "embedding_dim": 6} | settings
    with pytest.raises(InputError, match=message):
        TeachingLoss(**values)


@pytest.mark.parametrize(
    ("features", "targets", "num_images", "message"),
    [
        ((4, 7), (4, 8), 2, r"features have shape \(4, 7\): give a float tensor \(n, 6\)"),
        ((4, 6), (4, 7), 2, r"targets have shape \(4, 7\): give a float tensor \(n, 8\)"),
        ((4, 6), (3, 8), 2, "2 images, 4 features and 3 targets"),
        ((4, 6), (4, 8), 9, "9 images, 4 features and 4 targets"),
        ((4, 6), (4, 8), -1, "num_images is -1"),
    ],
)
def test_batches_it_cannot_use_are_one_line(loss, features, targets, num_images, message):
    with pytest.raises(InputError, match=message):
        loss(torch.ones(features, dtype=torch.float64), torch.ones(targets, dtype=torch.float64), num_images)


def test_no_inputs_have_nothing_to_learn(loss):
    nothing = torch.ones(0, 6, dtype=torch.float64), torch.ones(0, dtype=torch.int64)
    assert loss(nothing[0], unit(0, 8), 0) == 0
    assert whole(loss)(*nothing, 0, teacher_vectors=unit(0, 8))[0] == 0
