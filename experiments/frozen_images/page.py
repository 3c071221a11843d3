"""The record of the baselines on frozen image features, as the page results/frozen_images.md."""

from __future__ import annotations

from typing import Any

from experiments.records import DECIMALS, SHORT, device_text
from experiments.tables import bullets, markdown_table
from single_net.data.load import label
from single_net.retrieval.recall import KS

FORMAT = "single-net frozen images 1"
TITLE = "# Frozen features of images, and an LSTM for captions"
NAMES = {
    "classifier": "concatenated and classified (the tutorial)",
    "joint": "in a joint space, with this project's loss",
}


def page(record: dict[str, Any]) -> str:
    """A record as a page: the table, and what is to be known about it."""
    header = ["Image and caption", *(f"{short} R@{k}" for short in SHORT for k in KS), "Trained parameters", "Training"]
    rows = [[name, *_cells(record["lines"][line])] for line, name in NAMES.items()]
    data, training, joint = record["dataset"], record["training_data"], record["lines"]["joint"]
    where = f"{label(data['name'])} {data['split']}, {data['images']:,} × {data['captions']:,}"
    intervals = [f"{name}: {_intervals(record['lines'][line])}" for line, name in NAMES.items()]
    notes = (
        f"A frozen ImageNet network ({record['images'].split()[0]}) sees each image once; an LSTM reads words whose "
        "vectors are learned with it.",
        f"Each line was shown {joint['pairs']:,} pairs of {training['images']:,} images; the best of "
        f"{len(joint['history'])} evaluations on the validation split was tested.",
        f"R@10 with 95 % intervals: {'; '.join(intervals)}.",
        f"Measured on {where}, on {device_text(record['device'])}, seed {record['seed']}. Time is that of training "
        "alone, with the features of the images at hand.",
        "Made by `make reproduce-frozen-images`.",
    )
    alignment = "l" + "r" * (len(header) - 1)
    return f"{TITLE}\n\n{markdown_table(header, rows, alignment)}\n\n{bullets(notes)}\n"


def _cells(line: dict[str, Any]) -> list[str]:
    recalls = [
        f"{line['metrics'][direction]['recall'][str(k)]:.{DECIMALS[direction]}f}"
        for direction in SHORT.values()
        for k in KS
    ]
    return [*recalls, f"{line['parameters']:,}", f"{line['seconds'] / 60:.1f} min"]


def _intervals(line: dict[str, Any]) -> str:
    parts = []
    for direction in SHORT.values():
        scores, form = line["metrics"][direction], f".{DECIMALS[direction]}f"
        low, high = scores["interval_95"]["10"]
        parts.append(f"{scores['recall']['10']:{form}} [{low:{form}}, {high:{form}}]")
    return " | ".join(parts)
