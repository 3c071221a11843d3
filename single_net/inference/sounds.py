"""The sounds that a model is given, drawn as it was trained on them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from encoded_text.common.errors import InputError
from single_net.inference.images import require_list

if TYPE_CHECKING:  # what needs no sound does not wait for it
    from encoded_sound import SoundImageEncoder

SoundLike = str | PathLike[str] | bytes | np.ndarray


def sound_encoder(third: Any, file: Path | None) -> SoundImageEncoder:
    """The encoder of a model that was trained on sound.

    Args:
        third: what the model's file says of a third modality.
        file: the model's, for the message.

    Raises:
        InputError: it was trained without sound.
    """
    from encoded_sound import SoundImageEncoder

    if not isinstance(third, dict):
        mend = 'train one with --set data.third=speech, see "make reproduce-sound"'
        raise InputError(f"{file or 'this model'} was trained without sound: {mend}")
    return SoundImageEncoder.from_state(third.get("encoder", {}))


def draw_sounds(encoder: SoundImageEncoder, sounds: Iterable[SoundLike]) -> np.ndarray:
    """Read and draw sounds: uint8 (n, size, size, 3).

    Args:
        encoder: that of the model.
        sounds: paths or contents of sound files, or float arrays (samples,) at 16 kHz.

    Raises:
        InputError: no list of sounds, or one that cannot be read or drawn.
    """
    from encoded_sound import read_sound

    require_list(sounds, "sound", ndim=1)
    files = (str, PathLike, bytes)  # anything else is samples, which the encoder checks
    return encoder.transform([read_sound(sound) if isinstance(sound, files) else sound for sound in sounds])
