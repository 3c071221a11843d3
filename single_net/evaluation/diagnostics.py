"""What Recall@K does not show: how the modalities mix, hubs, the words of errors, and human judgements."""

from __future__ import annotations

from typing import Any

import numpy as np

from encoded_text.tokenizer import Tokenizer
from single_net.data.dataset import CaptionDataset
from single_net.evaluation.cider import CaptionSimilarity
from single_net.evaluation.eccv_caption import eccv_measures
from single_net.evaluation.hubness import hubness
from single_net.evaluation.human_judgements import agreement
from single_net.evaluation.judgement_files import read_judgements
from single_net.evaluation.modality_mix import modality_mix
from single_net.evaluation.semantic_recall import semantic_recall
from single_net.retrieval.embeddings import normalize


def diagnostics(
    image_embeddings: np.ndarray,
    caption_embeddings: np.ndarray,
    data: CaptionDataset,
    part: CaptionDataset,
    tokenize: Tokenizer,
) -> dict[str, Any]:
    """All measures beside Recall@K.

    Args:
        image_embeddings: float32 (images, d), of all of `data`.
        caption_embeddings: float32 (captions, d), of all of `data`.
        data: a split.
        part: its first images, the protocol's part; all measures but ECCV Caption are computed on it.
        tokenize: splits a caption into words.

    Returns:
        A dictionary for JSON.

        * "modality": modality_mix.modality_mix, with each image's first caption;
        * "hubness": hubness.hubness;
        * "semantic": semantic_recall.semantic_recall;
        * "human_judgements": human_judgements.agreement; None if the data set has no judgements;
        * "eccv": eccv_caption.eccv_measures; None if the package or COCO's numbers are missing.

    Raises:
        InputError: embeddings that are not finite, or a broken file of judgements.
    """
    images, captions = normalize(image_embeddings).numpy(), normalize(caption_embeddings).numpy()
    eccv = None
    if data.numbers:
        caption_numbers = [number for _, of_image in data.numbers for number in of_image]
        eccv = eccv_measures(images, captions, [number for number, _ in data.numbers], caption_numbers)
    image_of_caption = part.image_of_caption
    images, captions = images[: len(part)], captions[: len(image_of_caption)]
    judgements = read_judgements(data.judgements_folder) if data.judgements_folder else None
    return {
        "modality": modality_mix(images, captions[np.unique(image_of_caption, return_index=True)[1]]),
        "hubness": hubness(images, captions, image_of_caption),
        "semantic": semantic_recall(images, captions, CaptionSimilarity(part.captions, tokenize)),
        "human_judgements": agreement(images, captions, part, judgements) if judgements else None,
        "eccv": eccv,
    }
