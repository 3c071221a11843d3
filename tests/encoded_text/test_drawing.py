from __future__ import annotations

import numpy as np

from encoded_text import Layout
from encoded_text.drawing import palette


def test_the_last_triplet_is_padded_with_zeros_and_unused_superpixels_are_blank():
    layout = Layout(50, 10, 3, 2, 3, 2, 5, blank=(1, 2, 3))
    blocks = palette(np.full((1, 10), 200, np.uint8), layout)
    assert blocks.shape == (2, 2, 3, 3)
    assert (blocks[0] == (1, 2, 3)).all()
    assert blocks[1].reshape(6, 3).tolist() == [[200] * 3] * 3 + [[200, 0, 0], [1, 2, 3], [1, 2, 3]]
