"""Clusters of images with similar captions."""

from __future__ import annotations

import pytest

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.tsne.clusters import cluster_images


def test_clusters_are_named_after_the_words_that_mark_them_out():
    captions = [["a dog runs", "the dog barks"]] * 4 + [["a boat sails", "one boat on water"]] * 4
    data = CaptionDataset("made-up", "test", [str(i) for i in range(8)], [None] * 8, captions)
    labels, names = cluster_images(data, 2)
    assert len(set(labels[:4])) == len(set(labels[4:])) == 1 and labels[0] != labels[4]
    assert "dog" in names[labels[0]] and "boat" in names[labels[4]]


def test_more_clusters_than_images_are_refused():
    data = CaptionDataset("made-up", "test", ["0", "1"], [None] * 2, [["a dog"], ["a boat"]])
    with pytest.raises(InputError, match="--clusters 3: choose at most 2"):
        cluster_images(data, 3)


def test_more_clusters_than_different_captions_are_refused():
    captions = [["a red dog"]] * 3 + [["a blue boat"]] * 3
    data = CaptionDataset("made-up", "test", [str(i) for i in range(6)], [None] * 6, captions)
    with pytest.raises(InputError, match=r"--clusters 4: .* form 2 clusters at most"):
        cluster_images(data, 4)


def test_captions_without_spaces_are_split_as_the_run_splits_them():
    captions = [["一只狗在跑", "狗在叫"]] * 3 + [["一条船", "海上的船"]] * 3
    data = CaptionDataset("made-up", "test", [str(i) for i in range(6)], [None] * 6, captions)
    labels, names = cluster_images(data, 2, tokenize=list)
    assert len(set(labels[:3])) == len(set(labels[3:])) == 1 and labels[0] != labels[3]
    assert "狗" in names[labels[0]] and "船" in names[labels[3]]
    assert "船" not in names[labels[0]]


def test_captions_without_words_name_the_option():
    data = CaptionDataset("made-up", "test", ["0", "1"], [None] * 2, [["the"], ["of"]])
    with pytest.raises(InputError, match=r"--clusters 2: the captions hold no words .*: leave --clusters out"):
        cluster_images(data, 2)


def test_names_are_made_of_the_words_that_a_tokenizer_gives():
    """Also of stop words, which the clusters are then made of, too."""
    captions = [["one two"]] * 2 + [["five six"]] * 2
    data = CaptionDataset("made-up", "test", [str(i) for i in range(4)], [None] * 4, captions)
    labels, names = cluster_images(data, 2, tokenize=str.split)
    assert {*names[labels[0]].split(", ")} == {"one", "two"} and {*names[labels[2]].split(", ")} == {"five", "six"}
