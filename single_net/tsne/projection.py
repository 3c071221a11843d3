"""t-SNE of a data set's image and caption embeddings (paper, section 5.1, Figure 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.common.errors import InputError

if TYPE_CHECKING:
    from single_net.data.dataset import CaptionDataset
    from single_net.inference.embedding_cache import Embedded


PICTURES, CAPTIONS = 1000, 5  # the paper's figure: 1,000 pictures with five captions each


PICTURE, CAPTION = "#1f5fc4", "#d6352f"  # blue and red, as in the paper


@dataclass(frozen=True)
class TsneMap:
    """A data set in the plane. places: float32 (pictures + captions, 2), pictures first, in the order of the data."""

    data: CaptionDataset
    places: np.ndarray
    recall_10: tuple[float, float]  # image-to-sentence and sentence-to-image, percent
    modality_gap: float  # 0 to 2

    @property
    def title(self) -> str:
        from single_net.data.load import LABELS

        data, (i2t, t2i) = self.data, self.recall_10
        return (
            f"{LABELS.get(data.name, data.name)} {data.split}: {len(data):,} pictures, "
            f"{len(data.flat_captions):,} captions\n"
            f"R@10 {i2t:.1f} image-to-sentence | {t2i:.1f} sentence-to-image, modality gap {self.modality_gap:.2f}"
        )


def tsne_map(embedded: Embedded, *, perplexity: float = 30.0, pca: int = 0, seed: int = 0) -> TsneMap:
    """scikit-learn's t-SNE (van der Maaten and Hinton 2008; Barnes-Hut) of the embeddings at length one, pictures and
    captions together, started from their first two principal components.

    pca: first reduce to so many dimensions; 0: not at all. Recall and gap are those of these very embeddings.
    Raises InputError where perplexity or pca do not fit the number of items.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    from single_net.retrieval.neighbors import normalise
    from single_net.retrieval.recall import I2T, T2I, evaluate_retrieval

    data, pictures, captions = embedded
    points = np.concatenate([normalise(pictures).numpy(), normalise(captions).numpy()])
    if not 1 <= perplexity < len(points):
        raise InputError(f"--perplexity {perplexity:g}: choose 1 to {len(points) - 1}, below the number of points")
    if pca and not 2 <= pca <= min(points.shape):
        raise InputError(f"--pca {pca}: choose 2 to {min(points.shape)} dimensions")
    metrics = evaluate_retrieval(pictures, captions, data.image_of_caption, bootstrap=1)
    if pca:
        points = PCA(pca, random_state=seed).fit_transform(points)
    places = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=-1).fit_transform(points)
    recalls = metrics[I2T]["recall"]["10"], metrics[T2I]["recall"]["10"]
    return TsneMap(data, places.astype(np.float32), recalls, metrics["extra"]["modality_gap"])


def groups_of(data: CaptionDataset, number: int, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Semantic groups of the pictures, from their captions: int64 (pictures,), and a name of each group, the three
    words that mark it out most. Raises InputError where there are fewer pictures than groups."""
    if number > len(data):
        raise InputError(f"--groups {number}: choose at most {len(data)}, the number of pictures")
    from sklearn.feature_extraction.text import TfidfVectorizer

    from single_net.losses.targets import semantic_classes

    labels = semantic_classes(data.captions, [number], seed)[:, 0]
    tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    weights = tfidf.fit_transform(" ".join(of_one) for of_one in data.captions)
    words, overall = tfidf.get_feature_names_out(), np.asarray(weights.mean(axis=0)).ravel()
    names = []
    for group in range(number):
        excess = np.asarray(weights[labels == group].mean(axis=0)).ravel() - overall
        names.append(", ".join(words[np.argsort(-excess, kind="stable")[:3]]))
    return labels, names
