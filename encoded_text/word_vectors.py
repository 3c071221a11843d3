"""Word vectors with as many values as a layout has features: trained by Word2Vec, or reduced from published ones."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from encoded_text.common.arguments import real_number, whole_number
from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress


def fit_word2vec(
    sentences: Sequence[Sequence[str]],
    features: int,
    seed: int,
    *,
    epochs: int = 10,
    window: int = 5,
    negative: int = 5,
    min_count: int = 1,
    sample: float = 1e-3,
    skip_gram: bool = True,
) -> tuple[list[str], np.ndarray, dict[str, Any]]:
    """Train Word2Vec (gensim) on tokenized captions.

    The same seed gives the same vectors in every process: training uses one worker and a hash that does not depend on
    the process.

    Args:
        sentences: the words of each caption.
        features: values of a vector.
        seed: of the initial vectors and of the sampling, 0 to 2**32 - 1.
        epochs: passes over the captions.
        window: largest distance, in words, between a word and its context.
        negative: noise words for each positive one (negative sampling).
        min_count: words that occur less often are left out.
        sample: down-sampling threshold of frequent words; 0 keeps all of them.
        skip_gram: skip-gram, or CBOW where False.

    Returns:
        The words, most frequent first; their vectors, float32 (words, features); and the settings as a JSON-able dict.

    Raises:
        InputError: no word occurs `min_count` times, or a setting is out of range.
    """
    epochs, window, negative, min_count = (
        whole_number(f"Word2Vec's {name}", value, at_least=1)
        for name, value in (("epochs", epochs), ("window", window), ("negative", negative), ("min_count", min_count))
    )
    sample = real_number("Word2Vec's sample", sample)
    if not 0 <= sample < 1:
        raise InputError(f"Word2Vec's sample is {sample}: give a share from 0 to below 1")
    seed = _seed(seed)
    if not isinstance(skip_gram, bool | np.bool_ | int) or skip_gram not in (0, 1):
        raise InputError(f"Word2Vec's skip_gram is {skip_gram!r}: give True or False")
    if not isinstance(skip_gram, int):
        skip_gram = bool(skip_gram)  # NumPy's, which JSON lacks
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    model = Word2Vec(
        vector_size=features,
        seed=seed,
        window=window,
        negative=negative,
        min_count=min_count,
        sample=sample,
        sg=int(skip_gram),
        workers=1,
        hashfxn=_hash,
    )
    model.build_vocab(sentences)
    if not len(model.wv):
        raise InputError(f"no word occurs {min_count} times in the captions: lower min_count or give more captions")
    with progress(what="Word2Vec", total=epochs, unit="epoch") as bar:

        class Advance(CallbackAny2Vec):  # type: ignore[misc]  # gensim has no types
            def on_epoch_end(self, model: Word2Vec) -> None:
                bar.update()

        model.train(sentences, total_examples=model.corpus_count, epochs=epochs, callbacks=[Advance()])
    settings = {
        "epochs": epochs,
        "window": window,
        "negative": negative,
        "min_count": min_count,
        "sample": sample,
        "skip_gram": skip_gram,
        "seed": seed,
    }
    return list(model.wv.index_to_key), model.wv.vectors, {"source": "word2vec", "word2vec": settings}


def reduce_dimensions(
    vectors: np.ndarray, features: int, name: str, fitted: int | None = None
) -> tuple[np.ndarray, dict[str, Any]]:
    """Reduce published vectors to a layout's features by principal component analysis.

    Vectors that have exactly `features` values are returned unchanged.

    Args:
        vectors: float (words, dimensions).
        features: values to keep.
        name: of the vectors, for the error message and the record.
        fitted: the number of words, the first, that decide the components; None: all.

    Returns:
        The vectors, float (words, features), and a JSON-able record of what was done.

    Raises:
        InputError: there are fewer dimensions than features, or fewer words than principal components.
    """
    decisive, others = np.split(vectors, [len(vectors) if fitted is None else fitted])
    words, dimensions = decisive.shape
    source = {"source": name, "words_found": words, "dimensions": dimensions, "pca": dimensions > features}
    if dimensions < features:
        raise InputError(
            f"{name}: the vectors have {dimensions} values, but the layout needs {features} features a word: "
            "use longer vectors or a layout of fewer features"
        )
    if dimensions == features:
        return vectors, source
    if words < features:
        raise InputError(
            f"{name}: {words} words are too few to find {features} principal components: use more captions, "
            f"or vectors of exactly {features} values"
        )
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # one order of summation: the same numbers in every process
        # Of many words the covariance: a fifth of the time and a quarter of the memory, and the same colors.
        solver = "covariance_eigh" if words >= 10 * dimensions else "full"
        pca = PCA(features, svd_solver=solver).fit(decisive.astype(np.float64))
        reduced = [pca.transform(part.astype(np.float64)) for part in (decisive, others) if len(part)]
    return np.concatenate(reduced), {**source, "variance_kept": float(pca.explained_variance_ratio_.sum())}


def _seed(seed: Any) -> int:
    try:
        number = whole_number("the seed", seed, at_least=0)
    except InputError:
        number = -1
    if not 0 <= number < 2**32:
        raise InputError(f"the seed is {seed!r}: give a whole number from 0 to {2**32 - 1}")
    return number


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())
