"""Two networks over frozen image features and words: one classifies pairs, one embeds both in a joint space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from encoded_text.tokenizer import tokenize
from single_net.losses.retrieval import RetrievalLoss
from single_net.training.schedule import ramp

# The tutorial's sizes.
VOCABULARY, LENGTH, WORD_DIM, HIDDEN = 10_000, 20, 100, 256


class Words:
    """Words as numbers from 1, the most frequent first; 0 is no word.

    Args:
        captions: of the training split.
    """

    def __init__(self, captions: Sequence[str]):
        counts = Counter(word for caption in captions for word in tokenize(caption))
        self._number = {word: i for i, (word, _) in enumerate(counts.most_common(VOCABULARY - 1), 1)}

    def ids(self, captions: Sequence[str]) -> torch.Tensor:
        """The first LENGTH known words of each caption: int64 (captions, LENGTH), padded with 0."""
        found = np.zeros((len(captions), LENGTH), np.int64)
        for row, caption in zip(found, captions, strict=True):
            known = [self._number[word] for word in tokenize(caption) if word in self._number][:LENGTH]
            row[: len(known)] = known
        return torch.from_numpy(found)


class WordLSTM(nn.Module):
    """An LSTM over learned word vectors; its last state is the caption."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WORD_DIM, padding_idx=0)
        self.lstm = nn.LSTM(WORD_DIM, HIDDEN, batch_first=True)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """int64 (n, LENGTH) -> float32 (n, HIDDEN)."""
        lengths = (ids > 0).sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(self.words(ids), lengths, batch_first=True, enforce_sorted=False)
        last: torch.Tensor = self.lstm(packed)[1][0][-1]
        return last


class PairClassifier(nn.Module):
    """The tutorial's network: features and caption concatenated, a hidden layer, a softmax over two classes.

    Args:
        features: length of an image's features.
    """

    rate, batch, weight_decay = 1e-3, 32, 0.0  # Adam's in Keras, the tutorial's

    def __init__(self, features: int):
        super().__init__()
        self.captions = WordLSTM()
        # The hidden layer of the concatenation, in two parts: a pair's sum is quick to make for all pairs.
        self.of_image, self.of_caption = nn.Linear(features, HIDDEN), nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.classes = nn.Linear(HIDDEN, 2)

    def loss(
        self, features: torch.Tensor, ids: torch.Tensor, images: torch.Tensor, step: int, steps: int
    ) -> torch.Tensor:
        """Cross-entropy of pairs, of which every second one is wrong: it has the caption two places further on.

        Args:
            features: float32 (n, features), of different images.
            ids: int64 (n, LENGTH), a caption of each.
            images, step, steps: not needed here.
        """
        belongs = torch.arange(len(ids), device=ids.device) % 2 == 0
        ids = torch.where(belongs[:, None], ids, ids.roll(-2, 0))
        hidden = F.relu(self.of_image(features) + self.of_caption(self.captions(ids)))
        return F.cross_entropy(self.classes(hidden), belongs.long())

    def scores(self, features: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The logarithm of the odds that they belong together: float32 (images, captions)."""
        weight = self.classes.weight[1] - self.classes.weight[0]
        of_captions = self.of_caption(self.captions(ids))
        rows = [F.relu(of_image + of_captions) @ weight for of_image in self.of_image(features)]
        return torch.stack(rows) + (self.classes.bias[1] - self.classes.bias[0])


class FrozenJointSpace(nn.Module):
    """The same features and the same LSTM, each through a bottleneck, trained with this project's loss.

    Args:
        features: length of an image's features.
        objective: of the embeddings.
        embedding_dim: length of an embedding.
        contrastive_start, contrastive_ramp: shares of training, see training.schedule.ramp.
    """

    rate, batch, weight_decay = 1e-3, 48, 0.02  # as of nested

    def __init__(
        self,
        features: int,
        objective: RetrievalLoss,
        embedding_dim: int,
        *,
        contrastive_start: float,
        contrastive_ramp: float,
    ):
        super().__init__()
        self.captions, self.objective = WordLSTM(), objective
        self.of_image, self.of_caption = _bottleneck(features, embedding_dim), _bottleneck(HIDDEN, embedding_dim)
        self._start, self._length = contrastive_start, contrastive_ramp

    def loss(
        self, features: torch.Tensor, ids: torch.Tensor, images: torch.Tensor, step: int, steps: int
    ) -> torch.Tensor:
        """RetrievalLoss of images and captions.

        Args:
            features: float32 (n, features).
            ids: int64 (n, LENGTH), a caption of each.
            images: int64 (n,), their numbers.
            step, steps: how far the training is.
        """
        embeddings = torch.cat([self.of_image(features), self.of_caption(self.captions(ids))])
        contrastive = ramp(step, steps, start=self._start, length=self._length)
        total: torch.Tensor = self.objective(embeddings, images.repeat(2), len(images), contrastive=contrastive)[0]
        return total

    def scores(self, features: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Cosines: float32 (images, captions)."""
        images, captions = self.of_image(features), self.of_caption(self.captions(ids))
        return F.normalize(images, dim=1) @ F.normalize(captions, dim=1).T


def _bottleneck(size: int, embedding_dim: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(size, embedding_dim, bias=False), nn.BatchNorm1d(embedding_dim, eps=0.001))
