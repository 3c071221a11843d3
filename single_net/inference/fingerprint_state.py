"""The fingerprints of the training data inside a model file or checkpoint."""

from __future__ import annotations

import torch

from encoded_text.common.errors import InputError
from single_net.common.tensor_file import with_prefix, without_prefix
from single_net.data.contamination import NUM_VALUES, Fingerprints


def fingerprints_to_tensors(fingerprints: Fingerprints) -> dict[str, torch.Tensor]:
    """Tensors named "fingerprints.*"."""
    arrays = {"images": fingerprints.images, "captions": fingerprints.captions}
    return with_prefix("fingerprints", {name: torch.from_numpy(array) for name, array in arrays.items()})


def fingerprints_from_tensors(tensors: dict[str, torch.Tensor]) -> Fingerprints | None:
    """The inverse, from all tensors of a file; None if it holds no fingerprints.

    Raises:
        InputError: they are not of this version.
    """
    found = without_prefix("fingerprints", tensors)
    if not found:
        return None
    images, captions = (found.get(name, torch.empty(0)) for name in ("images", "captions"))
    if (images.dtype, images.shape[1:], captions.dtype, captions.ndim) != (torch.int8, (NUM_VALUES,), torch.int64, 1):
        raise InputError("its fingerprints of the training images are not of this version")
    return Fingerprints(images.numpy(), captions.numpy())
