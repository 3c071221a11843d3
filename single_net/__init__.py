"""Single-Net: one network embeds images and captions, which are encoded as images, in one space (arXiv 1807.07364).

    import single_net as sn

    model = sn.load("runs/scenes-nested")
    images = model.encode_image(["a.jpg", "b.jpg"])     # float32 (n, 128), L2-normalized
    texts = model.encode_text(["a dog on the beach"])   # float32 (n, 128), L2-normalized
    distances, indices = sn.nearest(texts, images, k=2)

Importing the package is cheap: each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from encoded_text.common.errors import InputError
    from single_net.data.dataset import CaptionDataset
    from single_net.data.load import load_dataset
    from single_net.inference.load import load
    from single_net.inference.model import Model
    from single_net.losses.center import CenterLoss
    from single_net.losses.contrastive import contrastive_loss
    from single_net.losses.retrieval import RetrievalLoss
    from single_net.models.single_net import SingleNet
    from single_net.retrieval.neighbors import nearest
    from single_net.retrieval.recall import evaluate_retrieval, recall_at_k

__version__ = "0.2.0"

__all__ = [
    "CaptionDataset",
    "CenterLoss",
    "InputError",
    "Model",
    "RetrievalLoss",
    "SingleNet",
    "contrastive_loss",
    "evaluate_retrieval",
    "load",
    "load_dataset",
    "nearest",
    "recall_at_k",
]

_MODULES = {
    "CaptionDataset": "single_net.data.dataset",
    "CenterLoss": "single_net.losses.center",
    "InputError": "encoded_text.common.errors",
    "Model": "single_net.inference.model",
    "RetrievalLoss": "single_net.losses.retrieval",
    "SingleNet": "single_net.models.single_net",
    "contrastive_loss": "single_net.losses.contrastive",
    "evaluate_retrieval": "single_net.retrieval.recall",
    "load": "single_net.inference.load",
    "load_dataset": "single_net.data.load",
    "nearest": "single_net.retrieval.neighbors",
    "recall_at_k": "single_net.retrieval.recall",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'single_net' has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
