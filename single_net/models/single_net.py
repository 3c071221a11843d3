"""SingleNet: one InceptionResNet-V1 for photographs and drawn captions (paper, section 3.2)."""

from __future__ import annotations

import importlib.util
import sys

import torch
from torch import nn

from encoded_text.common.errors import InputError

# facenet_pytorch's __init__ also imports its face detector, and with it torchvision: more than a second of the start of
# every command. So the package is entered without it; whoever imports it later gets it whole.
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

MIN_IMAGE_SIZE = 75  # below this the last pooling of InceptionResNet-V1 has nothing left to pool


class SingleNet(nn.Module):
    """facenet-pytorch's InceptionResnetV1 with a bottleneck of `embedding_dim` values.

    embedding_dim  length of an embedding (paper, section 5: 128)
    batchnorm      "shared": one set of statistics for both modalities, as in the paper; "per_modality": all weights
                   shared but every batch norm kept once for photographs and once for drawn captions
    dropout        share of the 1,792 pooled features dropped in training (facenet's train_softmax.py: 0)
    pretrained     None, "vggface2" or "casia-webface": facenet-pytorch's own weights below the bottleneck,
                   downloaded by its own loader

    With 128 values and shared statistics the network has 22,793,728 parameters.
    """

    def __init__(
        self,
        embedding_dim: int = 128,
        *,
        batchnorm: str = "shared",
        dropout: float = 0.0,
        pretrained: str | None = None,
    ):
        super().__init__()
        if batchnorm not in ("shared", "per_modality"):
            raise InputError(f"batchnorm is {batchnorm!r}: choose shared or per_modality")
        backbone = _backbone(dropout, pretrained)
        backbone.last_linear = nn.Linear(1792, embedding_dim, bias=False)
        backbone.last_bn = nn.BatchNorm1d(embedding_dim, eps=0.001, momentum=0.1)
        # The class layer of facenet-pytorch is not used: the heads belong to the loss.
        backbone.logits = None
        self.embedding_dim = embedding_dim
        self.batchnorm = batchnorm
        self.backbone = _per_modality(backbone) if batchnorm == "per_modality" else backbone
        self._by_modality = [m for m in self.modules() if isinstance(m, _ModalityBatchNorm)]

    def forward(self, pictures: torch.Tensor, photographs: int | None = None) -> torch.Tensor:
        """Pictures (n, 3, height, width), uint8 or float with values 0..255 -> embeddings (n, embedding_dim), float.

        The embeddings are facenet's "prelogits": not yet of length one (retrieval divides by the length). Any size of
        at least 75 x 75 pixels will do; the network averages over the last feature map.
        photographs: so many inputs, the first ones, are photographs, the others drawn captions; only
        batchnorm="per_modality" needs it. (A number and not a mask, so that no GPU is waited for.)
        Raises InputError for other shapes, smaller pictures, or missing `photographs`.
        """
        if pictures.ndim != 4 or pictures.shape[1] != 3:
            raise InputError(f"pictures have shape {tuple(pictures.shape)}: expected (n, 3, height, width)")
        if min(pictures.shape[2:]) < MIN_IMAGE_SIZE:
            height, width = pictures.shape[2:]
            raise InputError(
                f"pictures are {height} x {width}: InceptionResNet-V1 needs {MIN_IMAGE_SIZE} x 75 at least"
            )
        if self.batchnorm == "per_modality":
            if photographs is None:
                raise InputError("batchnorm per_modality needs photographs: how many of the inputs, the first, are any")
            for norm in self._by_modality:
                norm.photographs = photographs
        return self._features(self._standardise(pictures))

    def _standardise(self, pictures: torch.Tensor) -> torch.Tensor:
        """facenet's fixed standardisation, (x - 127.5) / 128, in the dtype of the weights."""
        x = pictures.to(self.backbone.conv2d_1a.conv.weight.dtype, memory_format=torch.channels_last)
        return (x - 127.5) / 128.0

    def _features(self, x: torch.Tensor) -> torch.Tensor:
        # InceptionResnetV1.forward without its last step, the division by the length.
        net = self.backbone
        x = net.conv2d_2b(net.conv2d_2a(net.conv2d_1a(x)))
        x = net.conv2d_4b(net.conv2d_4a(net.conv2d_3b(net.maxpool_3a(x))))
        x = net.mixed_6a(net.repeat_1(x))
        x = net.mixed_7a(net.repeat_2(x))
        x = net.block8(net.repeat_3(x))
        x = net.dropout(net.avgpool_1a(x))
        return net.last_bn(net.last_linear(x.flatten(1)))


def _backbone(dropout: float, pretrained: str | None) -> InceptionResnetV1:
    if pretrained not in (None, "vggface2", "casia-webface"):
        raise InputError(f"pretrained is {pretrained!r}: choose vggface2, casia-webface or nothing")
    try:
        return InceptionResnetV1(pretrained=pretrained, classify=False, dropout_prob=dropout)
    except OSError as error:  # facenet-pytorch downloads with requests, whose errors are OSErrors
        raise InputError(
            f"the weights {pretrained!r} could not be downloaded ({type(error).__name__}): "
            "connect to the network, or train without pretrained weights"
        ) from error


class _ModalityBatchNorm(nn.Module):
    """A batch norm kept twice; inputs come sorted, photographs first, `photographs` of them."""

    def __init__(self, norm: nn.BatchNorm1d | nn.BatchNorm2d):
        super().__init__()

        def copy() -> nn.Module:
            twin = type(norm)(norm.num_features, eps=norm.eps, momentum=norm.momentum)
            twin.load_state_dict(norm.state_dict())
            return twin

        self.of_photographs, self.of_captions = copy(), copy()
        self.photographs = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n = self.photographs
        if n == 0:
            return self.of_captions(x)
        if n == len(x):
            return self.of_photographs(x)
        return torch.cat([self.of_photographs(x[:n]), self.of_captions(x[n:])])


def _per_modality(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
            setattr(module, name, _ModalityBatchNorm(child))
        else:
            _per_modality(child)
    return module
