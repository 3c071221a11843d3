"""What Recall@K does not see: mixing of the modalities, hubs, words and human judgements."""

from __future__ import annotations

from typing import Any

import numpy as np

from single_net.data.dataset import CaptionDataset
from single_net.evaluation.eccv_caption import eccv_measures
from single_net.evaluation.hubness import hubness
from single_net.evaluation.human_judgements import agreement, read_judgements
from single_net.evaluation.modality_gap import modality_mix
from single_net.evaluation.semantic_recall import CaptionSimilarity, semantic_recall
from single_net.retrieval.neighbors import normalize


def diagnostics(
    image_embeddings: np.ndarray, caption_embeddings: np.ndarray, data: CaptionDataset, protocol: CaptionDataset
) -> dict[str, Any]:
    """All measures beside Recall@K.

    Args:
        image_embeddings, caption_embeddings: float32 (images, dim) and (captions, dim) of all of `data`.
        data: a split.
        protocol: its first images, on which all measures but ECCV Caption stand.

    Returns:
        "modality": modality_gap.modality_mix, with each image's first caption;
        "hubness": hubness.hubness;
        "semantic": semantic_recall.semantic_recall;
        "human_judgements": human_judgements.agreement, None if the data set has no judgements;
        "eccv": eccv_caption.eccv_measures, None if the package or COCO's numbers are missing.
    """
    images, captions = normalize(image_embeddings).numpy(), normalize(caption_embeddings).numpy()
    eccv = None
    if data.numbers:
        caption_numbers = [number for _, of_image in data.numbers for number in of_image]
        eccv = eccv_measures(images, captions, [number for number, _ in data.numbers], caption_numbers)
    owner = protocol.image_of_caption
    images, captions = images[: len(protocol)], captions[: len(owner)]
    judgements = read_judgements(data.judgements_folder) if data.judgements_folder else None
    return {
        "modality": modality_mix(images, captions[np.unique(owner, return_index=True)[1]]),
        "hubness": hubness(images, captions, owner),
        "semantic": semantic_recall(images, captions, CaptionSimilarity(protocol.captions)),
        "human_judgements": agreement(images, captions, protocol, judgements) if judgements else None,
        "eccv": eccv,
    }
