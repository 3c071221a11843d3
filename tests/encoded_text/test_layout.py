from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoded_text import InputError, Layout


def test_the_papers_layout():
    layout = Layout.paper()
    assert (layout.features, layout.superpixels) == (128, 43)
    assert (layout.block_width, layout.block_height) == (28, 28)
    assert (layout.pitch_x, layout.pitch_y) == (32, 32)
    assert (layout.columns, layout.rows, layout.capacity) == (8, 8, 64)
    assert layout.position(0) == (4, 4)
    assert layout.position(9) == (36, 36)
    assert layout.position(63) == (228, 228)  # ends exactly at the edge: 228 + 28 = 256


def test_the_figures_layout():
    layout = Layout.figure()
    assert (layout.features, layout.superpixels) == (36, 12)
    assert (layout.block_width, layout.block_height) == (16, 12)
    assert (layout.pitch_x, layout.pitch_y) == (20, 16)
    assert (layout.columns, layout.rows, layout.capacity) == (12, 16, 192)
    assert layout.position(13) == (20, 24)
    assert layout.background == layout.blank == (255, 255, 255)


@pytest.mark.parametrize(
    ("size", "superpixel", "columns"), [(64, 1, 8), (96, 1, 12), (160, 2, 10), (224, 3, 9), (227, 3, 9), (512, 8, 8)]
)
def test_the_papers_layout_at_other_sizes(size, superpixel, columns):
    scaled = Layout.paper().scaled_to(size)
    assert scaled.image_size == size
    assert (scaled.superpixel, scaled.separator, scaled.margin) == (superpixel,) * 3
    assert (scaled.columns, scaled.rows) == (columns, columns)


@pytest.mark.parametrize("preset", [Layout.paper(), Layout.figure()])
def test_scaling_to_its_own_size_changes_nothing(preset):
    assert preset.scaled_to(256) == preset


@pytest.mark.parametrize("preset", [Layout.paper(), Layout.figure()])
@pytest.mark.parametrize("size", [63, 10, 1, 0, -5])
def test_sizes_without_whole_superpixels_are_refused(preset, size):
    with pytest.raises(InputError):
        preset.scaled_to(size)


@settings(deadline=None)  # of a busy machine
@given(
    image_size=st.integers(16, 400),
    superpixel=st.integers(1, 8),
    separator=st.integers(0, 9),
    margin=st.integers(0, 9),
    size=st.integers(1, 500),
)
def test_a_layout_never_leaves_the_image_and_scaling_never_loses_slots(image_size, superpixel, separator, margin, size):
    try:
        layout = Layout(image_size, 12, 2, 2, superpixel, separator, margin)
        scaled = layout.scaled_to(size)
    except InputError:
        return
    assert scaled.capacity >= layout.capacity
    for one in (layout, scaled):
        top, left = one.position(one.capacity - 1)
        assert top + one.block_height <= one.image_size < top + one.block_height + one.pitch_y
        assert left + one.block_width <= one.image_size < left + one.block_width + one.pitch_x


def test_a_separator_of_one_pixel_stays_when_scaled_down():
    layout = Layout(image_size=256, superpixel=8, features=12, word_width=2, word_height=2, separator=2, margin=1)
    scaled = layout.scaled_to(128)
    assert (scaled.superpixel, scaled.separator, scaled.margin) == (4, 1, 1)
    assert replace(layout, separator=0, margin=0).scaled_to(128).separator == 0


def test_a_layout_travels_as_json():
    layout = replace(Layout.figure().scaled_to(160), fill="repeat", background=(1, 2, 3))
    assert Layout.from_dict(json.loads(json.dumps(layout.to_dict()))) == layout


@pytest.mark.parametrize(
    "values",
    [
        {"features": 148},  # 50 superpixels in a block of 49
        {"features": 0},
        {"image_size": 31},
        {"image_size": 10**6},
        {"superpixel": 2.0},
        {"superpixel": True},
        {"separator": -1},
        {"separator": 257},
        {"separator": 10**30},
        {"background": (0, 0, 256)},
        {"blank": (0, 0)},
        {"blank": "red"},
        {"fill": "mirror"},
    ],
)
def test_values_that_cannot_be_drawn_are_refused(values):
    with pytest.raises(InputError) as caught:
        Layout(**values)
    assert "\n" not in str(caught.value)


def test_numpy_numbers_become_plain_ones():
    assert type(Layout(image_size=np.int64(256)).image_size) is int


def test_a_table_with_missing_or_unknown_fields_is_refused():
    values = Layout.paper().to_dict()
    for wrong in ({**values, "color": 1}, {k: v for k, v in values.items() if k != "fill"}, [1], None):
        with pytest.raises(InputError):
            Layout.from_dict(wrong)


def test_slots_outside_the_image_are_an_error():
    with pytest.raises(IndexError):
        Layout.paper().position(64)


def test_the_widest_separator_leaves_one_word():
    assert Layout(separator=256).capacity == 1
