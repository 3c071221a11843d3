"""Center loss (paper, Eq. 1; Wen et al. 2016)."""

from __future__ import annotations

import torch
from torch import nn

from encoded_text.common.arguments import require_choice, whole_number
from single_net.losses.arguments import positive_number, require_features, whole_numbers

CENTERS = ("ema", "wen2016", "gradient", "zero", "fixed_random")


class CenterLoss(nn.Module):
    """Eq. 1 of the paper as a mean over the batch: 1/m sum_i 1/2 ||x_i - c_{y_i}||^2.

    How the class centers c move is an option, because the code base of the authors changed it in March 2018 and it is
    not known which version the paper ran:

    - "ema": moving average as in facenet since commit efc2f94 (src/facenet.py, center_loss). After the loss,
      c_y -= rate * (c_y - x) for every sample; several samples of a class add up. Starts at zero. facenet's
      alfa = 0.95 is rate = 0.05. If rate times the samples of one class in a batch exceeds 2, the centers diverge.
    - "wen2016": Wen et al. 2016, Eq. 4: c_y -= rate * sum(c_y - x) / (1 + n_y), with n_y samples of the class in the
      batch. Wen et al. use alpha = 0.5 (section 4.1). Starts from Xavier values (torch's; Caffe's are larger).
    - "gradient": the centers are parameters that the optimizer moves; Xavier values.
    - "zero": the centers stay zero, as in facenet before efc2f94, where the update was never executed.
    - "fixed_random": the centers stay at Xavier values, as in the authors' later SBNet code.

    Scale: with weight w on this loss, facenet's center_loss_factor f (mean over batch and dimensions of the squared
    distance) is w = 2 f / dim, so its 1e-2 at 128 dimensions is w = 1.5625e-4; caffe-face's loss weight (sum / 2m) is
    w itself; pytorch-center-loss's weight k (mean over the batch of the squared distance) is w = 2 k.

    Args:
        num_classes: number of centers.
        embedding_dim: length of a center.
        centers: one of CENTERS.
        rate: step of the centers, for "ema" and "wen2016".

    Raises:
        InputError: unknown `centers`, or a number that cannot be used.
    """

    centers: torch.Tensor

    def __init__(
        self,
        num_classes: int,
        embedding_dim: int,
        *,
        centers: str = "ema",
        rate: float = 0.05,
    ):
        super().__init__()
        require_choice("centers", centers, CENTERS)
        self.kind, self.rate = centers, positive_number("rate", rate, zero=True)
        values = torch.zeros(
            whole_number("num_classes", num_classes, 1), whole_number("embedding_dim", embedding_dim, 1)
        )
        if centers in ("wen2016", "gradient", "fixed_random"):
            nn.init.xavier_uniform_(values)
        if centers == "gradient":
            self.centers = nn.Parameter(values)
        else:
            self.register_buffer("centers", values)

    def forward(self, features: torch.Tensor, labels: torch.Tensor, own: slice = slice(None)) -> torch.Tensor:
        """The loss of a batch; in training mode "ema" and "wen2016" then move the centers.

        Args:
            features: float (m, embedding_dim). A row that is not finite moves no center, as when a step in float16
                overflows and is left out.
            labels: int64 (m,), each below num_classes; -1: a sample without a class, which counts for nothing.
            own: rows that the loss is the mean of, while the centers move by all rows (several processes).

        Returns:
            Scalar in the centers' dtype; 0 if no row has a class.

        Raises:
            InputError: features or labels of another shape or kind; on the CPU also labels out of range.
        """
        require_features(features, self.centers.shape[1])
        labels = whole_numbers("labels", labels, len(features), len(self.centers))
        features = features.to(self.centers.dtype)
        known = labels[own] >= 0
        # Masked, not multiplied by zero: that would make nan of a row that is not finite.
        difference = (features[own] - self.centers[labels[own].clamp(min=0)]).where(known[:, None], 0)
        loss = 0.5 * difference.square().sum(1).sum() / known.sum().clamp(min=1)
        if self.training and self.kind in ("ema", "wen2016"):
            self._move(features.detach(), labels)
        return loss

    @torch.no_grad()
    def _move(self, features: torch.Tensor, labels: torch.Tensor) -> None:
        moving, labels = (labels >= 0) & features.isfinite().all(1), labels.clamp(min=0)
        pull = (self.rate * (features - self.centers[labels])).where(moving[:, None], 0)
        if self.kind == "wen2016":
            count = torch.zeros(len(self.centers), dtype=pull.dtype, device=pull.device)
            count.index_add_(0, labels, moving.to(pull.dtype))
            pull /= 1 + count[labels, None]
        self.centers.index_add_(0, labels, pull)

    def extra_repr(self) -> str:
        """Its settings, as torch shows those of its own modules."""
        num_classes, dim = self.centers.shape
        return f"num_classes={num_classes}, embedding_dim={dim}, centers={self.kind!r}, rate={self.rate}"
