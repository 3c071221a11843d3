"""The training loss: softmax and center loss (paper, section 3.3), and optional terms."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from single_net.losses.center import CenterLoss
from single_net.losses.contrastive import contrastive_loss


class RetrievalLoss(nn.Module):
    """softmax_weight * softmax over classes + center_weight * centre loss (+ meaning_weight * meaning softmax)
    (+ contrastive_weight * contrastive).

    labels, int64 (pictures, granularities): the class of every training picture, at one granularity (each picture its
    own class, the paper) or at several, coarse to fine. Each granularity has a linear layer of its own over the same
    embedding, and their cross-entropies are averaged; the centres are those of the last, finest one.
    meanings, float (pictures, dimensions), rows of length one (classes.meanings): what each training picture's captions
    are about. The meaning softmax is one over all training pictures whose weights are these fixed vectors instead of
    learnt ones: a linear layer takes the embedding among them, and logits are cosines over meaning_temperature. Six
    inputs a class teach a learnt weight little; here pictures whose captions mean alike share what they teach, as where
    classifiers' weights are made of word vectors (Frome et al. 2013, DeViSE).
    """

    def __init__(
        self,
        labels: torch.Tensor,
        embedding_dim: int = 128,
        *,
        softmax_weight: float = 1.0,
        center_weight: float = 1.5625e-4,
        centers: str = "ema",
        center_rate: float = 0.05,
        meanings: torch.Tensor | None = None,
        meaning_weight: float = 0.0,
        meaning_temperature: float = 0.1,
        contrastive_weight: float = 0.0,
        temperature: float = 0.07,
    ):
        super().__init__()
        self.register_buffer("labels", labels)
        self.meaning_weight, self.meaning_temperature = meaning_weight, meaning_temperature
        if meaning_weight:
            self.register_buffer("meanings", meanings)
            self.to_meaning = nn.Linear(embedding_dim, meanings.shape[1])
        counts = [int(column.max()) + 1 for column in labels.T]
        # Without a softmax there are no heads: parameters without a gradient would stop several processes.
        self.heads = nn.ModuleList(nn.Linear(embedding_dim, count) for count in counts if softmax_weight)
        for head in self.heads:
            nn.init.xavier_uniform_(head.weight)  # facenet since 2018-03-31
            nn.init.zeros_(head.bias)
        self.center_loss = CenterLoss(counts[-1], embedding_dim, centers=centers, rate=center_rate)
        self.softmax_weight, self.center_weight = softmax_weight, center_weight
        self.contrastive_weight, self.temperature = contrastive_weight, temperature

    def forward(
        self,
        features: torch.Tensor,
        group: torch.Tensor,
        photographs: int,
        *,
        contrastive: float = 1.0,
        own: slice = slice(None),
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Features (n, dim) float32, group int64 (n,) -> the total and its unweighted parts.

        photographs: so many inputs, the first ones, are photographs, the others drawn captions.
        contrastive: share of the contrastive term's weight in force (it joins late: see the training configuration).
        own: where several processes share the batch, the rows of this one, as processes.own_rows gives them. The
        softmax and the centre loss are then taken over these rows alone, the centres move by all rows, and values and
        gradients are those of the whole batch once they are averaged over the processes.
        """
        labels = self.labels[group]
        processes = own.step or 1
        # Shares differ by a row where the batch cannot be divided evenly.
        weight = processes * len(range(*own.indices(len(features)))) / len(features)
        parts = {"center": weight * self.center_loss(features, labels[:, -1], own)}
        total = self.center_weight * parts["center"]
        if self.softmax_weight:
            entropies = [
                F.cross_entropy(head(features[own]), of) for head, of in zip(self.heads, labels[own].T, strict=True)
            ]
            parts["softmax"] = weight * torch.stack(entropies).mean()
            total = total + self.softmax_weight * parts["softmax"]
        if self.meaning_weight:
            logits = F.normalize(self.to_meaning(features[own]), dim=1) @ self.meanings.T / self.meaning_temperature
            parts["meaning"] = weight * F.cross_entropy(logits, group[own])
            total = total + self.meaning_weight * parts["meaning"]
        if self.contrastive_weight and contrastive:
            parts["contrastive"] = contrastive_loss(features, group, photographs, self.temperature)
            # Each process has the gradient of its own rows only: their mean over processes would be too small.
            whole = processes * parts["contrastive"] - (processes - 1) * parts["contrastive"].detach()
            total = total + self.contrastive_weight * contrastive * whole
        return total, parts
