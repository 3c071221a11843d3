"""How large a batch fits into a GPU's memory."""

from __future__ import annotations

from typing import NoReturn

import torch

from encoded_text.common.errors import InputError
from single_net.common import distributed
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower

HEADROOM = 0.8  # of the memory: the rest is for workspaces, fragments and what the estimate leaves out


def saved_bytes(network: SingleNet | TwoTower, image_size: int, precision: str) -> int:
    """Bytes of activations that one sample keeps for the backward pass, counted on torch's meta device.

    Args:
        network: whose image tower is counted.
        image_size: in pixels.
        precision: "float32" or "bfloat16", which keeps half.
    """
    tower = network.image_tower if isinstance(network, TwoTower) else network
    assert isinstance(tower, SingleNet)
    with torch.device("meta"):
        copy = SingleNet(tower.embedding_dim).train()
        inputs = torch.empty(2, 3, image_size, image_size)
    storages: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storages[tensor.untyped_storage()._cdata] = tensor.untyped_storage().nbytes()
        held.append(tensor)
        return tensor

    held: list[torch.Tensor] = []  # or a storage's address would be used again
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        copy(inputs)
    weights = sum(parameter.nbytes for parameter in copy.parameters())
    per_sample = max(0, sum(storages.values()) - weights) // len(inputs)
    return per_sample // 2 if precision == "bfloat16" else per_sample


def stop_out_of_memory(
    network: SingleNet | TwoTower, samples: int, image_size: int, precision: str, device: torch.device, held: int
) -> NoReturn:
    """Raise InputError with the batch and image size that would fit.

    Args:
        network: that was trained.
        samples: in the batch that did not fit, of all processes.
        image_size: in pixels.
        precision: "float32" or "bfloat16".
        device: the GPU.
        held: bytes that are in use beside a step: weights, images of the data set, and a CUDA graph.

    Raises:
        InputError: always.
    """
    total = torch.cuda.get_device_properties(device).total_memory
    weights = sum(parameter.nbytes for parameter in network.parameters())
    room = HEADROOM * total - max(weights, held) - 3 * weights  # gradients and Adam's two moments
    smaller = next((size for size in (192, 160, 128, 96, 80) if size < image_size), image_size)
    processes = distributed.world_size()  # each has a GPU and its share of the samples
    fits, fits_smaller = (
        processes * max(0, int(room // saved_bytes(network, size, precision))) for size in (image_size, smaller)
    )
    where = f"{processes} GPUs of {total / 2**30:.0f} GiB" if processes > 1 else f"the GPU's {total / 2**30:.0f} GiB"
    raise InputError(
        f"{where} are too few for {samples} samples of {image_size} px: about {fits} would fit, or {fits_smaller} of "
        f"{smaller} px: lower batch.size or network.image_size, or close other programs"
    )
