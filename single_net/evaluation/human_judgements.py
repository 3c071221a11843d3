"""What people say: Flickr8k's judgements of whether a caption fits an image, and how the embedding agrees with them.

Hodosh, Young and Hockenmaier 2013 publish two files beside Flickr8k, about images and captions of its test split:

    ExpertAnnotations.txt       IMAGE  IMAGE#k  1..4 1..4 1..4   three experts: 1 unrelated .. 4 without errors
    CrowdFlowerAnnotations.txt  IMAGE  IMAGE#k  share yes no     how many people said that it fits, or not
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset
from single_net.evaluation.hubness import recall_of_matrix
from single_net.retrieval.distances import distances, pair_distances
from single_net.retrieval.recall import I2T, T2I

EXPERTS, CROWD = "ExpertAnnotations.txt", "CrowdFlowerAnnotations.txt"
FITS = {
    "experts": "the median of three ratings is 3 (minor errors) or 4 (no errors)",
    "crowd": "more people said yes than no",
}

Pair = tuple[str, str, int]  # image, and the caption: its image and its number from 0


@dataclass(frozen=True)
class Judgements:
    experts: dict[Pair, tuple[int, int, int]]  # three ratings, 1 to 4
    crowd: dict[Pair, tuple[int, int]]  # how many said yes, and how many no

    def accepted(self) -> list[Pair]:
        """The pairs that fit according to FITS; the experts' word counts where both were asked."""
        by_crowd = {pair for pair, (yes, no) in self.crowd.items() if yes > no}
        by_experts = {pair for pair, ratings in self.experts.items() if np.median(ratings) >= 3}
        return sorted(by_experts | (by_crowd - self.experts.keys()))


def read_judgements(folder: Path) -> Judgements | None:
    """The judgements in `folder`, or None where the two files are not both there.

    Raises InputError naming file and line for anything in them that is no judgement.
    """
    paths = folder / EXPERTS, folder / CROWD
    if not all(path.is_file() for path in paths):
        return None
    experts = {pair: tuple(map(int, r)) for pair, r in _read(paths[0], lambda r: set(r) <= set("1234"))}
    crowd = {
        pair: (int(yes), int(no))
        for pair, (_, yes, no) in _read(
            paths[1], lambda r: r[1].isdecimal() and r[2].isdecimal() and r[1:] != ["0", "0"]
        )
    }
    return Judgements(experts, crowd)


def _read(path: Path, valid: Callable[[list[str]], bool]) -> list[tuple[Pair, list[str]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason}): it is not Flickr8k's file") from error
    rows = []
    seen: dict[Pair, int] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        caption, _, which = words[1].rpartition("#") if len(words) == 5 else ("", "", "")
        if not (caption and which.isdecimal() and valid(words[2:])):
            raise InputError(f"{path} line {number}: not a judgement (image, caption, three numbers): {line[:60]!r}")
        pair = words[0], caption, int(which)
        if pair in seen:
            raise InputError(f"{path} line {number}: judged in line {seen[pair]} already")
        seen[pair] = number
        rows.append((pair, words[2:]))
    return rows


def agreement(images: np.ndarray, captions: np.ndarray, data: CaptionDataset, judgements: Judgements) -> dict | None:
    """How well small distances and human judgements agree. None where no judged pair is in `data`.

    images float32 (n, d) and captions float32 (m, d), L2-normalized, in the order of the data. Of an image's own
    captions nothing is asked in "experts" and "crowd", since Recall@K has them already (Hessel et al. 2021, CLIPScore,
    leave out the experts' too):

    "pairs", how many, and "fitting", how many of them fit by "fits"; "kendall_tau_c", scipy's, times 100, between minus
    the distance and every single expert's rating, or the share of people who said yes (chance: 0); "auc", percentage of
    (fitting, not fitting) pairs that the distance puts in the right order (chance: 50). null where all agree.
    "accepted": Recall@K where beside its own every caption counts that people accept: "pairs", how many more there are
    (people were shown only some, so more would fit), and "recall" as metrics.recall_at_k, ties against us as there.
    """
    number = {name: i for i, name in enumerate(data.ids)}
    first = np.concatenate([[0], np.cumsum([len(of_one) for of_one in data.captions])])

    def places(pairs: list[Pair]) -> np.ndarray:
        """int64 (pairs, 2): numbers of image and caption; -1 twice where one is not in the data."""
        result = np.full((len(pairs), 2), -1)
        for row, (image, owner, which) in enumerate(pairs):
            if image in number and owner in number and which < len(data.captions[number[owner]]):
                result[row] = number[image], first[number[owner]] + which
        return result

    of_images, of_captions = torch.as_tensor(images), torch.as_tensor(captions)
    result: dict = {"fits": FITS}
    asked: dict[str, dict] = {"experts": judgements.experts, "crowd": judgements.crowd}
    for name, judged in asked.items():
        pairs = places(list(judged))
        kept = (pairs[:, 0] >= 0) & (data.image_of_caption[pairs[:, 1]] != pairs[:, 0])
        said = np.array(list(judged.values()), float).reshape(len(judged), 3 if name == "experts" else 2)[kept]
        image, caption = torch.as_tensor(pairs[kept]).T
        far = pair_distances(of_images, image, of_captions, caption)
        result[name] = _agree(name, -far.numpy(), said)
    accepted = places(judgements.accepted())
    accepted = accepted[accepted[:, 0] >= 0]
    if not any(result[name]["pairs"] for name in asked) and not len(accepted):
        return None
    result["accepted"] = _accepted_recall(distances(of_images, of_captions).numpy(), data.image_of_caption, accepted)
    return result


def _agree(name: str, near: np.ndarray, said: np.ndarray) -> dict:
    from scipy.stats import kendalltau
    from sklearn.metrics import roc_auc_score

    if name == "experts":
        fits = np.median(said, axis=1) >= 3
        opinion, of = said.ravel(), np.repeat(near, 3)
    else:
        fits = said[:, 0] > said[:, 1]
        opinion, of = said[:, 0] / said.sum(axis=1), near
    decided = 0 < fits.sum() < len(fits)
    tau = kendalltau(of, opinion, variant="c").statistic if len(fits) > 1 else np.nan
    return {
        "pairs": len(fits),
        "fitting": int(fits.sum()),
        "kendall_tau_c": None if np.isnan(tau) else 100 * float(tau),
        "auc": 100 * float(roc_auc_score(fits, near)) if decided else None,
    }


def _accepted_recall(distance: np.ndarray, owner: np.ndarray, accepted: np.ndarray) -> dict:
    """distance float32 (images, captions); accepted int64 (pairs, 2)."""
    right = np.zeros(distance.shape, bool)
    right[owner, np.arange(len(owner))] = True
    more = int((~right[accepted[:, 0], accepted[:, 1]]).sum())
    right[accepted[:, 0], accepted[:, 1]] = True
    recall = {I2T: recall_of_matrix(distance, right), T2I: recall_of_matrix(distance.T, right.T)}
    return {"pairs": more, "recall": recall}
