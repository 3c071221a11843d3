"""Softmax + centre loss (paper, section 3.3), and the in-batch contrastive term our own row adds."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from encoded_text.errors import InputError

CENTERS = ("ema", "wen2016", "gradient", "zero", "fixed_random")


class CenterLoss(nn.Module):
    """Centre loss, Eq. 1 of the paper as a mean over the batch: 1/m sum_i 1/2 ||x_i - c_{y_i}||^2.

    centers, how the class centres c move (the code base of the authors changed this in March 2018, and which one the
    paper ran is not known):

    "ema"           moving average, as facenet does since commit efc2f94 (src/facenet.py, center_loss): after the loss,
                    c_y -= rate * (c_y - x) for every input, several inputs of a class adding up; starts at zero.
                    facenet's alfa = 0.95 is rate = 0.05. Where rate times the inputs of one class in a batch exceeds 2,
                    the centres swing ever wider.
    "wen2016"       Wen et al. 2016, Eq. 4: c_y -= rate * sum(c_y - x) / (1 + n_y), n_y inputs of the class in the
                    batch; starts from Xavier values as caffe-face does, whose rate is 0.5.
    "gradient"      the centres are parameters and the optimiser moves them; Xavier values.
    "zero"          centres stay zero: what facenet did before efc2f94, where the update was never executed.
    "fixed_random"  centres stay at Xavier values: what the authors' later SBNet code does.

    Scale: with weight w on this loss, facenet's center_loss_factor f (mean over batch and dimensions of the squared
    distance) is w = 2 f / dim, so its 1e-2 at 128 dimensions is w = 1.5625e-4; caffe-face's loss weight (sum / 2m) is
    w itself; pytorch-center-loss's weight k (mean over the batch of the squared distance) is w = 2 k.
    """

    def __init__(
        self,
        num_classes: int,
        embedding_dim: int,
        *,
        centers: str = "ema",
        rate: float = 0.05,
        generator: torch.Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ):
        super().__init__()
        if centers not in CENTERS:
            raise InputError(f"centers is {centers!r}: choose one of {', '.join(CENTERS)}")
        self.kind, self.rate = centers, rate
        values = torch.zeros(num_classes, embedding_dim, dtype=dtype)
        if centers in ("wen2016", "gradient", "fixed_random"):
            nn.init.xavier_uniform_(values, generator=generator)
        if centers == "gradient":
            self.centers = nn.Parameter(values)
        else:
            self.register_buffer("centers", values)

    def forward(self, features: torch.Tensor, labels: torch.Tensor, own: slice = slice(None)) -> torch.Tensor:
        """Features (m, dim), float; labels (m,), int64, each below num_classes -> scalar in the centres' dtype.

        In training mode, "ema" and "wen2016" move the centres after the loss is taken with the old ones.
        own: the loss is the mean over these rows, while the centres move by all of them.
        """
        features = features.to(self.centers.dtype)
        loss = 0.5 * (features[own] - self.centers[labels[own]]).square().sum(1).mean()
        if self.training and self.kind in ("ema", "wen2016"):
            self._move(features.detach(), labels)
        return loss

    @torch.no_grad()
    def _move(self, features: torch.Tensor, labels: torch.Tensor) -> None:
        pull = self.rate * (features - self.centers[labels])
        if self.kind == "wen2016":
            count = torch.zeros(len(self.centers), dtype=pull.dtype, device=pull.device)
            count.index_add_(0, labels, torch.ones_like(labels, dtype=pull.dtype))
            pull /= 1 + count[labels, None]
        self.centers.index_add_(0, labels, pull)


def contrastive_loss(
    embeddings: torch.Tensor, group: torch.Tensor, photographs: int, temperature: float
) -> torch.Tensor:
    """In-batch contrastive loss between the two modalities (InfoNCE in both directions, as in CLIP), a scalar.

    embeddings (n, dim), the first `photographs` of photographs and the others of captions, are scaled to length one
    here; group (n,) int64 says which picture an input belongs to. Every input must find the inputs of its own group
    among all inputs of the other modality; with several of them, the probability of any of them counts. Inputs whose
    group has no input of the other modality in the batch are left out; a batch without any pair gives zero.
    """
    z = F.normalize(embeddings, dim=1)
    same = group[:photographs, None] == group[None, photographs:]
    logits = z[:photographs] @ z[photographs:].T / temperature

    def one_way(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
        # Masks instead of picked rows: for those the processor would have to wait until a GPU has counted them.
        paired = same.any(1)
        found = logits.masked_fill(~(same | ~paired[:, None]), float("-inf"))  # all of an input that is left out
        lost = logits.logsumexp(1) - found.logsumexp(1)
        return lost.sum() / paired.sum().clamp(min=1)

    return (one_way(logits, same) + one_way(logits.T, same.T)) / 2


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
