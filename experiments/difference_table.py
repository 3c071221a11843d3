"""The differences of a study's runs from those of their baselines, with intervals."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.compare import differences, interval_text
from experiments.records import KS, SHORT, Record
from experiments.study import Study
from experiments.tables import compact_table

TEXT = """Recall@K of a run minus that of the baseline's run with the same seed, in percentage points, with its 95 %
interval by a paired bootstrap over images (`python -m experiments.compare`). Runs whose records do not hold
which queries succeed are left out."""


def difference_parts(study: Study, named: dict[Record, str]) -> list[str]:
    """Heading, explanation and table; nothing without a run to compare.

    Args:
        study: names the baselines.
        named: {run: its name in the tables}.
    """
    rows = [
        [named[run], named[baseline], run.where, *(interval_text(found[d][k]) for d in SHORT.values() for k in KS)]
        for baseline, run in _pairs(study, named)
        for found in [differences(baseline, run)]
    ]
    if not rows:
        return []
    header = ["Run", "Baseline", "Data", *(f"{short} R@{k}" for short in SHORT for k in KS)]
    return [
        "## Differences from the baseline",
        TEXT.replace("\n", " "),
        compact_table(header, rows, "lll" + "r" * (len(header) - 3)),
    ]


def _pairs(study: Study, named: dict[Record, str]) -> Iterator[tuple[Record, Record]]:
    """(baseline, run) of the same test set and seed."""
    scored = {_key(record, record["variant"]): record for record in named if record.get("metrics.reached")}
    for run in scored.values():
        baseline = scored.get(_key(run, study.line(run["variant"]).baseline))
        if baseline is not None:
            yield baseline, run


def _key(record: Record, variant: str) -> tuple[str, str, str, int]:
    return variant, record.where, str(record["dataset.sha256"]), record["seed"]
