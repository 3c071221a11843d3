"""The differences of a study's runs from their baselines, and between seeds, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from experiments.compare import differences, interval_text
from experiments.records import SHORT, Record, same_but_seed
from experiments.study import Study
from experiments.tables import compact_table
from single_net.retrieval.recall import KS

TEXT = """Recall@K of a run minus that of the baseline's run with the same seed, in percentage points, with its 95 %
interval by a paired bootstrap over images (`python -m experiments.compare`). Runs whose records do not hold
which queries succeed are left out."""


BETWEEN_SEEDS = """The same between runs of one configuration whose seeds differ. The intervals do not cover the
variation between trainings: {outside} of {all} exclude zero, where about one in twenty would if all seeds had the same
recall on new images."""


def difference_parts(study: Study, named: dict[Record, str]) -> list[str]:
    """Headings, explanations and tables: runs against their baselines, and seeds against each other.

    Nothing without runs to compare.

    Args:
        study: names the baselines.
        named: {run: its name in the tables}.
    """
    parts = []
    if against := [(pair, differences(*pair)) for pair in _with_baseline(study, named)]:
        parts += ["## Differences from the baseline", TEXT.replace("\n", " "), _table(against, named, "Baseline")]
    if between := [(pair, differences(*pair)) for pair in _with_other_seed(named)]:
        intervals = [found[d][k][1:] for _, found in between for d in SHORT.values() for k in KS]
        outside = sum(low > 0 or high < 0 for low, high in intervals)
        text = BETWEEN_SEEDS.replace("\n", " ").format(outside=outside, all=len(intervals))
        parts += ["## Differences between seeds", text, _table(between, named, "Other seed")]
    return parts


def _table(
    compared: Iterable[tuple[tuple[Record, Record], dict[str, dict[int, np.ndarray]]]],
    named: dict[Record, str],
    heading: str,
) -> str:
    rows = [
        [named[run], named[first], run.where, *(interval_text(found[d][k]) for d in SHORT.values() for k in KS)]
        for (first, run), found in compared
    ]
    header = ["Run", heading, "Data", *(f"{short} R@{k}" for short in SHORT for k in KS)]
    return compact_table(header, rows, "lll" + "r" * (len(header) - 3))


def _with_other_seed(named: dict[Record, str]) -> Iterator[tuple[Record, Record]]:
    """Pairs of runs that differ in their seeds alone."""
    for runs in same_but_seed([record for record in named if record.get("metrics.reached")]):
        for first, run in combinations(runs, 2):
            if first["dataset.sha256"] == run["dataset.sha256"] and first["seed"] != run["seed"]:
                yield first, run


def _with_baseline(study: Study, named: dict[Record, str]) -> Iterator[tuple[Record, Record]]:
    """(baseline, run) of the same test set and seed."""
    scored = {_key(record, record["variant"]): record for record in named if record.get("metrics.reached")}
    for run in scored.values():
        baseline = scored.get(_key(run, study.line(run["variant"]).baseline))
        if baseline is not None:
            yield baseline, run


def _key(record: Record, variant: str) -> tuple[str, str, str, int]:
    return variant, record.where, str(record["dataset.sha256"]), record["seed"]
