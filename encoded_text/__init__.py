"""Captions as images: words -> Word2Vec vectors -> colors -> superpixels (paper, section 3.1).

The package knows nothing of networks or training.

Example:
    ::

        from encoded_text import Layout, TextImageEncoder

        encoder = TextImageEncoder.fit(captions, layout=Layout.paper(), seed=0)
        images = encoder.transform(captions)          # uint8 (n, 256, 256, 3)
        captions = encoder.inverse_transform(images)  # the words, read back from the pixels
"""

from __future__ import annotations

from encoded_text.common.errors import InputError
from encoded_text.encoder import TextImageEncoder
from encoded_text.layout import Layout
from encoded_text.unspaced import ScriptWarning
from encoded_text.word_ids import CaptionWarning

__all__ = ["CaptionWarning", "InputError", "Layout", "ScriptWarning", "TextImageEncoder"]
