"""The teaching loss of a run: which vectors of its teaching file make the banks."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from single_net.config import RunConfig
from single_net.data.teaching_file import TeachingFile, pack_vectors, unpack_vectors
from single_net.training.teaching import teaching_loss


def vectors(*shape: int) -> torch.Tensor:
    return pack_vectors(F.normalize(torch.randn(*shape), dim=-1))


def test_banks_are_chosen_captions_and_the_mean_of_an_images_views():
    torch.manual_seed(0)
    teaching = TeachingFile(
        views=torch.stack([vectors(6, 8) for _ in range(3)], 1),
        boxes=torch.zeros(6, 3, 4),
        mirrored=torch.zeros(6, 3, dtype=torch.bool),
        captions=vectors(20, 8),
        extra=vectors(10, 8),
        tested={},
        meta={},
    )
    settings = {"bank": 25, "temperature": 0.125, "cosine_weight": 0.25}

    def made(seed: int):
        values = {"teaching": settings, "training": {"seed": seed}, "network": {"embedding_dim": 4}}
        return teaching_loss(RunConfig.from_dict(values), teaching, None)

    loss, other = made(0), made(1)
    assert (loss.temperature, loss.cosine_weight, loss.head.weight.shape) == (0.125, 0.25, (8, 4))
    mean = sum(unpack_vectors(teaching.views[:, number]) for number in range(3))
    torch.testing.assert_close(loss.images, F.normalize(mean, dim=1))
    known = unpack_vectors(torch.cat([teaching.captions, teaching.extra]))
    rows = [[(known == row).all(1).nonzero().item() for row in of.captions] for of in (loss, other)]
    assert len(set(rows[0])) == 25 and rows[0] != rows[1]
    assert min(rows[0]) < 20 <= max(rows[0])  # captions without an image, too
