"""Sound as images: log-mel spectrograms, wrapped into lines as text is. A third modality of the single network.

The package knows nothing of networks or training. Reading sound files needs the extra `sound`.

Example:
    ::

        from encoded_sound import SoundImageEncoder, read_sound

        encoder = SoundImageEncoder(image_size=96)
        images = encoder.transform([read_sound("speech.wav")])  # uint8 (1, 96, 96, 3)
"""

from __future__ import annotations

from encoded_sound.audio import SAMPLE_RATE, read_sound
from encoded_sound.encoder import SoundImageEncoder, SoundWarning

__all__ = ["SAMPLE_RATE", "SoundImageEncoder", "SoundWarning", "read_sound"]
