"""What is learned from the training captions for the loss: classes of images, and caption prototypes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.tokenizer import Tokenizer

CLUSTERED_DIM, PROTOTYPE_DIM = 64, 128


def image_classes(num_images: int) -> np.ndarray:
    """Every image, together with its captions, is a class of its own (the paper): int64 (images, 1)."""
    return np.arange(num_images)[:, None]


def cluster_classes(
    captions: Sequence[list[str]],
    granularities: Sequence[int],
    seed: int,
    more: Sequence[list[str]] = (),
    tokenize: Tokenizer | None = None,
) -> np.ndarray:
    """Clusters of images with similar captions: k-means on caption prototypes, once a granularity.

    Args:
        captions: the captions of each training image.
        granularities: numbers of clusters, coarse to fine.
        seed: of SVD and k-means; the same seed gives the same clusters.
        more, tokenize: as in `caption_prototypes`.

    Returns:
        int64 (images, len(granularities)), each column 0..k-1.

    Raises:
        InputError: fewer images than clusters, or no words to cluster by.
    """
    if not granularities or min(granularities) < 2:
        raise InputError(
            f"loss.granularities are {list(granularities)}: give one or more numbers of clusters, 2 or more"
        )
    if len(captions) < max(granularities):
        raise InputError(
            f"{len(captions)} training images cannot form {max(granularities)} clusters: lower loss.granularities"
        )
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    points = caption_prototypes(captions, CLUSTERED_DIM, seed, more, tokenize)
    with threadpool_limits(1):  # a fixed order of summation, so that a seed gives the same clusters
        each = progress(granularities, what="caption clusters", unit="granularity")
        columns = [KMeans(k, n_init=2, random_state=seed).fit_predict(points) for k in each]
    return np.stack(columns, axis=1).astype(np.int64)


def counted_words(tokenize: Tokenizer | None) -> dict[str, Any]:
    """TfidfVectorizer's options for the words that count, see `caption_prototypes`."""
    return {"analyzer": tokenize} if tokenize else {"stop_words": "english"}


def caption_prototypes(
    captions: Sequence[list[str]],
    dim: int,
    seed: int,
    more: Sequence[list[str]] = (),
    tokenize: Tokenizer | None = None,
) -> np.ndarray:
    """A vector for each image made of its captions' words: latent semantic analysis (Deerwester et al. 1990).

    The captions of an image are joined, weighted by TF-IDF and reduced by truncated SVD (scikit-learn).

    Args:
        captions: the captions of each training image.
        dim: length of a vector, less if the captions hold fewer words.
        seed: of the SVD.
        more: captions of other images, which help to learn weights and dimensions.
        tokenize: splits a caption into words. None: words of two letters and more, without English stop words.

    Returns:
        float (images, dim or fewer), L2-normalized; zeros for an image whose captions hold no word that counts.

    Raises:
        InputError: the captions hold fewer than two different words.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        tfidf = TfidfVectorizer(sublinear_tf=True, **counted_words(tokenize))
        try:
            weighted = tfidf.fit_transform(" ".join(of_one) for of_one in (*captions, *more))
        except ValueError as error:  # nothing but stop words and single letters
            raise InputError(f"the captions hold no words to cluster images by: {error}") from error
        dim = min(dim, weighted.shape[1])
        if dim < 2:
            raise InputError("the captions hold fewer than two different words to cluster images by")
        return normalize(TruncatedSVD(dim, random_state=seed).fit_transform(weighted)[: len(captions)])
