"""A trained network as ONNX, with its encoder in the same file."""

from __future__ import annotations

import base64
import json
import logging
import warnings
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from encoded_text.common.errors import InputError
from encoded_text.common.files import write_atomic
from single_net.data.image import GAP
from single_net.inference.model import Model
from single_net.inference.onnx_model import FORMAT, KEY
from single_net.inference.views import view_boxes
from single_net.models.single_net import SingleNet

OPSET = 20  # the first with GridSample's mode "linear"


def export_onnx(model: Model, path: Path) -> None:
    """Write a model for onnxruntime: in float32, whatever it was trained in, for batches of any size.

    The graph takes `pixels`, uint8 (n, size, size, 3), images or encoded captions, and `view`, float32 (4,): width,
    height, center x and center y of the part that is seen, as shares of the image; a negative width mirrors it. It
    gives `embedding`, float32 (n, d), L2-normalized. Encoder and settings are in the file's metadata; so is, for other
    programs, how an image is resized, and the views whose embeddings are averaged.

    Args:
        model: with one network for both modalities.
        path: the .onnx file, written atomically.

    Raises:
        InputError: a two-tower model, or the packages are missing.
    """
    if not isinstance(model.network, SingleNet):
        raise InputError(f"{model.file}: a two-tower model: only the single network is exported")
    try:
        import onnx
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise InputError("exporting needs its packages: pip install 'single-net[export]'") from error
    size = model.image_size
    network = _Seen(model.network, size).eval()
    example = torch.zeros(2, size, size, 3, dtype=torch.uint8), torch.tensor([1.0, 1.0, 0.5, 0.5])
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of the exporter, about itself
        program = torch.onnx.export(
            network,
            example,
            input_names=["pixels", "view"],
            output_names=["embedding"],
            dynamic_shapes={"pixels": {0: torch.export.Dim("batch", min=1, max=1 << 16)}, "view": None},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    arrays, meta = model.encoder.state()
    stored = {
        "format": FORMAT,
        "encoder": meta,
        "colors": base64.b64encode(arrays["colors"].tobytes()).decode(),
        "config": model.config.to_dict(),
        "third": model.meta.get("third"),
        "identity": model.identity,
    }
    for_others = {
        "image_size": str(size),
        "image_resize": f"upright by EXIF, then to a square by Pillow's bicubic filter with reducing_gap={GAP}",
        "image_views": json.dumps(view_boxes(model.config.network.test_time_augmentation)),
    }
    onnx.helper.set_model_props(proto, {KEY: json.dumps(stored)} | for_others)
    write_atomic(path, proto.SerializeToString())


class _Seen(nn.Module):
    """The network with what happens to an image before it, and the normalization after it."""

    def __init__(self, network: SingleNet, size: int):
        super().__init__()
        # Copied into contiguous float32: the graph has its own layout.
        self.network = SingleNet(network.embedding_dim)
        self.network.load_state_dict({name: value.detach().cpu() for name, value in network.state_dict().items()})
        self.size = size
        self.steps = (2 * torch.arange(size) + 1) / size - 1  # centers of the pixels, -1 to 1

    def forward(self, pixels: torch.Tensor, view: torch.Tensor) -> torch.Tensor:
        x = pixels.permute(0, 3, 1, 2).float()
        width, height, across, down = view.unbind()
        size = self.size
        columns = (self.steps * width + (2 * across - 1)).expand(size, size)
        rows = (self.steps * height + (2 * down - 1))[:, None].expand(size, size)
        grid = torch.stack([columns, rows], -1).expand(x.shape[0], size, size, 2)
        x = functional.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
        x = self.network._features((x.round() - 127.5) / 128.0)
        return functional.normalize(x)
