"""How well distances agree with human judgements of whether a caption fits an image (see `judgement_files`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from single_net.data.dataset import CaptionDataset
from single_net.evaluation.judgement_files import Judgements, Pair
from single_net.retrieval.distances import distances, pair_distances
from single_net.retrieval.ranks import I2T, T2I
from single_net.retrieval.recall import recall_of_matrix

FITS = {
    "experts": "the median of three ratings is 3 (minor errors) or 4 (no errors)",
    "crowd": "more people said yes than no",
}


def agreement(
    images: np.ndarray, captions: np.ndarray, data: CaptionDataset, judgements: Judgements
) -> dict[str, Any] | None:
    """Agreement between small distances and human judgements.

    "experts" and "crowd" leave out an image's own captions, which Recall@K measures already (Hessel et al. 2021,
    CLIPScore, leave out the experts' too).

    Args:
        images: float32 (n, d), L2-normalized, in the order of `data`.
        captions: float32 (m, d), L2-normalized, in the order of `data`.
        data: the images and captions.
        judgements: of pairs of them.

    Returns:
        None if no judged pair is in `data`, otherwise a dictionary for JSON.

        * "fits": when a pair fits, for "experts" and "crowd";
        * "experts", "crowd": "pairs", how many; "fitting", how many of them fit; "kendall_tau_c" times 100 between
          minus the distance and every single expert's rating, or the share of people who said yes (chance: 0); "auc",
          percentage of (fitting, not fitting) pairs that the distance orders correctly (chance: 50). None if all
          judgements are equal.
        * "accepted": Recall@K where, beside its own, every caption counts that people accept: "pairs", how many more
          there are (people were shown only some, so more would fit); "recall", percent by direction and K, ties counted
          against the system.
    """
    number = {name: i for i, name in enumerate(data.ids)}
    first = np.concatenate([[0], np.cumsum([len(of_one) for of_one in data.captions])])

    def indices(pairs: list[Pair]) -> np.ndarray:
        """Image and caption of each pair, int64 (pairs, 2); -1 twice where one is not in the data."""
        result = np.full((len(pairs), 2), -1)
        for row, (image, image_of_caption, which) in enumerate(pairs):
            if image in number and image_of_caption in number:
                owner = number[image_of_caption]
                if which < len(data.captions[owner]):
                    result[row] = number[image], first[owner] + which
        return result

    of_images, of_captions = torch.as_tensor(images), torch.as_tensor(captions)
    result: dict[str, Any] = {"fits": FITS}
    asked: dict[str, dict[Pair, tuple[int, ...]]] = {"experts": {**judgements.experts}, "crowd": {**judgements.crowd}}
    for name, judged in asked.items():
        pairs = indices(list(judged))
        kept = (pairs[:, 0] >= 0) & (data.image_of_caption[pairs[:, 1]] != pairs[:, 0])
        opinions = np.array(list(judged.values()), float).reshape(len(judged), 3 if name == "experts" else 2)[kept]
        image, caption = torch.as_tensor(pairs[kept]).T
        distance = pair_distances(of_images, image, of_captions, caption)
        result[name] = _agree(name, -distance.numpy(), opinions)
    accepted = indices(judgements.accepted())
    accepted = accepted[accepted[:, 0] >= 0]
    if not any(result[name]["pairs"] for name in asked) and not len(accepted):
        return None
    result["accepted"] = _accepted_recall(distances(of_images, of_captions).numpy(), data.image_of_caption, accepted)
    return result


def _agree(name: str, similarity: np.ndarray, opinions: np.ndarray) -> dict[str, Any]:
    """Compare similarities (pairs,) with the opinions (pairs, 3 ratings) or (pairs, yes and no)."""
    from scipy.stats import kendalltau
    from sklearn.metrics import roc_auc_score

    if name == "experts":
        fits = np.median(opinions, axis=1) >= 3
        opinion, similar = opinions.ravel(), np.repeat(similarity, 3)
    else:
        fits = opinions[:, 0] > opinions[:, 1]
        opinion, similar = opinions[:, 0] / opinions.sum(axis=1), similarity
    decided = 0 < fits.sum() < len(fits)
    tau = kendalltau(similar, opinion, variant="c").statistic if len(fits) > 1 else np.nan
    return {
        "pairs": len(fits),
        "fitting": int(fits.sum()),
        "kendall_tau_c": None if np.isnan(tau) else 100 * float(tau),
        "auc": 100 * float(roc_auc_score(fits, similarity)) if decided else None,
    }


def _accepted_recall(distance: np.ndarray, owner: np.ndarray, accepted: np.ndarray) -> dict[str, Any]:
    """Recall@K from distances (images, captions) with the accepted pairs, int64 (pairs, 2), as true ones."""
    relevant = np.zeros(distance.shape, bool)
    relevant[owner, np.arange(len(owner))] = True
    more = int((~relevant[accepted[:, 0], accepted[:, 1]]).sum())
    relevant[accepted[:, 0], accepted[:, 1]] = True
    recall = {I2T: recall_of_matrix(distance, relevant), T2I: recall_of_matrix(distance.T, relevant.T)}
    return {"pairs": more, "recall": recall}
