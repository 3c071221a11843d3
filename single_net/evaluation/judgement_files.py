"""Flickr8k's human judgements of whether a caption fits an image.

Hodosh, Young and Hockenmaier 2013 publish two files with Flickr8k, about images and captions of its test split::

    ExpertAnnotations.txt       IMAGE  IMAGE#k  1..4 1..4 1..4   three experts: 1 unrelated .. 4 without errors
    CrowdFlowerAnnotations.txt  IMAGE  IMAGE#k  share yes no     how many people said that it fits, or does not
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from single_net.data.dataset import JUDGEMENTS
from single_net.data.readers import packed

EXPERTS, CROWD = JUDGEMENTS

Pair = tuple[str, str, int]  # an image, and a caption: the image it describes and its number from 0


@dataclass(frozen=True)
class Judgements:
    """What people said about pairs of an image and a caption.

    Attributes:
        experts: three ratings, 1 to 4.
        crowd: how many said yes, and how many no.
    """

    experts: dict[Pair, tuple[int, int, int]]
    crowd: dict[Pair, tuple[int, int]]

    def accepted(self) -> list[Pair]:
        """The pairs that fit, sorted: a median rating of 3 or more, or more yes than no where no expert was asked."""
        by_crowd = {pair for pair, (yes, no) in self.crowd.items() if yes > no}
        by_experts = {pair for pair, ratings in self.experts.items() if np.median(ratings) >= 3}
        return sorted(by_experts | (by_crowd - self.experts.keys()))


def read_judgements(folder: Path | zipfile.Path) -> Judgements | None:
    """Read the judgements.

    Args:
        folder: of the two files, or a packed file that holds them.

    Returns:
        The judgements, or None unless both files are there.

    Raises:
        InputError: a line is not a judgement, a pair is judged twice, or a file is not UTF-8 or damaged.
    """
    paths = folder / EXPERTS, folder / CROWD
    if not all(path.is_file() for path in paths):
        return None
    experts: dict[Pair, tuple[int, int, int]] = {}
    for pair, (a, b, c) in _read(paths[0], lambda ratings: set(ratings) <= set("1234")):
        experts[pair] = int(a), int(b), int(c)
    crowd = {pair: (int(yes), int(no)) for pair, (_, yes, no) in _read(paths[1], _are_votes)}
    return Judgements(experts, crowd)


def _are_votes(words: list[str]) -> bool:
    return all(map(_is_number, words[1:])) and any(map(int, words[1:]))


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) < 10


def _read(path: Path | zipfile.Path, valid: Callable[[list[str]], bool]) -> list[tuple[Pair, list[str]]]:
    """The pairs of a file, each with its last three words, for which `valid` must hold."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except packed.DAMAGE as error:
        raise InputError(f"{path}: damaged ({error}): {packed.MEND}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason}): it is not Flickr8k's file") from error
    judged = []
    seen: dict[Pair, int] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        image_of_caption, _, which = words[1].rpartition("#") if len(words) == 5 else ("", "", "")
        if not (image_of_caption and _is_number(which) and valid(words[2:])):
            raise InputError(f"{path} line {number}: not a judgement (image, caption, three numbers): {line[:60]!r}")
        pair = words[0], image_of_caption, int(which)
        if pair in seen:
            raise InputError(f"{path} line {number}: judged in line {seen[pair]} already")
        seen[pair] = number
        judged.append((pair, words[2:]))
    return judged
