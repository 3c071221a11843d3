"""From the settings of a network to the network."""

from __future__ import annotations

import dataclasses

import torch

from encoded_text.common.errors import InputError
from encoded_text.layout import PRESETS, Layout
from single_net.config import EncoderConfig, NetworkConfig
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import CaptionLSTM, TwoTower


def encoder_layout(encoder: EncoderConfig, image_size: int) -> Layout:
    """Where the superpixels of an encoded caption of `image_size` pixels go."""
    layout = PRESETS[encoder.layout]().scaled_to(image_size)
    return dataclasses.replace(layout, fill=encoder.fill)


def build_network(settings: NetworkConfig, layout: Layout, *, pretrained: bool) -> SingleNet | TwoTower:
    """The single network, or a two-tower baseline.

    Args:
        settings: of the network.
        layout: of the encoded captions, which an LSTM reads back.
        pretrained: load the published weights that the settings name, where they name any.
    """

    def single() -> SingleNet:
        return SingleNet(settings.embedding_dim, pretrained=(settings.pretrained or None) if pretrained else None)

    if settings.captions == "shared":
        return single()
    image_tower = single()
    caption_tower = single() if settings.captions == "inception" else CaptionLSTM(layout, settings.embedding_dim)
    return TwoTower(image_tower, caption_tower, settings.embedding_dim)


def restore_network(settings: NetworkConfig, layout: Layout, tensors: dict[str, torch.Tensor]) -> SingleNet | TwoTower:
    """The network with its weights.

    Args:
        settings: of the network.
        layout: of the encoded captions.
        tensors: its state dict, whose tensors become its own.

    Raises:
        InputError: settings, layout and tensors do not fit each other.
    """
    if layout.image_size != settings.image_size:
        raise InputError(f"its captions are encoded at {layout.image_size} px, its images at {settings.image_size} px")
    with torch.device("meta"):  # no random weights that the loaded ones would replace
        network = build_network(settings, layout, pretrained=False)
    expected = network.state_dict()
    if strange := sorted(expected.keys() ^ tensors.keys()):
        raise InputError(f"{len(strange)} tensors are missing or too many, the first is {strange[0]}")
    for name, value in expected.items():
        own = tensors[name]
        if (own.shape, own.dtype) != (value.shape, value.dtype):
            raise InputError(
                f"{name} is {own.dtype} {tuple(own.shape)}, its network needs {value.dtype} {tuple(value.shape)}"
            )
    network.load_state_dict(tensors, assign=True)
    return network
