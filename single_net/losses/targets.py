"""Which pictures count as one class for softmax and centre loss: each its own (the paper), or semantic groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress


def picture_classes(pictures: int) -> np.ndarray:
    """Every picture, together with its captions, is a class of its own: int64 (pictures, 1)."""
    return np.arange(pictures)[:, None]


def semantic_classes(
    captions: Sequence[list[str]], granularities: Sequence[int], seed: int, more: Sequence[list[str]] = ()
) -> np.ndarray:
    """Pictures whose captions mean alike share a class: int64 (pictures, len(granularities)), each column 0..k-1.

    The captions of a picture are joined, weighted by TF-IDF, reduced to 64 dimensions by SVD and clustered by k-means,
    once a granularity. All of it is scikit-learn's, on the training captions only, repeatable for a seed. more: as in
    `meanings`.
    Raises InputError where there are fewer pictures than groups.
    """
    if not granularities or min(granularities) < 2:
        raise InputError(f"granularities are {list(granularities)}: give one or more numbers of groups of at least 2")
    if len(captions) < max(granularities):
        raise InputError(
            f"{len(captions)} training pictures cannot form {max(granularities)} semantic groups: lower granularities"
        )
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    meaning = meanings(captions, 64, seed, more)
    with threadpool_limits(1):  # sums in one order, so that the same seed gives the same groups
        each = progress(granularities, what="semantic groups", unit="granularity")
        columns = [KMeans(k, n_init=2, random_state=seed).fit_predict(meaning) for k in each]
    return np.stack(columns, axis=1).astype(np.int64)


def meanings(captions: Sequence[list[str]], dimensions: int, seed: int, more: Sequence[list[str]] = ()) -> np.ndarray:
    """What the captions of each picture are about: float (pictures, dimensions or fewer), rows of length one.

    Latent semantic analysis: the captions of a picture are joined, weighted by TF-IDF and reduced by SVD; all of it is
    scikit-learn's, repeatable for a seed. more: captions of other pictures, which help to learn weights and dimensions.
    Raises InputError where the captions hold fewer than two different words.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True)
        try:
            weighted = tfidf.fit_transform(" ".join(of_one) for of_one in (*captions, *more))
        except ValueError as error:  # nothing but stop words and single letters
            raise InputError(f"the training captions hold no words to group pictures by: {error}") from error
        dimensions = min(dimensions, weighted.shape[1] - 1)
        if dimensions < 1:
            raise InputError("the training captions hold fewer than two different words: nothing to group by")
        return normalize(TruncatedSVD(dimensions, random_state=seed).fit_transform(weighted)[: len(captions)])
