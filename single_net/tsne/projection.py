"""t-SNE of the image and caption embeddings of a data set (paper, section 5.1, Figure 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.common.errors import InputError

if TYPE_CHECKING:
    from single_net.data.dataset import CaptionDataset
    from single_net.inference.embedding_cache import Embedded

IMAGES, CAPTIONS = 1000, 5  # the paper's figure: 1,000 images with five captions each


@dataclass(frozen=True)
class TsneMap:
    """A data set in the plane, with the items of a third modality if there is one.

    Attributes:
        data: the images and captions.
        places: float32 (images + captions + items, 2), images first, in the order of `data`.
        recall_10: R@10 of image-to-sentence and sentence-to-image among these items, in percent.
        chance_10: the same of a random ranking.
        modality_gap: distance between the mean image and the mean caption embedding, 0 to 2.
        third: name of the third modality, e.g. "speech"; "" for none.
        caption_of_third: int64 (items,), the caption that each item belongs to.
    """

    data: CaptionDataset
    places: np.ndarray
    recall_10: tuple[float, float]
    chance_10: tuple[float, float]
    modality_gap: float
    third: str = ""
    caption_of_third: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def title(self) -> str:
        """What is shown; R@10; and its chance level and the modality gap: three lines."""
        from single_net.data.load import label

        data, (i2t, t2i), by_chance = self.data, self.recall_10, self.chance_10
        return (
            f"{label(data.name)} {data.split}: {len(data):,} images, "
            f"{len(data.flat_captions):,} captions\n"
            f"R@10 {i2t:.1f} image-to-sentence | {t2i:.1f} sentence-to-image\n"
            f"chance {by_chance[0]:.1f} | {by_chance[1]:.1f}, modality gap {self.modality_gap:.2f}"
        )


def tsne_map(
    embedded: Embedded,
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    third: tuple[str, np.ndarray, np.ndarray] | None = None,
) -> TsneMap:
    """Project images and captions together, by scikit-learn's t-SNE (van der Maaten and Hinton 2008; Barnes-Hut).

    The embeddings are L2-normalized, and the map starts from their first two principal components.

    Args:
        embedded: the data set and its embeddings.
        perplexity: of t-SNE, below the number of items.
        seed: of t-SNE.
        third: name of a third modality, its embeddings, float32 (items, d), and the caption of each.

    Raises:
        InputError: perplexity does not fit the number of items, or the embeddings are all equal or have one dimension.
    """
    from sklearn.manifold import TSNE

    from single_net.retrieval.chance import chance
    from single_net.retrieval.embeddings import normalize
    from single_net.retrieval.ranks import I2T, T2I
    from single_net.retrieval.recall import modality_gap, recall_at_k

    data, images, captions = embedded
    name, of_third, caption_of_third = third or ("", captions[:0], np.empty(0, np.int64))
    unit = [normalize(of_one) for of_one in (images, captions, *([of_third] if third else []))]
    points = np.concatenate([of_one.numpy() for of_one in unit])
    if points.shape[1] < 2:
        raise InputError("embeddings of one dimension: there is nothing to project")
    if (points == points[0]).all():  # scikit-learn would crash
        raise InputError("all embeddings are equal: there is nothing to draw")
    if not 1 <= perplexity < len(points):
        raise InputError(f"--perplexity {perplexity:g}: choose 1 to {len(points) - 1}, below the number of points")
    recall = recall_at_k(images, captions, data.image_of_caption, ks=(10,))
    by_chance = chance(np.bincount(data.image_of_caption), len(captions), 10), chance(np.ones(1), len(images), 10)
    places = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=-1).fit_transform(points)
    recall_10, gap = (recall[I2T][10], recall[T2I][10]), modality_gap(unit[0], unit[1])
    return TsneMap(data, places.astype(np.float32), recall_10, by_chance, gap, name, caption_of_third)
