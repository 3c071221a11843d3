"""Loading a trained model, whichever file it is in; for queries the export beside a run, which takes no torch."""

from __future__ import annotations

import importlib.util
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from encoded_text.common.errors import InputError
from single_net.common.notice import notice
from single_net.inference.identity import describe
from single_net.inference.run_files import model_file

if TYPE_CHECKING:
    from single_net.inference.model import Model
    from single_net.inference.onnx_model import OnnxModel


def load(run: str | PathLike[str], device: Any = None) -> Model | OnnxModel:
    """Load a trained run or an exported model. Both have `encode_image`, `encode_text`, `image_size`, `embedding_dim`.

    Args:
        run: the run's folder, a model file, or an .onnx file that `python -m single_net.export` wrote; the last is run
            by onnxruntime on the CPU, and torch is not imported.
        device: e.g. "cpu", "cuda:1", 1 or a torch.device; the GPU if there is one, by default.

    Returns:
        A `Model`; for an .onnx file an `OnnxModel`, which takes no tensors.

    Raises:
        InputError: the file is missing, damaged or not a model, a package is missing, or there is no such device.
    """
    if model_file(run).suffix.lower() == ".onnx":
        if device is not None and not str(device).startswith("cpu"):
            raise InputError(f"{run}: an exported model runs on the CPU: leave the device out")
        from single_net.inference.onnx_model import OnnxModel

        return OnnxModel.load(run)
    from single_net.common.device import choose_device
    from single_net.inference.model import Model

    return Model.load(run, choose_device(device))


def export_file(model: Path) -> Path:
    """Where a model file's export lies: model.onnx beside model.safetensors."""
    return model.with_suffix(".onnx")


def load_for_queries(run: str | PathLike[str], device: str | None = None) -> Model | OnnxModel:
    """Load a model to embed a few sentences or images: a run's export if there is one, else the run.

    The export is used where onnxruntime is installed, no GPU is asked for, and it was made of the model as it is now.
    A notice says so where it is not of that model, or damaged.

    Args:
        run: as for `load`.
        device: "cpu", "cuda", "cuda:1" or None.

    Raises:
        InputError: as `load`.
    """
    file = model_file(run)
    export = export_file(file)
    on_gpu = device is not None and device.startswith("cuda")
    if export == file or on_gpu or not export.is_file() or not file.is_file():
        return load(run, device)
    if importlib.util.find_spec("onnxruntime") is None:
        return load(run, device)
    from single_net.inference.onnx_model import OnnxModel

    try:
        model = OnnxModel.load(export)
        with file.open("rb") as opened:
            if describe(opened).identity == model.identity:
                return model
        reason = f"it was made of another model than {file.name} is now"
    except InputError as error:
        reason = str(error)
    notice(f"{export} is not used: {reason}: make it anew with python -m single_net.export {file}")
    return load(run, device)
