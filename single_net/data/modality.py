"""What a modality offers to the single network: an encoder that draws.

Whatever can be drawn as an image goes through the one network. Encoded text (encoded_text.TextImageEncoder) is the
first such encoder, sound (encoded_sound.SoundImageEncoder) the second; docs/add_a_modality.md follows a third.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from encoded_text.common.errors import InputError

Item = TypeVar("Item")
Drawn = TypeVar("Drawn", contravariant=True)
State = tuple[dict[str, np.ndarray], dict[str, Any]]  # fitted arrays by name, and JSON-able settings


class Modality(Protocol[Drawn]):
    """Draws items of one kind as images; `check_modality` tries whether an encoder keeps to it.

    An item always makes the same image, bit for bit, in every process: what is learned from the training data is fitted
    before, and does not change.
    """

    def transform(self, items: Sequence[Drawn], /) -> np.ndarray:
        """Draw items: uint8 (n, size, size, 3), RGB, with the network's image size."""
        ...

    def augment(self, image: np.ndarray, rng: np.random.Generator, /) -> np.ndarray:
        """What training may do to one drawn item without changing what it says; the image itself, if nothing.

        Nothing else is done to it: mirrors, crops and changed colors are for the images of a data set. (The paper's
        config-2 also crops encoded captions.)
        """
        ...

    def state(self) -> State:
        """Fitted arrays by name and JSON-able settings, which travel in the model file; no arrays if stateless."""
        ...


def check_modality(encoder: Modality[Item], items: Sequence[Item], size: int) -> np.ndarray:
    """Try an encoder on some items.

    Args:
        encoder: of a modality.
        items: two or more different ones.
        size: side of the images in px.

    Returns:
        Their images, uint8 (n, size, size, 3).

    Raises:
        InputError: it breaks a rule of `Modality`; says which.
    """
    name = type(encoder).__name__
    images = encoder.transform(items)
    expected = (len(items), size, size, 3)
    if images.dtype != np.uint8 or images.shape != expected:
        raise InputError(f"{name}.transform gives {images.dtype} {images.shape}: uint8 {expected} is needed")
    if not np.array_equal(encoder.transform(items), images):
        raise InputError(f"{name}.transform draws the same items in two ways: whatever is random belongs into augment")
    one_by_one = [encoder.transform([item])[0] for item in items]
    if not np.array_equal(one_by_one, images):
        raise InputError(f"{name}.transform draws an item in another way beside others: each has an image of its own")
    if len(np.unique(images.reshape(len(items), -1), axis=0)) < 2:
        raise InputError(f"{name}.transform draws all {len(items)} items alike: the network could not tell them apart")
    before = images.copy()
    augmented = [encoder.augment(image, np.random.default_rng(seed)) for seed, image in enumerate(images)]
    for image in augmented:
        if image.dtype != np.uint8 or image.shape != (size, size, 3):
            raise InputError(f"{name}.augment gives {image.dtype} {image.shape}: uint8 {(size, size, 3)} is needed")
    if not np.array_equal(before, images):
        raise InputError(f"{name}.augment writes into its argument: it has to give a new image, or the same")
    again = [encoder.augment(image, np.random.default_rng(seed)) for seed, image in enumerate(images)]
    if not np.array_equal(augmented, again):
        raise InputError(f"{name}.augment draws from other random numbers than rng: a resumed training would differ")
    arrays, settings = encoder.state()
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise InputError(f"{name}.state gives something else than arrays: a model file holds arrays and JSON")
    try:
        json.dumps(settings, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}.state gives settings that JSON does not hold: {error}") from None
    return images
