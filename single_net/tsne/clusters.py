"""Clusters of images with similar captions, by which a map can be colored."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.tokenizer import Tokenizer
from single_net.data.dataset import CaptionDataset


class Clusters(NamedTuple):
    """Clusters of images.

    Attributes:
        labels: int64 (images,), the cluster of each image.
        names: one per cluster, the three words most typical of it.
    """

    labels: np.ndarray
    names: list[str]


def cluster_images(data: CaptionDataset, number: int, seed: int = 0, tokenize: Tokenizer | None = None) -> Clusters:
    """Cluster images by their captions, as losses.targets.cluster_classes does for training.

    The name of a cluster is made of the words whose mean TF-IDF weight in it exceeds that in all images most.

    Args:
        data: the images and captions.
        number: of clusters.
        seed: of k-means.
        tokenize: splits captions into words; default: as TfidfVectorizer does.

    Raises:
        InputError: there are fewer images than clusters, or too few that differ in their captions, or no words.
    """
    if number > len(data):
        raise InputError(f"--clusters {number}: choose at most {len(data)}, the number of images")
    from sklearn.feature_extraction.text import TfidfVectorizer

    from single_net.losses.targets import cluster_classes, counted_words

    try:
        labels = cluster_classes(data.captions, [number], seed, tokenize=tokenize)[:, 0]
    except InputError as error:
        raise InputError(f"--clusters {number}: {error}: leave --clusters out") from error
    tfidf = TfidfVectorizer(sublinear_tf=True, **counted_words(tokenize))
    weights = tfidf.fit_transform(" ".join(of_one) for of_one in data.captions)
    if len(found := np.unique(labels)) < number:
        raise InputError(f"--clusters {number}: the captions of these images form {len(found)} clusters at most")
    words, overall = tfidf.get_feature_names_out(), np.asarray(weights.mean(axis=0)).ravel()
    names = []
    for cluster in range(number):
        excess = np.asarray(weights[labels == cluster].mean(axis=0)).ravel() - overall
        typical = np.argsort(-excess, kind="stable")[:3]
        names.append(", ".join(words[typical[excess[typical] > 0]]))
    return Clusters(labels, names)
