"""The losses, each usable in a training loop of one's own."""

from single_net.losses.center import CenterLoss
from single_net.losses.contrastive import contrastive_loss
from single_net.losses.retrieval import RetrievalLoss
from single_net.losses.teaching import TeachingLoss

__all__ = ["CenterLoss", "RetrievalLoss", "TeachingLoss", "contrastive_loss"]
