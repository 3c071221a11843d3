"""The difference of a study's runs from those of its baseline, with intervals."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.compare import differences, interval_text
from experiments.records import KS, SHORT, Record
from experiments.study import Study
from experiments.tables import markdown_table

TEXT = """Recall@K of a run minus that of the baseline's run with the same seed, in percentage points, with its 95 %
interval by a paired bootstrap over images (`python -m experiments.compare`). Runs whose records do not say what each
query reached are left out."""


def difference_parts(study: Study, named: dict[Record, str]) -> list[str]:
    """Heading, explanation and table; nothing without a run to compare.

    Args:
        study: names the baseline.
        named: {run: its name in the tables}.
    """
    rows = [
        [named[run], run.where, *(interval_text(found[d][k]) for d in SHORT.values() for k in KS)]
        for baseline, run in _pairs(study, named)
        for found in [differences(baseline, run)]
    ]
    if not rows:
        return []
    header = ["Run", "Data", *(f"{short} R@{k}" for short in SHORT for k in KS)]
    heading = f"## Difference from {study.line(study.baseline).name}"
    return [heading, TEXT.replace("\n", " "), markdown_table(header, rows, "ll" + "r" * (len(header) - 2))]


def _pairs(study: Study, named: dict[Record, str]) -> Iterator[tuple[Record, Record]]:
    """(baseline, run) of the same test set and seed."""
    scored = [record for record in named if study.baseline and record.get("metrics.reached")]
    of_baseline = {_test_set(r): r for r in scored if r["variant"] == study.line(study.baseline).variant}
    for record in scored:
        baseline = of_baseline.get(_test_set(record))
        if baseline is not None and baseline is not record:
            yield baseline, record


def _test_set(record: Record) -> tuple[str, str, int]:
    return record.where, str(record["dataset.sha256"]), record["seed"]
