"""Captions as pictures: words -> Word2Vec -> colours -> superpixels. Knows nothing of networks.

from encoded_text import Layout, TextImageEncoder
encoder = TextImageEncoder.fit(captions, layout=Layout.paper(), seed=0)
pictures = encoder.transform(captions)          # uint8 (n, 256, 256, 3)
captions = encoder.inverse_transform(pictures)  # the words read back from the pixels
"""

from __future__ import annotations

from encoded_text.common.errors import InputError
from encoded_text.encoder import TextImageEncoder
from encoded_text.layout import Layout

__all__ = ["InputError", "Layout", "TextImageEncoder"]
