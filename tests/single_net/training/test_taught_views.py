"""Stored views, mixed with each other, and the vectors that belong to them."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from encoded_text import Layout, TextImageEncoder
from encoded_text.renderer import Renderer
from single_net.data.augmentation import Views, view
from single_net.data.teaching_file import TeachingFile, unpack_vectors
from single_net.training.batch_plan import BatchPlan
from single_net.training.batches import Batch, BatchLoader
from single_net.training.image_source import HostImages
from single_net.training.samples import Samples
from single_net.training.taught_views import TaughtViews

CPU = torch.device("cpu")
IMAGES, VIEWS, EXTRA = 6, 4, 5


def teaching() -> TeachingFile:
    torch.manual_seed(0)
    boxes = torch.cat([0.5 + 0.5 * torch.rand(IMAGES, VIEWS, 2), torch.full((IMAGES, VIEWS, 2), 0.5)], 2).half()

    def codes(*shape: int) -> torch.Tensor:
        return torch.randint(-127, 128, (*shape, 8), dtype=torch.int8)

    return TeachingFile(
        codes(IMAGES, VIEWS), boxes, torch.rand(IMAGES, VIEWS) < 0.5, codes(IMAGES * 5), codes(EXTRA), {}, {}
    )


def test_without_mixup_a_view_is_shown_with_its_own_vector():
    stored = teaching()
    views = TaughtViews(stored, 0.0, CPU)
    shown = views.choose(np.array([3, 3, 1]), np.arange(3), np.random.default_rng(0))
    assert shown.image.tolist() == [3, 3, 1] and not len(shown.mixed)
    number = torch.from_numpy(shown.view)
    assert np.array_equal(views.boxes(shown), stored.boxes[[3, 3, 1], number].float().numpy())
    given = (torch.from_numpy(x) for x in (shown.image, shown.view, shown.mixed, shown.share))
    targets = views.teacher_vectors(*given, torch.tensor([2, IMAGES * 5]))
    torch.testing.assert_close(targets[:3], unpack_vectors(stored.views[[3, 3, 1], number]))
    assert torch.equal(targets[3], unpack_vectors(stored.captions[2]))
    assert torch.equal(targets[4], unpack_vectors(stored.extra[0]))


def test_a_mixture_has_the_mixture_of_the_vectors():
    stored = teaching()
    views = TaughtViews(stored, 1.0, CPU)
    shown = views.choose(np.arange(4), np.arange(4), np.random.default_rng(0))
    assert shown.mixed.tolist() == [0, 1, 2, 3] and len(shown.image) == 8 and shown.is_mixed.all()
    assert (shown.share >= 0).all() and (shown.share < 1).all()
    given = (torch.from_numpy(x) for x in (shown.image, shown.view, shown.mixed, shown.share))
    targets = views.teacher_vectors(*given, torch.empty(0, dtype=torch.int64))
    vectors = unpack_vectors(stored.views[torch.from_numpy(shown.image), torch.from_numpy(shown.view)])
    for i, share in enumerate(shown.share):
        expected = F.normalize(float(share) * vectors[i] + (1 - float(share)) * vectors[4 + i], dim=0)
        torch.testing.assert_close(targets[i], expected)


def test_two_processes_show_what_one_does():
    views = TaughtViews(teaching(), 0.5, CPU)
    images = np.arange(6)
    whole = views.choose(images, np.arange(6), np.random.default_rng(1))
    partner = dict(
        zip(whole.mixed.tolist(), zip(whole.image[6:], whole.view[6:], whole.share, strict=True), strict=True)
    )
    for rank in (0, 1):
        own = np.arange(rank, 6, 2)
        share = views.choose(images, own, np.random.default_rng(1))
        assert np.array_equal(share.view[:3], whole.view[own])
        assert np.array_equal(share.is_mixed, whole.is_mixed)
        of_these = zip(share.image[3:], share.view[3:], share.share, strict=True)
        assert {int(own[m]): found for m, found in zip(share.mixed, of_these, strict=True)} == {
            row: found for row, found in partner.items() if row in own
        }


CAPTIONS = [f"{word} {number}" for word in "abcdef" for number in ["one", "two", "three", "four", "five"]]
PIXELS = np.random.default_rng(0).integers(0, 256, (IMAGES, 75, 75, 3), dtype=np.uint8)


def first_batch(stored: TeachingFile, mixup: float) -> tuple[Samples, Batch]:
    plan = BatchPlan(
        np.full(IMAGES, 5), "views", size=2, counts="images", order="grouped", seed=0,
        views=3, extra=2, extra_captions=EXTRA,
    )  # fmt: skip
    extra = [f"zebra {number}" for number in range(EXTRA)]
    encoder = TextImageEncoder.fit(CAPTIONS + extra, Layout.paper().scaled_to(75), seed=0)
    taught = TaughtViews(stored, mixup, CPU)
    ids = encoder.ids(CAPTIONS + extra)
    loader = BatchLoader(HostImages(PIXELS, CPU), ids, Renderer(encoder), CPU, taught=taught)
    [samples, rng] = next(plan.epoch(0))
    assert plan.samples_per_batch == 2 * 4 + 2
    return samples, loader(samples, rng)


def test_captions_without_an_image_come_after_the_others_and_before_a_third_modality():
    plan = BatchPlan(
        np.full(4, 5), "views", size=2, counts="images", order="grouped", seed=0, views=1, extra=2, extra_captions=3,
        third=np.ones(20, bool),
    )  # fmt: skip
    [samples, _] = next(plan.epoch(0))
    assert samples.is_image.tolist() == [True] * 2 + [False] * 6
    assert samples.third.tolist() == [False] * 6 + [True] * 2
    assert (samples.image_index < 0).tolist() == [False] * 4 + [True] * 2 + [False] * 2


def test_mixed_images_belong_to_no_training_image():
    samples, batch = first_batch(teaching(), 1.0)
    assert batch.image_index.tolist() == [-1] * 6 + samples.image_index[6:8].tolist() + [-1] * 2
    assert (samples.image_index[:6] >= 0).all()  # what was planned stays
    assert (batch.own_images, batch.num_images) == (6, 6)


def test_a_batch_is_views_captions_and_captions_without_image_with_a_vector_each():
    stored = teaching()
    samples, batch = first_batch(stored, 0.0)
    assert len(batch.inputs) == len(batch.teacher_vectors) == 2 * 4 + 2
    assert (batch.own_images, batch.num_images) == (6, 6)
    assert batch.image_index[-2:].tolist() == [-1, -1]
    assert (samples.caption[-2:] >= len(CAPTIONS)).all()
    assert torch.equal(
        batch.teacher_vectors[6:], unpack_vectors(torch.cat([stored.captions, stored.extra])[samples.caption[6:]])
    )
    # Each image is one of its stored views, and its vector is that of this view.
    for row in range(6):
        image = int(batch.image_index[row])
        [number] = [
            n
            for n in range(VIEWS)
            if torch.allclose(batch.teacher_vectors[row], unpack_vectors(stored.views[image, n]))
        ]
        whole = torch.from_numpy(PIXELS[image]).permute(2, 0, 1)[None]
        whole = whole.flip(3) if stored.mirrored[image, number] else whole
        assert torch.equal(batch.inputs[row], view(whole, Views(stored.boxes[image, number].float()[None], None))[0])


def test_mixup_is_the_share_of_views_that_are_mixed():
    images = np.arange(600) % IMAGES
    shown = TaughtViews(teaching(), 0.5, CPU).choose(images, np.arange(600), np.random.default_rng(0))
    assert 0.4 < shown.is_mixed.mean() < 0.6 and shown.is_mixed.sum() == len(shown.mixed)


def test_pixels_are_mixed_as_the_vectors_are(monkeypatch):
    shown, choose = [], TaughtViews.choose
    monkeypatch.setattr(TaughtViews, "choose", lambda *given: shown.append(choose(*given)) or shown[-1])
    stored = teaching()
    stored.boxes[:] = torch.tensor([1, 1, 0.5, 0.5])
    stored.mirrored[:] = False
    _, batch = first_batch(stored, 1.0)
    [of] = shown
    pixels = torch.from_numpy(PIXELS[of.image]).permute(0, 3, 1, 2).float()
    share = torch.from_numpy(of.share)[:, None, None, None]
    expected = share * pixels[:6] + (1 - share) * pixels[6:]
    assert (batch.inputs[:6] - expected).abs().max() <= 0.51


def test_the_share_of_a_mixture_is_uniform():
    images = np.arange(600) % IMAGES
    shown = TaughtViews(teaching(), 1.0, CPU).choose(images, np.arange(600), np.random.default_rng(0))
    assert abs(shown.share.mean() - 0.5) < 0.04 and abs(shown.share.std() - 12**-0.5) < 0.03
