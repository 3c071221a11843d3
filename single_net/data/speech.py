"""Captions spoken by espeak-ng, as spectrograms in the cache."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
from typing import Any

import numpy as np

from encoded_sound import SoundImageEncoder
from encoded_sound.speech.speaker import Speaker, speaker_version
from encoded_sound.speech.voices import SEED, VARIANTS, Voice, voices_of
from encoded_text.common.errors import InputError
from single_net.common.parallel import usable_cores
from single_net.data.dataset import CaptionDataset
from single_net.data.third_cache import Drawing, ThirdArray, third_array

_FORMAT = "2"  # to be changed whenever the same caption and voice give another image


def draw_speech(data: CaptionDataset, encoder: SoundImageEncoder) -> tuple[ThirdArray, dict[str, Any]]:
    """Speak every caption and draw it, or find it drawn.

    The captions of an image have different voices, speeds and pitches, which follow from its name. Validation and test
    have voices of their own. The sound itself is not kept.

    Args:
        data: a split.
        encoder: draws the clips.

    Returns:
        One image for each of flat_captions (none for a caption without a word), and what records say of the speech.

    Raises:
        InputError: the extra `sound` is missing, or the split has no voices.
    """
    if data.split not in VARIANTS:
        raise InputError(f"{data.name} {data.split}: only {', '.join(VARIANTS)} are spoken")
    version = speaker_version()
    captions = data.flat_captions
    voices = [
        voice for id, own in zip(data.ids, data.captions, strict=True) for voice in voices_of(data.split, id, len(own))
    ]
    size = encoder.image_size
    family = f"speech-{data.name}-{data.split}-{size}"
    key = [_FORMAT, version, encoder.state()[1], [[*voice, text] for voice, text in zip(voices, captions, strict=True)]]
    drawn = third_array(family, key, size, len(captions), lambda: _speaking(captions, voices, encoder))
    return drawn, {"speaker": version, "seed": SEED, "voices": sorted(VARIANTS[data.split])}


@contextlib.contextmanager
def _speaking(captions: list[str], voices: list[Voice], encoder: SoundImageEncoder) -> Iterator[Any]:
    """Opens a speaker for each core; a thread takes one that is free."""
    free: queue.SimpleQueue[Speaker] = queue.SimpleQueue()
    with contextlib.ExitStack() as block:
        for _ in range(usable_cores()):
            free.put(block.enter_context(Speaker()))

        def draw(i: int) -> Drawing:
            speaker = free.get()
            try:
                clip = speaker.speak(captions[i], voices[i])
            finally:
                free.put(speaker)
            return encoder.draw(clip) if np.any(clip) else None

        yield draw
