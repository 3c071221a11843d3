"""SingleNet: one InceptionResNet-V1 for images and encoded captions (paper, section 3.2)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import nn

from encoded_text.common.arguments import require_choice
from encoded_text.common.errors import InputError
from single_net.models.convolution import use_convolutions

# facenet_pytorch's __init__ imports its face detector and torchvision, more than a second at every start: import the
# network's module without it. Whoever imports facenet_pytorch later gets all of it.
if "facenet_pytorch" in sys.modules:
    from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1
else:
    _spec = importlib.util.find_spec("facenet_pytorch")
    if _spec is None:
        raise ModuleNotFoundError("facenet-pytorch is not installed: make setup, or pip install .")
    sys.modules["facenet_pytorch"] = importlib.util.module_from_spec(_spec)
    try:
        from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1
    finally:
        del sys.modules["facenet_pytorch"]

MIN_IMAGE_SIZE = 75  # pixels; a smaller input leaves the last pooling without a feature map
PRETRAINED = ("vggface2", "casia-webface")


class SingleNet(nn.Module):
    """facenet-pytorch's InceptionResnetV1 with a bottleneck of `embedding_dim` values (paper, section 3.2).

    Images and encoded captions go through the same weights and the same batch-norm statistics. With 128 values the
    network has 22,793,728 parameters.

    Args:
        embedding_dim: length of an embedding (paper, section 5: 128).
        pretrained: None, "vggface2" or "casia-webface": facenet-pytorch's weights below the bottleneck, downloaded by
            its own loader.

    Raises:
        InputError: unknown `pretrained`, or its weights cannot be downloaded.
    """

    def __init__(self, embedding_dim: int = 128, *, pretrained: str | None = None):
        super().__init__()
        self.backbone = _backbone(pretrained)
        self.backbone.last_linear = nn.Linear(1792, embedding_dim, bias=False)
        self.backbone.last_bn = nn.BatchNorm1d(embedding_dim, eps=0.001, momentum=0.1)
        self.backbone.logits = None  # facenet-pytorch's class layer; here the loss has the class layers
        self.embedding_dim = embedding_dim
        use_convolutions(self.backbone)
        for module in self.backbone.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = True  # nothing else needs its input: less memory, the same values

    def forward(self, inputs: torch.Tensor, num_images: int | None = None) -> torch.Tensor:
        """Embed images and encoded captions.

        Args:
            inputs: uint8 or float in 0..255 (n, 3, height, width), at least 75 x 75 pixels.
            num_images: ignored; a two-tower network needs it, so that both are called alike.

        Returns:
            float (n, embedding_dim): facenet's "prelogits", not L2-normalized.

        Raises:
            InputError: inputs of another shape, or too small.
        """
        if inputs.ndim != 4 or inputs.shape[1] != 3:
            raise InputError(f"inputs have shape {tuple(inputs.shape)}: expected (n, 3, height, width)")
        height, width = inputs.shape[2:]
        if min(height, width) < MIN_IMAGE_SIZE:
            raise InputError(
                f"inputs are {height} x {width}: InceptionResNet-V1 needs at least {MIN_IMAGE_SIZE} x {MIN_IMAGE_SIZE}"
            )
        return self._features(self._standardize(inputs))

    def _standardize(self, inputs: torch.Tensor) -> torch.Tensor:
        """facenet's fixed image standardization, (x - 127.5) / 128, in the dtype of the weights."""
        x = inputs.to(self.backbone.conv2d_1a.conv.weight.dtype, memory_format=torch.channels_last)
        return (x - 127.5) / 128.0

    def _features(self, x: torch.Tensor) -> torch.Tensor:
        # InceptionResnetV1.forward without its dropout, as facenet trains by default (keep_probability 1.0), and
        # without its last step, the L2 normalization.
        net = self.backbone
        x = net.conv2d_2b(net.conv2d_2a(net.conv2d_1a(x)))
        x = net.conv2d_4b(net.conv2d_4a(net.conv2d_3b(net.maxpool_3a(x))))
        x = net.mixed_6a(net.repeat_1(x))
        x = net.mixed_7a(net.repeat_2(x))
        x = net.block8(net.repeat_3(x))
        return net.last_bn(net.last_linear(net.avgpool_1a(x).flatten(1)))


def _backbone(pretrained: str | None) -> InceptionResnetV1:
    if pretrained is not None:
        require_choice("pretrained", pretrained, PRETRAINED)
    try:
        return InceptionResnetV1(pretrained=pretrained, classify=False)
    except OSError as error:  # facenet-pytorch downloads with requests, whose errors are OSErrors
        raise InputError(
            f"the weights {pretrained!r} could not be downloaded ({type(error).__name__}): "
            "connect to the network, or train without pretrained weights"
        ) from error
    except (RuntimeError, EOFError, UnpicklingError) as error:  # a download that broke off stays and is not repeated
        file = Path(torch.hub._get_torch_home()) / "checkpoints"
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"the weights {pretrained!r} in {file} are damaged ({reason}): delete the file") from error
