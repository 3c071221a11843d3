"""Starting from one's own finished run: its network and encoder, and what it has already been trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from encoded_text.common.files import sha256
from encoded_text.layout import Layout
from single_net.config import RunConfig
from single_net.data.contamination import Fingerprints
from single_net.inference.model import Model
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower


@dataclass(frozen=True)
class Origin:
    """A finished run that another one starts from.

    Attributes:
        model: loaded on the CPU.
        described: for records: where it was, checksum of its file, its training and training data.
    """

    model: Model
    described: dict[str, Any]

    @classmethod
    def load(cls, config: RunConfig) -> Origin | None:
        """Load the run that a configuration names; None if it names none.

        Raises:
            InputError: the run is missing, damaged, or does not say what it was trained on; or the configuration names
                another encoder or other weights as well.
        """
        run = config.training.init_from
        if not run:
            return None
        for name, given in (("encoder.file", config.encoder.file), ("network.pretrained", config.network.pretrained)):
            if given:
                raise InputError(f"{name}={given}: training.init_from gives encoder and weights: leave out one of them")
        model = Model.load(run, torch.device("cpu"))
        assert model.file is not None
        if model.fingerprints is None:
            raise InputError(
                f"{run}: does not say what it was trained on, so a test could not be kept clean: train anew"
            )
        described = {"run": str(model.file), "sha256": sha256(model.file)}
        known = ("training", "training_data", "init_from")
        return cls(model, described | {key: model.meta.get(key) for key in known})

    def encoder(self, layout: Layout) -> TextImageEncoder:
        """Its encoder in another layout, e.g. for larger images. Raises InputError if the features differ."""
        return self.model.encoder.with_layout(layout)

    def copy_weights(self, network: SingleNet | TwoTower) -> None:
        """Put its weights and batch-norm statistics into a network. Raises InputError if the networks differ."""
        try:
            network.load_state_dict(self.model.network.state_dict())
        except RuntimeError:
            raise InputError(
                f"{self.described['run']}: its network differs from this configuration's (network.captions, "
                "network.embedding_dim): use the same settings"
            ) from None


def merge_fingerprints(one: Fingerprints, other: Fingerprints | None) -> Fingerprints:
    """The fingerprints of both, each once."""
    if other is None:
        return one
    images = np.unique(np.concatenate([one.images, other.images]), axis=0)
    return Fingerprints(images, np.unique(np.concatenate([one.captions, other.captions])))
