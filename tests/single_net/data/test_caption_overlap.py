"""Captions that two data sets share."""

from __future__ import annotations

from single_net.data.caption_overlap import caption_hashes, images_with_captions, without_overlap
from single_net.data.dataset import CaptionDataset


def data(n: int, captions: list[str] | None = None, split: str = "test", name: str = "p{}") -> CaptionDataset:
    captions = captions or [f"caption {i} of {split}" for i in range(n)]
    return CaptionDataset("made-up", split, [name.format(i) for i in range(n)], [None] * n, [[c] for c in captions])


def test_captions_count_as_equal_by_their_words():
    a, b, c = (caption_hashes([text]) for text in ("A dog, running !", "a dog running", "running a dog"))
    assert a == b and a != c
    assert len(caption_hashes(["!", "", "dog"])) == 1


def test_images_that_may_be_tested_on_are_left_out_of_extra_captions():
    more = data(4, ["a dog runs", "a bird", "a cow", "a horse"], "train", "10002682{:02}.jpg")
    tested = data(2, ["A bird.", "two fish"], "val", "10002682{:02}_693b08cb0e.jpg").select([1])
    assert list(without_overlap(more, [tested]).ids) == [
        "1000268200.jpg",  # not tested: only the second of the tested names was selected
        "1000268202.jpg",
        "1000268203.jpg",
    ]
    by_caption = data(1, ["A bird ."], "test", "other{}")
    assert list(without_overlap(more, [tested, by_caption]).ids) == [
        "1000268200.jpg",
        "1000268202.jpg",
        "1000268203.jpg",
    ]


def test_the_images_that_share_a_caption_are_named_by_their_index():
    hashes = caption_hashes(["a cow", "a DOG runs!"])
    assert images_with_captions(data(4, ["a dog runs", "a bird", "a cow", "a horse"]), hashes) == [0, 2]
    assert images_with_captions(data(2), caption_hashes([])) == []
