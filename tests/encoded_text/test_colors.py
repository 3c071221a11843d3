from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from encoded_text import InputError
from encoded_text.colors import blank_colors, normalize, separate
from encoded_text.layout import Layout

VECTORS = np.array([[0.0, -1.0, 7.0], [1.0, 0.0, 7.0], [2.0, 4.0, 7.0]])


def test_global_uses_one_range_for_all_features():
    colors, numbers = normalize(VECTORS, "global")
    expected = np.rint((VECTORS + 1) / 8 * 255)
    assert colors.dtype == np.uint8
    np.testing.assert_array_equal(colors, expected)
    assert numbers == {"method": "global", "min": -1.0, "max": 7.0}


def test_per_feature_stretches_every_feature():
    colors, numbers = normalize(VECTORS, "per_feature")
    np.testing.assert_array_equal(colors, [[0, 0, 128], [128, 51, 128], [255, 255, 128]])
    assert numbers["min"] == [0, -1, 7]
    assert numbers["max"] == [2, 4, 7]


def test_zscore_maps_three_deviations_to_the_ends():
    column = np.array([0.0] * 99 + [100.0])  # mean 1, deviation 9.95: the last value lies 9.9 deviations out
    colors, numbers = normalize(np.stack([column, np.full(100, 0.1)], axis=1), "zscore")
    mean, deviation = column.mean(), column.std()
    assert numbers["mean"][0] == mean
    assert numbers["std"] == [deviation, 0.0]
    assert colors[0, 0] == round(((0 - mean) / deviation + 3) / 6 * 255)
    assert colors[-1, 0] == 255
    assert (colors[:, 1] == 128).all()


def test_other_methods_and_values_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="minmax"):
        normalize(VECTORS, "minmax")
    with pytest.raises(InputError, match="finite"):
        normalize(np.where(VECTORS == 4, np.nan, VECTORS), "global")


def test_equal_colors_are_separated_by_one_value_changed_by_one():
    colors = np.array([[5, 5], [6, 5], [5, 5], [5, 5], [0, 0]], np.uint8)
    words = ["a", "b", "c", "d", "e"]
    separated, moved = separate(colors, words, blank=np.array([0, 0], np.uint8))
    np.testing.assert_array_equal(separated, [[5, 5], [6, 5], [4, 5], [5, 6], [1, 0]])
    assert moved == 3
    np.testing.assert_array_equal(colors[2], [5, 5])  # the input stays


def test_words_that_differ_stay_as_they_are():
    colors = np.random.default_rng(0).permutation(256)[:, None].astype(np.uint8)
    separated, moved = separate(colors, [str(i) for i in range(256)], blank=None)
    np.testing.assert_array_equal(separated, colors)
    assert moved == 0


def test_words_that_cannot_be_separated_are_refused():
    with pytest.raises(InputError, match="'d'"):  # 7, 8, 6, and then nothing within one step
        separate(np.full((4, 1), 7, np.uint8), list("abcd"), blank=None)


def test_values_beyond_three_deviations_are_cut_off_at_both_ends():
    colors, _ = normalize(np.array([[0.0]] * 99 + [[-100.0]]), "zscore")
    assert colors[-1, 0] == 0 and colors[0, 0] > 127


@pytest.mark.parametrize("method", ["zscore", "per_feature", "global"])
def test_words_for_queries_are_cut_off_too(method):
    vectors = np.array([[0.0, 1.0], [1.0, 3.0], [-90.0, 90.0]])
    assert normalize(vectors, method, fitted=2)[0][2].tolist() == [0, 255]


def test_the_zeros_that_pad_a_word_tell_it_from_a_blank_slot():
    white = Layout(features=4, word_width=2, word_height=1, blank=(255, 255, 255))
    assert blank_colors(white) is None
    assert blank_colors(replace(white, blank=(255, 0, 0))).tolist() == [255, 0, 0, 255]
