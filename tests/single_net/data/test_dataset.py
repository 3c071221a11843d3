"""CaptionDataset: what does not fit together is refused where it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset

DATA = CaptionDataset("mine", "test", ["a", "b"], [None] * 2, [["x", "y"], ["z"]])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"captions": ["a dog", "a cat"]},
            "the captions of an image are one text: give a list of texts for each image",
        ),
        ({"captions": "ab"}, "the captions of an image are one text"),
        ({"captions": [["x"]]}, "mine test: 2 ids, 2 images, 1 lists of captions: there must be one of each"),
        ({"images": []}, "2 ids, 0 images, 2 lists of captions"),
        ({"ids": "ab"}, "the ids are one text"),
        ({"numbers": [(1, [2, 3])]}, "2 lists of captions, 1 numbers"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        replace(DATA, **changes)


def test_only_the_first_of_a_lazy_sequence_is_looked_at():
    class Lazy(Sequence[list[str]]):
        def __len__(self):
            return 2

        def __getitem__(self, i):
            assert i == 0
            return ["x"]

    replace(DATA, captions=Lazy())


def test_images_that_are_not_there():
    with pytest.raises(InputError, match="mine test: there is no image 99, only 2 images"):
        DATA.select([0, 99])
    with pytest.raises(InputError, match="the number of images is -1: give a whole number of at least 0"):
        DATA.first(-1)
    assert list(DATA.select([-1]).ids) == ["b"] and len(DATA.first(9)) == 2 and len(DATA.first(0)) == 0
