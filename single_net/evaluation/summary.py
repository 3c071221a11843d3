"""A run record in a few lines for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from single_net.evaluation.teacher_comparison import WORDS
from single_net.evaluation.third import DIRECTIONS
from single_net.retrieval.ranks import I2T, T2I

NAMES = {I2T: "image-to-sentence", T2I: "sentence-to-image"}


def summary(record: dict[str, Any]) -> str:
    """The scores, and what is to be known about them.

    Args:
        record: from record.run_record.

    Returns:
        Lines: what was scored of what; recalls by direction; and, if there is something to tell, the whole split,
        the five folds, captions that images share, ties, and words that are not in the vocabulary.
    """
    lines = [_title(record)]
    lines += [_direction(name, record["metrics"][direction]) for direction, name in NAMES.items()]
    return "\n".join(
        [
            *lines,
            *_third(record.get("third")),
            *_teachers(record.get("teacher")),
            *_whole_split(record["full_split"]),
            *_ties(record),
            *_words(record["coverage"]["test"]),
        ]
    )


def _direction(name: str, one: dict[str, Any]) -> str:
    recalls = "  ".join(
        f"R@{k} {value:5.2f} [{one['interval_95'][k][0]:.1f}, {one['interval_95'][k][1]:.1f}]"
        for k, value in one["recall"].items()
    )
    ranks = f"median rank {one['median_rank']:g}  mAP {one['mAP']:.2f}"
    return f"{name:>18}: {recalls}  {ranks}  (chance R@10 {one['chance']['10']:.2f})"


def _third(third: dict[str, Any] | None) -> list[str]:
    """Lines for a model of three modalities."""
    if third is None:
        return []
    about = third["about"]
    short = about["name"]
    names = {"third": short, "image": "image", "sentence": "sentence"}
    lines = [f"{about.get('kind', short)}, {about['items']:,} items:"]
    for direction in DIRECTIONS:
        one, _, other = direction.partition("_to_")
        lines.append(_direction(f"{names[one]}-to-{names[other]}", third[direction]))
    return lines


def _title(record: dict[str, Any]) -> str:
    data, available = record["dataset"], record["available"]
    images, captions = f"{data['images']:,} images", f"{data['captions']:,} captions"
    if available["images"] > data["images"]:
        images = f"the first {data['images']:,} of {available['images']:,} images"
    if (own := available["captions_of_these"]) > data["captions"]:
        captions = f"{data['captions']:,} of their {own:,} captions (the first five of each)"
    return f"{record['title']} on {data['name']} {data['split']}: {images}, {captions}"


def _teachers(teacher: dict[str, Any] | None) -> list[str]:
    """Lines for a taught model."""
    if teacher is None:
        return []
    return [
        f"{WORDS[pair]}:\n" + "\n".join(f"{name:>18}: {_recalls(recall[d])}" for d, name in NAMES.items())
        for pair, recall in teacher.items()
    ]


def _whole_split(full: dict[str, Any] | None) -> list[str]:
    if full is None:
        return []
    lines = [f"whole split, {full['images']:,} images and {full['captions']:,} captions:"]
    lines += [f"{name:>18}: {_recalls(full['metrics'][d]['recall'])}" for d, name in NAMES.items()]
    if folds := full["metrics"]["extra"]["five_fold"]:
        lines.append("five folds of 1,000 images, mean and standard deviation:")
        lines += [
            f"{name:>18}: "
            + "  ".join(
                f"R@{k} {v:5.2f} ± {folds['standard_deviation'][d][k]:.2f}" for k, v in folds["mean"][d].items()
            )
            for d, name in NAMES.items()
        ]
    return lines


def _ties(record: dict[str, Any]) -> list[str]:
    shared, metrics, lines = record["shared_captions"], record["metrics"], []
    if shared["captions"]:
        captions = record["dataset"]["captions"]
        told = f"{shared['captions']:,} of {captions:,} captions are encoded like one of another image"
        if shared["images"]:
            told += f", and {shared['images']:,} images have no other"
        below = [name for name, d in ((n, d) for d, n in NAMES.items()) if min(shared["ceiling"][d].values()) < 100]
        lines.append(told + ("; so no model can reach more than" if below else ""))
        lines += [f"{name:>18}: {_recalls(shared['ceiling'][d])}" for d, name in NAMES.items() if name in below]
    if any(metrics[d]["expected_recall"] != metrics[d]["recall"] for d in NAMES):
        lines.append("with equal distances in random order, not against the system:")
        lines += [f"{name:>18}: {_recalls(metrics[d]['expected_recall'])}" for d, name in NAMES.items()]
    return lines


def _words(coverage: Mapping[str, int]) -> list[str]:
    words, unknown = coverage["words"], coverage["unknown_words"]
    told = [f"{unknown:,} of {words:,} words are not in the vocabulary and left out"] if unknown else []
    told += [f"{coverage['blank_captions']:,} captions are blank"] if coverage["blank_captions"] else []
    told += [f"{coverage['truncated_captions']:,} are cut off"] if coverage["truncated_captions"] else []
    return ["; ".join(told)] if told else []


def _recalls(recall: Mapping[str, float]) -> str:
    return "  ".join(f"R@{k} {value:5.2f}" for k, value in recall.items())
