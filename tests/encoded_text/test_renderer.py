from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from encoded_text import Layout, TextImageEncoder
from encoded_text.drawing import draw_numpy, palette
from encoded_text.renderer import Renderer

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]
LAYOUTS = {
    "paper": Layout.paper(),
    "figure": Layout.figure(),
    "paper 96": Layout.paper().scaled_to(96),
    "figure 227": Layout.figure().scaled_to(227),
    "uneven": Layout(50, 10, 3, 2, 3, 2, 5, background=(9, 8, 7), blank=(1, 2, 3), fill="repeat"),
    "tight": Layout(24, 12, 2, 2, 4, 0, 0),
    "narrow margin": Layout(29, 12, 2, 2, 3, 4, 1, background=(9, 8, 7)),  # tiles extend beyond the image
}


def _encoder(layout: Layout, words: int = 30) -> TextImageEncoder:
    colors = np.random.default_rng(0).integers(4, 250, (words, layout.features), dtype=np.uint8)
    return TextImageEncoder([f"w{i}" for i in range(words)], colors, layout, "global", {})


def _naive(ids: np.ndarray, colors: np.ndarray, layout: Layout) -> np.ndarray:
    """Pixel by pixel from the description of the layout."""
    images = np.empty((len(ids), layout.image_size, layout.image_size, 3), np.uint8)
    images[...] = layout.background
    for image, numbers in zip(images, ids, strict=True):
        for slot, number in enumerate(numbers):
            top, left = layout.position(slot)
            for index in range(layout.word_width * layout.word_height):
                y, x = divmod(index, layout.word_width)
                color = list(layout.blank)
                if number and index < layout.superpixels:
                    triplet = colors[number - 1, 3 * index : 3 * index + 3].tolist()
                    color = triplet + [0] * (3 - len(triplet))
                s = layout.superpixel
                image[top + y * s : top + (y + 1) * s, left + x * s : left + (x + 1) * s] = color
    return images


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_torch_numpy_and_a_naive_implementation_agree_bit_for_bit(name, device, dtype):
    layout = LAYOUTS[name]
    encoder = _encoder(layout)
    ids = np.random.default_rng(1).integers(0, 31, (3, layout.capacity)).astype(np.int32)
    expected = _naive(ids, encoder.colors, layout)
    np.testing.assert_array_equal(draw_numpy(ids, palette(encoder.colors, layout), layout), expected)
    drawn = Renderer(encoder).to(device)(torch.from_numpy(ids).to(device, dtype))
    assert drawn.dtype == torch.uint8
    assert drawn.is_contiguous()
    np.testing.assert_array_equal(drawn.cpu().numpy().transpose(0, 2, 3, 1), expected)


def test_many_captions_at_once_are_drawn_as_one_by_one():
    layout = Layout.paper().scaled_to(96)
    renderer = Renderer(_encoder(layout))
    ids = torch.from_numpy(np.random.default_rng(2).integers(0, 31, (150, layout.capacity)))
    assert torch.equal(renderer(ids), torch.cat([renderer(row[None]) for row in ids]))


def test_nothing_of_the_renderer_enters_a_state_dict():
    renderer = Renderer(_encoder(Layout.paper()))
    assert not renderer.state_dict()
    assert not list(renderer.parameters())


def test_no_captions_draw_no_images():
    layout = Layout.figure()
    encoder = _encoder(layout)
    ids = np.zeros((0, layout.capacity), np.int32)
    assert Renderer(encoder)(torch.from_numpy(ids)).shape == (0, 3, 256, 256)
    assert draw_numpy(ids, palette(encoder.colors, layout), layout).shape == (0, 256, 256, 3)


def test_wrong_shapes_and_unknown_numbers_are_errors():
    encoder = _encoder(Layout.paper())
    renderer = Renderer(encoder)
    with pytest.raises(ValueError, match="64"):
        renderer(torch.zeros(2, 65, dtype=torch.int32))
    with pytest.raises(ValueError, match="64"):
        draw_numpy(np.zeros(64, np.int32), palette(encoder.colors, encoder.layout), encoder.layout)
    with pytest.raises(IndexError):
        renderer(torch.full((1, 64), 31))


def test_a_renderer_draws_what_the_encoder_does(encoders):
    encoder = encoders["paper"].with_layout(replace(Layout.paper().scaled_to(160), fill="repeat"))
    captions = ["a red dog runs", "the cat"]
    drawn = Renderer(encoder)(torch.from_numpy(encoder.ids(captions)))
    np.testing.assert_array_equal(drawn.permute(0, 2, 3, 1).numpy(), encoder.transform(captions))
