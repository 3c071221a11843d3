"""A third modality beside images and captions: items that belong to captions, drawn by an encoder.

`data.third` of a configuration names one of MODALITIES. docs/add_a_modality.md says how to add another.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from encoded_sound import SoundImageEncoder
from encoded_sound.mel import MOST_BANDS
from encoded_text.common.errors import InputError
from single_net.common.notice import notice
from single_net.data.dataset import CaptionDataset
from single_net.data.modality import Modality, State
from single_net.data.recordings import draw_recordings
from single_net.data.speech import draw_speech
from single_net.data.third_cache import ThirdArray


@dataclass(frozen=True)
class ThirdItems:
    """The items of a third modality that belong to the captions of a split, drawn.

    Attributes:
        images: uint8 (captions, size, size), gray, or (captions, size, size, 3), one for each of flat_captions;
            memory-mapped or not.
        present: bool (captions,), which captions have an item; the images of others are not looked at.
        encoder: that drew them: training augments items with it, and its state travels in the model file.
        about: JSON-able, for records: what the items are, and where they came from.
    """

    images: np.ndarray
    present: np.ndarray
    encoder: Modality[Any]
    about: Mapping[str, Any]

    def rgb(self, captions: np.ndarray) -> np.ndarray:
        """The images of some captions, uint8 (n, size, size, 3)."""
        images = np.asarray(self.images[captions])
        return np.repeat(images[..., None], 3, axis=3) if images.ndim == 3 else images


def speech(data: CaptionDataset, size: int, state: State | None) -> ThirdItems:
    """The captions as espeak-ng speaks them, see data.speech."""
    encoder = _sound_encoder(size, state)
    return _sound(data, encoder, "synthetic speech", *draw_speech(data, encoder))


def recordings(data: CaptionDataset, size: int, state: State | None) -> ThirdItems:
    """The captions as people spoke them for the Flickr8k Audio Caption Corpus, see data.recordings."""
    encoder = _sound_encoder(size, state)
    return _sound(data, encoder, "recorded speech", *draw_recordings(data, encoder))


# Each draws the items of a split: (data, size, state), where state is None in training, where an encoder may be fitted
# to the training split, and afterwards what its `state` gave then.
MODALITIES: dict[str, Callable[[CaptionDataset, int, State | None], ThirdItems]] = {
    "speech": speech,
    "recordings": recordings,
}


def load_third(name: str, data: CaptionDataset, size: int, state: State | None = None) -> ThirdItems:
    """The items of a split.

    Args:
        name: one of MODALITIES.
        data: the split.
        size: side of the images in px.
        state: of the encoder that the model was trained with; None for the training split.

    Raises:
        InputError: an unknown name, a modality that gives something else than `ThirdItems` describes, or no item can be
            drawn.
    """
    check_third(name)
    items = MODALITIES[name](data, size, state)
    _check_items(items, name, len(data.flat_captions), size)
    if not items.present.any():
        raise InputError(f"{data.name} {data.split}: no caption has an item of {name}")
    counts = {"items": int(items.present.sum()), "missing": int((~items.present).sum())}
    arrays, settings = items.encoder.state()
    fitted = {"encoder_sha256": _checksum(arrays)} if arrays else {}
    about = {"name": name, **counts, **items.about, "encoder": settings, **fitted}
    # As a checkpoint gives it back: a tuple is a list there, and the two are compared.
    return dataclasses.replace(items, about=json.loads(json.dumps(about)))


def check_third(name: str) -> None:
    """Check the name of a third modality before long work; "" is none. Raises InputError for an unknown one."""
    if name and name not in MODALITIES:
        raise InputError(
            f"no third modality is called {name!r}: choose one of {', '.join(MODALITIES)}, or register it first, see "
            "docs/add_a_modality.md"
        )


def _check_items(items: ThirdItems, name: str, captions: int, size: int) -> None:
    if not isinstance(items, ThirdItems):
        raise InputError(f"the modality {name!r} gives {type(items).__name__}: ThirdItems are needed")
    shapes = ((captions, size, size), (captions, size, size, 3))
    for what, array, dtype, allowed in (
        ("images", items.images, np.dtype(np.uint8), shapes),
        ("present", items.present, np.dtype(bool), ((captions,),)),
    ):
        if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape not in allowed:
            got = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            needed = " or ".join(map(str, allowed))
            raise InputError(
                f"the modality {name!r} gives {got} as {what} of {captions} captions: {dtype} {needed} is needed"
            )


def _checksum(arrays: Mapping[str, np.ndarray]) -> str:
    found = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _sound_encoder(size: int, state: State | None) -> SoundImageEncoder:
    if state:
        return SoundImageEncoder.from_state(state[1])
    return SoundImageEncoder(size, lines=max(SoundImageEncoder.lines, -(-size // MOST_BANDS)))


def _sound(
    data: CaptionDataset, encoder: SoundImageEncoder, kind: str, drawn: ThirdArray, source: Mapping[str, Any]
) -> ThirdItems:
    present = np.ones(len(drawn.images), bool)
    present[drawn.missing] = False
    if drawn.missing or len(drawn.cut) > 0.01 * len(present):
        notice(
            f"{data.name} {data.split}: of {len(present):,} captions {len(drawn.missing):,} have no sound, and "
            f"{len(drawn.cut):,} are longer than {encoder.seconds:g} s and cut off"
        )
    about = {"kind": kind, **source, "cut": len(drawn.cut), "sha256": drawn.sha256}
    return ThirdItems(drawn.images, present, encoder, about)
