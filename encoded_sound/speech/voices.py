"""Who speaks a caption, how fast and how high: drawn from a seed, with other voices for each split."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import numpy as np

from encoded_text.common.errors import InputError

SEED = 1807
ACCENTS = ("en-us", "en-us-nyc", "en", "en-gb-x-rp", "en-gb-scotland", "en-029")
# Variants of espeak-ng 1.52 that differ to the ear and are intelligible. No voice is in two splits.
VARIANTS = {
    "train": (
        *("f1", "f2", "f4", "m1", "m2", "m3", "m5", "m6", "m7", "klatt", "klatt3", "klatt5", "Alicia", "Annie"),
        *("belinda", "ed", "edward", "grandma", "ian", "max", "miguel", "pablo", "Mario", "robert"),
    ),
    "val": ("f3", "m4", "linda", "rob", "Hugo", "steph"),
    "test": ("f5", "m8", "shelby", "victor", "Michael", "Jacky"),
}
RATES = (150, 200)  # words a minute, from ... to
PITCHES = (35, 65)  # of 0 to 99


class Voice(NamedTuple):
    """How a caption is spoken."""

    voice: str  # accent+variant, as espeak-ng names them
    rate: int  # words a minute
    pitch: int  # 0 to 99


def voices_of(split: str, image_id: str, captions: int) -> list[Voice]:
    """The voices of an image's captions: as long as there are enough, each has another one.

    Args:
        split: "train", "val" or "test"; each has variants of its own.
        image_id: the choice depends on it, and not on the image's place in the split.
        captions: number of captions.

    Raises:
        InputError: another split.
    """
    if split not in VARIANTS:
        raise InputError(f"no voices for the split {split!r}: choose {', '.join(VARIANTS)}")
    key = json.dumps([SEED, split, image_id]).encode()
    rng = np.random.default_rng(list(hashlib.sha256(key).digest()))
    variants = rng.permutation(VARIANTS[split])
    return [
        Voice(
            f"{ACCENTS[rng.integers(len(ACCENTS))]}+{variants[i % len(variants)]}",
            int(rng.integers(RATES[0], RATES[1] + 1)),
            int(rng.integers(PITCHES[0], PITCHES[1] + 1)),
        )
        for i in range(captions)
    ]
