"""From a configuration to its network, layout and arithmetic."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch

from encoded_text import TextImageEncoder
from encoded_text.layout import PRESETS, Layout
from single_net.common import tensor_file
from single_net.common.device import _has_bfloat16
from single_net.config import RunConfig
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import CaptionLSTM, TwinNet


def drawing_layout(config: RunConfig) -> Layout:
    """How a configuration draws captions."""
    layout = PRESETS[config.encoder.layout]().scaled_to(config.network.image_size)
    return dataclasses.replace(layout, fill=config.encoder.fill, overflow=config.encoder.overflow)


def build_network(config: RunConfig, *, pretrained: bool) -> SingleNet | TwinNet:
    """The network of a configuration, with published weights below the bottleneck only where asked for."""
    own = config.network

    def single() -> SingleNet:
        weights = (own.pretrained or None) if pretrained else None
        return SingleNet(own.embedding_dim, batchnorm=own.batchnorm, dropout=own.dropout, pretrained=weights)

    if own.caption_network == "same":
        return single()
    of_photographs = single()
    if own.caption_network == "inception":
        return TwinNet(of_photographs, single(), own.embedding_dim)
    return TwinNet(of_photographs, CaptionLSTM(drawing_layout(config), own.embedding_dim), own.embedding_dim)


def encoder_from(tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> TextImageEncoder:
    arrays = {name: value.numpy() for name, value in tensor_file.without_prefix("encoder", tensors).items()}
    return TextImageEncoder.from_state(arrays, meta["encoder"])


def precision(config: RunConfig, device: torch.device) -> str:
    """The arithmetic inside the network: the configuration's, or float32 where the processor only emulates bfloat16."""
    wanted = config.training.precision
    return wanted if wanted == "float32" or _has_bfloat16(device) else "float32"


def autocast(config: RunConfig, device: torch.device) -> torch.autocast:
    """bfloat16 inside the network where `precision` says so; weights and loss stay float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision(config, device) == "bfloat16")
