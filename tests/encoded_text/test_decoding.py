from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoded_text import InputError, Layout

SIZES = (96, 160, 224, 227, 256)


@pytest.mark.parametrize("preset", ["paper", "figure"])
@pytest.mark.parametrize("fill", ["blank", "repeat"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_words_are_read_back_exactly(encoders, preset, fill, data):
    fitted = encoders[preset]
    size = data.draw(st.sampled_from(SIZES))
    encoder = fitted.with_layout(replace(fitted.layout.scaled_to(size), fill=fill))
    words = st.lists(st.sampled_from(encoder.words), min_size=1, max_size=encoder.layout.capacity)
    captions = [" ".join(caption) for caption in data.draw(st.lists(words, min_size=1, max_size=3))]
    assert encoder.inverse_transform(encoder.transform(captions)) == captions


def test_repeated_words_are_told_from_repeated_captions(encoders):
    encoder = encoders["paper"].with_layout(replace(Layout.paper(), fill="repeat"))
    captions = ["dog", "dog dog", "dog dog dog", " ".join(["dog"] * 63), " ".join(["dog"] * 64)]
    images = encoder.transform(captions)
    assert len({image.tobytes() for image in images}) == len(captions)
    assert encoder.inverse_transform(images) == captions


def test_an_unknown_block_is_named(encoders):
    encoder = encoders["figure"]
    images = encoder.transform(["a dog", "the red dog runs in the snow near the street at a farm on"])
    top, left = encoder.layout.position(13)
    images[1, top : top + 4, left : left + 4] ^= 85
    with pytest.raises(InputError, match="image 1: the block in row 1, column 1"):
        encoder.inverse_transform(images)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (5, 5), (3, 20), (255, 255), (100, 100)])
def test_a_single_changed_pixel_is_found(encoders, y, x):
    encoder = encoders["paper"]
    image = encoder.transform(["a red dog"])
    image[0, y, x, 1] ^= 1
    with pytest.raises(InputError, match="image 0"):
        encoder.inverse_transform(image)


def test_words_after_a_blank_slot_are_not_ignored(encoders):
    encoder = encoders["paper"]
    images = encoder.transform(["a dog", "a red dog"])
    top, left = encoder.layout.position(5)
    word = slice(top, top + 28), slice(left, left + 28)
    images[0][word] = images[1, 4:32, 4:32]
    with pytest.raises(InputError, match="image 0: the pixel in row"):
        encoder.inverse_transform(images)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((1, 255, 256, 3), np.uint8),
        np.zeros((256, 256, 3), np.uint8),
        np.zeros((1, 256, 256, 3), np.float32),
        np.zeros((1, 3, 256, 256), np.uint8),
    ],
)
def test_images_of_another_shape_are_refused(encoders, images):
    with pytest.raises(InputError, match="uint8"):
        encoders["paper"].inverse_transform(images)


def test_images_need_not_be_contiguous(encoders):
    encoder = encoders["paper"]
    images = encoder.transform(["a dog", "a cat", "a horse"])
    assert encoder.inverse_transform(images[::2]) == ["a dog", "a horse"]
    assert encoder.inverse_transform(np.asfortranarray(images)) == ["a dog", "a cat", "a horse"]
