from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError, Layout
from encoded_text.drawing import draw_numpy, palette


def test_the_last_triplet_is_padded_with_zeros_and_unused_superpixels_are_blank():
    layout = Layout(50, 10, 3, 2, 3, 2, 5, blank=(1, 2, 3))
    blocks = palette(np.full((1, 10), 200, np.uint8), layout)
    assert blocks.shape == (2, 2, 3, 3)
    assert (blocks[0] == (1, 2, 3)).all()
    assert blocks[1].reshape(6, 3).tolist() == [[200] * 3] * 3 + [[200, 0, 0], [1, 2, 3], [1, 2, 3]]


def test_ids_that_no_word_has_are_refused():
    layout = Layout.paper()
    blocks = palette(np.full((3, 128), 200, np.uint8), layout)
    for wrong in (-1, len(blocks)):
        with pytest.raises(InputError, match=f"word ids from {wrong} to {wrong}: 0, the blank slot, to 3 are known"):
            draw_numpy(np.full((1, layout.capacity), wrong), blocks, layout)
    with pytest.raises(InputError, match="word ids are float64: whole numbers"):
        draw_numpy(np.zeros((1, layout.capacity)), blocks, layout)
    assert len(draw_numpy(np.zeros((0, layout.capacity), int), blocks, layout)) == 0
    assert draw_numpy([[0] * layout.capacity], blocks, layout).shape == (1, 256, 256, 3)
