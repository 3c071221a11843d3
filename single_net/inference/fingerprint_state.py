"""The fingerprints of the training data inside a model file or checkpoint."""

from __future__ import annotations

import torch

from single_net.common.tensor_file import with_prefix, without_prefix
from single_net.data.contamination import Fingerprints


def fingerprints_to_tensors(fingerprints: Fingerprints) -> dict[str, torch.Tensor]:
    """Tensors named "fingerprints.*"."""
    arrays = {"images": fingerprints.images, "captions": fingerprints.captions}
    return with_prefix("fingerprints", {name: torch.from_numpy(array) for name, array in arrays.items()})


def fingerprints_from_tensors(tensors: dict[str, torch.Tensor]) -> Fingerprints | None:
    """The inverse, from all tensors of a file; None if it holds no fingerprints."""
    found = without_prefix("fingerprints", tensors)
    return Fingerprints(found["images"].numpy(), found["captions"].numpy()) if found else None
