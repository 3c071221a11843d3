"""Loading a trained model, whichever file it is in."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from encoded_text.common.errors import InputError

if TYPE_CHECKING:
    from single_net.inference.model import Model
    from single_net.inference.onnx_model import OnnxModel


def load(run: str | PathLike[str], device: Any = None) -> Model | OnnxModel:
    """Load a trained run or an exported model. Both have `encode_image`, `encode_text`, `image_size`, `embedding_dim`.

    Args:
        run: the run's folder, a model file, or an .onnx file that `python -m single_net.export` wrote; the last is run
            by onnxruntime on the CPU, and torch is not imported.
        device: e.g. "cpu", "cuda:1", or a torch.device; the GPU if there is one, by default.

    Returns:
        A `Model`; for an .onnx file an `OnnxModel`, which takes no tensors.

    Raises:
        InputError: the file is missing, damaged or not a model, a package is missing, or there is no such device.
    """
    if Path(run).suffix.lower() == ".onnx":
        if not str(device or "cpu").startswith("cpu"):
            raise InputError(f"{run}: an exported model runs on the CPU: leave the device out")
        from single_net.inference.onnx_model import OnnxModel

        return OnnxModel.load(run)
    from single_net.common.device import choose_device
    from single_net.inference.model import Model

    return Model.load(run, choose_device(device))
