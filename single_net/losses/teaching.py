"""The loss of knowledge distillation: the student's similarities to the teachers' vectors should match their own."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from encoded_text.common.arguments import whole_number
from encoded_text.common.errors import InputError
from single_net.losses.arguments import positive_number, require_features


class TeachingLoss(nn.Module):
    """Divergence from the teacher's similarities to a bank, and distance to the teacher's vector.

    - Bank: a softmax over the cosines with a large, fixed set of the teachers' vectors says where in their space an
      input lies; the student's is to be the same (Kullback-Leibler divergence; Koohpayegani et al. 2020, CompRess, with
      a bank of images; here images are compared with captions and captions with images, as in retrieval).
    - Cosine: 1 - the cosine between the student's vector and the teacher's.

    A linear layer without bias takes the embedding into the teachers' space. Where that has as many dimensions or
    more, it begins as an isometry, so that cosines between embeddings begin as those between their images there. It
    is not part of the model.

    Args:
        captions: float (m, dim), L2-normalized: the bank for images.
        images: float (k, dim), L2-normalized: the bank for captions.
        embedding_dim: length of a student's embedding.
        temperature: divides the cosines with the bank.
        cosine_weight: of the second part.

    Raises:
        InputError: banks of another shape or kind, or a number that cannot be used.
    """

    captions: torch.Tensor
    images: torch.Tensor

    def __init__(
        self,
        captions: torch.Tensor,
        images: torch.Tensor,
        embedding_dim: int,
        *,
        temperature: float = 0.05,
        cosine_weight: float = 0.5,
    ):
        super().__init__()
        require_features(captions, name="captions")
        require_features(images, captions.shape[1], "images")
        # Not in checkpoints: the teaching file holds them.
        self.register_buffer("captions", captions, persistent=False)
        self.register_buffer("images", images, persistent=False)
        self.head = nn.Linear(whole_number("embedding_dim", embedding_dim, 1), captions.shape[1], bias=False)
        nn.init.orthogonal_(self.head.weight)
        self.temperature = positive_number("temperature", temperature)
        self.cosine_weight = positive_number("cosine_weight", cosine_weight, zero=True)

    def forward(self, features: torch.Tensor, targets: torch.Tensor, num_images: int) -> torch.Tensor:
        """The mean over the inputs.

        Args:
            features: float32 (n, embedding_dim), of images, then of encoded captions.
            targets: float32 (n, dim), the teachers' vectors of the same inputs, L2-normalized.
            num_images: how many of the inputs, the first, are images.

        Returns:
            Scalar; 0 for no inputs.

        Raises:
            InputError: features or targets of another shape or kind, or fewer of them than images.
        """
        require_features(features, self.head.in_features)
        require_features(targets, self.captions.shape[1], "targets")
        if whole_number("num_images", num_images, 0) > len(features) or len(features) != len(targets):
            raise InputError(
                f"{num_images} images, {len(features)} features and {len(targets)} targets: give a target for each row "
                "of the features, which begin with the images"
            )
        own = F.normalize(self.head(features), dim=1)
        divergences = self._divergence(own[:num_images], targets[:num_images], self.captions) + self._divergence(
            own[num_images:], targets[num_images:], self.images
        )
        distances = (1 - (own * targets).sum(1)).sum()
        return (divergences + self.cosine_weight * distances) / max(len(features), 1)

    def _divergence(self, own: torch.Tensor, targets: torch.Tensor, bank: torch.Tensor) -> torch.Tensor:
        """The sum over the inputs; 0 for none."""
        wanted, said = (F.log_softmax(z @ bank.T / self.temperature, dim=1) for z in (targets, own))
        return F.kl_div(said, wanted, log_target=True, reduction="sum")
