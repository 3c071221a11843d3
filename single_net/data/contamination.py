"""Train/test contamination: the same image in both splits, found by its pixels and not by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from single_net.data.dataset import CaptionDataset
from single_net.data.shared_captions import _sharing

SIDE, COLOURED = 16, 4  # a fingerprint is a grey picture of 16 x 16 and two coloured ones of 4 x 4


GREY, SIZE = SIDE**2, SIDE**2 + 2 * COLOURED**2  # bytes


# Cosine of the grey parts from which two fingerprints are the same photograph. Photographs of Flickr8k saved again
# (150 x 112, JPEG quality 30) and read at another size: 0.997 or more; the two most alike of different ones, training
# and test split: 0.962; of the embedded scenes, which are simpler: 0.987.
SAME = 0.994


SAME_COLOUR = 8  # mean difference of the coloured parts up to which they are: a red and a blue shirt are two pictures


FLAT = 2.0  # grey levels of standard deviation; below, a picture has nothing to be recognised by


@dataclass(frozen=True)
class Seen:
    """What a run has learnt from.

    photographs  int8 (pictures, 288), from `fingerprints`
    captions     int64, sorted, from `caption_numbers`: captions read without their photographs
    """

    photographs: np.ndarray
    captions: np.ndarray

    def require_unseen(
        self, data: CaptionDataset, pictures: np.ndarray, what: str, mend: str = "test it on other pictures"
    ) -> dict[str, Any]:
        """Refuse to test on what was seen. `pictures`, uint8 (n, size, size, 3), are those of `data`; `what` names the
        run, `mend` says what to do. Returns how close it came, for the run record: {"photographs", "captions",
        "nearest"}, the first two 0.

        Raises InputError naming the first picture that is among the training pictures, or one of whose captions was
        learnt from without its photograph, and how many there are.
        """
        where = f"of the {len(data)} {data.split} pictures of {data.name}"
        same, nearest = compare(fingerprints(pictures), self.photographs)
        if len(same := np.flatnonzero(same)):
            raise InputError(
                f"{what} was trained on {len(same)} {where}, e.g. {data.ids[same[0]]} (told by the photograph, "
                f"whatever its name): {mend}"
            )
        if same := _sharing(data, self.captions):
            raise InputError(
                f"{what} learnt words from captions {where} ({len(same)}, e.g. {data.ids[same[0]]}): test it on other "
                "pictures, or leave encoder.more_captions out"
            )
        return {"photographs": 0, "captions": 0, "nearest": round(nearest, 4)}


def fingerprints(pictures: np.ndarray) -> np.ndarray:
    """uint8 (n, size, size, 3) -> int8 (n, 288), much the same for a photograph of any size and compression.

    256 values: grey, averaged to 16 x 16, without the mean, in multiples of 1/127 of the largest value (all zero for
    pictures of hardly any contrast); 32 values: half of red - green and of blue - green, averaged to 4 x 4.
    """
    import torch
    from torch.nn import functional as F

    result = np.zeros((len(pictures), SIZE), np.int8)
    chunks = range(0, len(pictures), 256)
    for start in progress(chunks, what="fingerprints of photographs", total=len(chunks), unit="x 256"):
        part = torch.from_numpy(np.array(pictures[start : start + 256])).permute(0, 3, 1, 2).float()
        grey = F.interpolate(part.mean(1, keepdim=True), (SIDE, SIDE), mode="area").flatten(1)
        grey -= grey.mean(1, keepdim=True)
        scaled = grey * (127 / grey.abs().amax(1, keepdim=True).clamp(min=1e-6))
        scaled[grey.square().mean(1).sqrt() < FLAT] = 0
        colour = F.interpolate((part[:, ::2] - part[:, 1:2]) / 2, (COLOURED, COLOURED), mode="area").flatten(1)
        result[start : start + 256] = torch.cat([scaled, colour], 1).round().to(torch.int8).numpy()
    return result


class Rows:
    """Some rows of an array on disk, read when indexed; as many as there are `rows`, int64, in their order."""

    def __init__(self, array: np.ndarray, rows: np.ndarray):
        self._array, self._rows = array, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: slice | np.ndarray) -> np.ndarray:
        return self._array[self._rows[which]]


def compare(queries: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, float]:
    """Fingerprints (n, 288) and (m, 288) -> bool (n,): is the same photograph among the others; and the largest cosine
    of two grey parts."""
    grey = [
        f[:, :GREY] / np.maximum(np.linalg.norm(f[:, :GREY], axis=1, keepdims=True), 1)
        for f in (queries.astype(np.float32), among.astype(np.float32))
    ]
    same, nearest = np.zeros(len(queries), bool), 0.0
    for start in range(0, len(queries), 256):
        cosine = grey[0][start : start + 256] @ grey[1].T
        nearest = max(nearest, float(cosine.max(initial=0)))
        which, candidate = np.nonzero(cosine >= SAME)
        colour = queries[start + which, GREY:].astype(np.int16) - among[candidate, GREY:]
        same[start + which[np.abs(colour).mean(axis=1) <= SAME_COLOUR]] = True
    return same, nearest
