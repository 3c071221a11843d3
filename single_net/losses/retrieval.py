"""The training loss: softmax and center loss (paper, section 3.3), and optional terms."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from encoded_text.common.arguments import whole_number
from encoded_text.common.errors import InputError
from single_net.losses.arguments import positive_number, require_features, whole_numbers
from single_net.losses.center import CenterLoss
from single_net.losses.contrastive import contrastive_loss
from single_net.losses.teaching import TeachingLoss


class RetrievalLoss(nn.Module):
    """Weighted sum of softmax over classes, center, softmax over caption prototypes, contrastive and teaching loss.

    - Softmax: each granularity of `labels` has a linear layer over the embedding; their cross-entropies are averaged.
    - Center loss: of the last, finest granularity.
    - Prototypes: a softmax over all training images whose weights are fixed vectors, made of the images' captions,
      instead of learned ones. A linear layer takes the embedding among them; logits are cosines over a temperature.
      Images with similar captions thus share what they teach, as in classifiers whose weights are word vectors (Frome
      et al. 2013, DeViSE).
    - Contrastive: `contrastive_loss` between the images, captions and items of a third modality of a batch.
    - Teaching: `TeachingLoss` of all samples; only this term takes mixed images, and captions without an image.

    Args:
        labels: int64 (images, granularities), the class of every training image: each image its own (the paper), or
            clusters at several granularities, coarse to fine.
        embedding_dim: length of an embedding.
        softmax_weight, center_weight, prototype_weight, contrastive_weight: of the terms; 0 leaves one out.
        centers, center_rate: of the center loss.
        prototypes: float (images, dim), L2-normalized (losses.targets.caption_prototypes).
        prototype_temperature, contrastive_temperature: divide the cosines.
        teaching, teaching_weight: the term of a taught network; None for others.

    Raises:
        InputError: labels or prototypes of another shape or kind, or a number that cannot be used.
    """

    labels: torch.Tensor
    prototypes: torch.Tensor

    def __init__(
        self,
        labels: torch.Tensor,
        embedding_dim: int = 128,
        *,
        softmax_weight: float = 1.0,
        center_weight: float = 1.5625e-4,
        centers: str = "ema",
        center_rate: float = 0.05,
        prototypes: torch.Tensor | None = None,
        prototype_weight: float = 0.0,
        prototype_temperature: float = 0.1,
        contrastive_weight: float = 0.0,
        contrastive_temperature: float = 0.07,
        teaching: TeachingLoss | None = None,
        teaching_weight: float = 1.0,
    ):
        super().__init__()
        _require_labels(labels)
        for name, weight in (
            *(("softmax_weight", softmax_weight), ("center_weight", center_weight)),
            *(("prototype_weight", prototype_weight), ("contrastive_weight", contrastive_weight)),
            ("teaching_weight", teaching_weight),
        ):
            positive_number(name, weight, zero=True)
        positive_number("prototype_temperature", prototype_temperature)
        positive_number("contrastive_temperature", contrastive_temperature)
        self.embedding_dim = whole_number("embedding_dim", embedding_dim, 1)
        self.register_buffer("labels", labels.long())
        self.prototype_weight, self.prototype_temperature = prototype_weight, prototype_temperature
        if prototype_weight:
            if (
                not isinstance(prototypes, torch.Tensor)
                or prototypes.ndim != 2
                or len(prototypes) != len(labels)
                or not prototypes.is_floating_point()
            ):
                wanted = f"give prototypes, a float tensor ({len(labels)}, dim)"
                raise InputError(f"prototype_weight is {prototype_weight}: {wanted}")
            self.register_buffer("prototypes", prototypes)
            self.to_prototype = nn.Linear(embedding_dim, prototypes.shape[1])
        num_classes = [int(column.max()) + 1 for column in labels.T]
        # Without a softmax there are no heads: DistributedDataParallel stops at parameters without a gradient.
        heads = [nn.Linear(embedding_dim, count) for count in num_classes if softmax_weight]
        for head in heads:
            nn.init.xavier_uniform_(head.weight)  # facenet since 2018-03-31
            nn.init.zeros_(head.bias)
        self.heads = nn.ModuleList(heads)
        self.center_loss: CenterLoss | None = None
        if center_weight:
            self.center_loss = CenterLoss(num_classes[-1], embedding_dim, centers=centers, rate=center_rate)
        self.softmax_weight, self.center_weight = softmax_weight, center_weight
        self.contrastive_weight, self.contrastive_temperature = contrastive_weight, contrastive_temperature
        self.teaching, self.teaching_weight = teaching, teaching_weight

    def forward(
        self,
        features: torch.Tensor,
        image_index: torch.Tensor,
        num_images: int,
        *,
        contrastive: float | torch.Tensor = 1.0,
        own: slice = slice(None),
        teacher_vectors: torch.Tensor | None = None,
        own_images: int = 0,
        num_third: int = 0,
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The loss of a batch.

        Args:
            features: float32 (n, embedding_dim), images first, then encoded captions, then items of a third modality.
            image_index: int64 (n,), the training image a sample belongs to; -1: none, it was mixed of two images, or is
                a caption without an image.
            num_images: how many of the samples, the first, are images.
            contrastive: share of the contrastive term's weight in force.
            own: rows of this process (distributed.shard) if several share the batch. Softmax, center and prototype
                terms are taken over these rows, the centers move by all rows; averaged over the processes, values and
                gradients are those of the whole batch.
            teacher_vectors: float32 (own rows, dim), of the same inputs, for the teaching term.
            own_images: how many of the own rows, the first, are images.
            num_third: how many of the samples, the last, are items of a third modality.

        Returns:
            The total, and its unweighted terms by name; scalars.

        Raises:
            InputError: a tensor of another shape or kind, or a number that does not fit them; on the CPU also an index
                out of range.
        """
        require_features(features, self.embedding_dim)
        image_index = whole_numbers("image_index", image_index, len(features), len(self.labels))
        processes, terms = own.step or 1, {}  # distributed.shard: every processes-th row
        if self.teaching is not None:
            if teacher_vectors is None:
                raise InputError("the loss is that of a taught network: give teacher_vectors")
            share = processes * len(teacher_vectors) / max(len(features), 1)
            terms["teaching"] = share * self.teaching(features[own], teacher_vectors, own_images)
        has_image = image_index >= 0
        labels = self.labels[image_index.clamp(min=0)].where(has_image[:, None], -1)
        # Shares differ by rows if the batch cannot be divided evenly.
        weight = processes / has_image.sum().clamp(min=1)
        total = features.new_zeros(())
        if self.center_loss is not None:
            terms["center"] = weight * has_image[own].sum() * self.center_loss(features, labels[:, -1], own)
            total = self.center_weight * terms["center"]
        if self.teaching is not None:
            total = total + self.teaching_weight * terms["teaching"]
        if self.softmax_weight:
            entropies = [
                _cross_entropy(head(features[own]), classes)
                for head, classes in zip(self.heads, labels[own].T, strict=True)
            ]
            terms["softmax"] = weight * torch.stack(entropies).mean()
            total = total + self.softmax_weight * terms["softmax"]
        if self.prototype_weight:
            cosines = F.normalize(self.to_prototype(features[own]), dim=1) @ self.prototypes.T
            terms["prototype"] = weight * _cross_entropy(cosines / self.prototype_temperature, image_index[own])
            total = total + self.prototype_weight * terms["prototype"]
        if self.contrastive_weight:  # also while its share is 0: a CUDA graph runs the same kernels at every step
            term = contrastive_loss(features, image_index, num_images, self.contrastive_temperature, num_third)
            terms["contrastive"] = term
            # Each process has the gradient of its own rows only: their mean over the processes would be too small.
            of_all = processes * term - (processes - 1) * term.detach()
            total = total + self.contrastive_weight * contrastive * of_all
        return total, terms


def _require_labels(labels: Any) -> None:
    wanted = "give an integer tensor (images, granularities), for one class an image labels[:, None]"
    if not isinstance(labels, torch.Tensor):
        raise InputError(f"labels are a {type(labels).__name__}: {wanted}")
    if labels.ndim != 2 or not labels.numel():
        raise InputError(f"labels have shape {tuple(labels.shape)}: {wanted}")
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise InputError(f"labels are of {labels.dtype}: {wanted}")
    if int(labels.min()) < 0:
        raise InputError(f"labels hold {int(labels.min())}: every image has a class, from 0 on")


def _cross_entropy(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """The sum over the rows that have a class."""
    return F.cross_entropy(logits, classes, ignore_index=-1, reduction="sum")
