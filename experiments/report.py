"""python -m experiments.report STUDY: published, committed and your own results side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from encoded_text.common.errors import CommandParser, run_command
from encoded_text.common.files import write_atomic
from experiments import compare
from experiments.pages import main_table, notes
from experiments.published import of_the_authors
from experiments.records import DECIMALS, SHORT, Record, time_text
from experiments.settings import differences
from experiments.study import HERE, NAMES, Study, read_study
from experiments.tables import MISSING, bullets, markdown_table
from single_net.retrieval.recall import KS

COMMITTED = HERE.parent / "results" / "records"
RECORDS = Path("runs/records")
REPORTS = Path("runs/reports")
INTERVALS = "Intervals are over test images. They do not cover the variation between trainings, e.g. with other seeds."
Differences = dict[str, dict[int, np.ndarray]]
SIDE_BY_SIDE = ("data", "source")  # columns that tell committed lines from yours


def report(study: Study, committed: Sequence[Record], yours: Sequence[Record]) -> str:
    """The report as Markdown: the study's table with all sources, then each of your runs in detail.

    Args:
        study: what is compared.
        committed: its records in results/records.
        yours: its records in runs/records.
    """
    measured = {"committed": committed, "yours": yours}
    parts = [f"# Report: {study.title}", markdown_table(*main_table(study, measured, SIDE_BY_SIDE))]
    parts.append(bullets([*notes(study, [*committed, *yours]), *([INTERVALS] if yours else [])]))
    for record in yours:
        parts += _compared(study, record, _counterpart(record, committed))
    if not yours:
        parts.append(f"None of your runs is recorded: `{study.command}` trains and evaluates them.")
    return "\n\n".join(parts) + "\n"


def _counterpart(record: Record, committed: Sequence[Record]) -> Record | None:
    """The committed record of the same variant on the same data, of the same seed if there is one."""
    alike = [r for r in committed if (r["variant"], r["dataset.name"]) == (record["variant"], record["dataset.name"])]
    return min(alike, key=lambda r: (r["seed"] != record["seed"], r["seed"]), default=None)


def _compared(study: Study, record: Record, committed: Record | None) -> list[str]:
    published = of_the_authors(study.published, record["variant"])
    cells = published.recalls if published and published.data == record["dataset.name"] else ("-",) * 6
    measures = [(short, SHORT[short], k) for short in SHORT for k in KS]
    between = _between(record, committed)
    rows = [
        [f"{short} R@{k}", MISSING if cell == "-" else cell, *_measured(record, committed, direction, k, between)]
        for (short, direction, k), cell in zip(measures, cells, strict=True)
    ]
    header = ("Recall", "Published", "Committed [95 %]", "Yours", "Difference [95 %]")
    where = f"On {record.where}, seed {record['seed']}, {time_text(record.total_seconds)} on {record['device']}."
    if published and published.data != record["dataset.name"]:
        where += f" The published results are on {published.label}: they cannot be compared with these."
    remarks = [where] if committed else [f"{where} No record of this variant on this data is committed in this study."]
    if committed and (others := differences(committed.config, record.config)):
        listed = ", ".join(f"{key}={now} (committed: {then})" for key, (then, now) in others.items())
        remarks.append(f"Your run differs in its settings: {listed}.")
    if committed and committed.where != record.where:
        remarks.append(f"The committed record is on {committed.where}.")
    remarks += [record["ties"]] if record["ties"] else []
    name = study.line(record["variant"]).name
    title = f"## Yours: {name}" + (f", seed {record['seed']}" if record["seed"] else "")
    return [title, " ".join(remarks), markdown_table(header, rows, "lrrrr")]


def _between(record: Record, committed: Record | None) -> Differences | None:
    """The differences with their intervals, where both records have what it takes."""
    if committed is None or committed["dataset.sha256"] != record["dataset.sha256"]:
        return None
    scored = committed.get("metrics.reached") and record.get("metrics.reached")
    return compare.differences(committed, record) if scored else None


def _measured(
    record: Record, committed: Record | None, direction: str, k: int, between: Differences | None
) -> list[str]:
    """The cells from the committed record to the end."""
    form = f".{DECIMALS[direction]}f"
    yours = record[f"metrics.{direction}.recall.{k}"]
    if committed is None:
        return [MISSING, f"{yours:{form}}", MISSING]
    value = committed[f"metrics.{direction}.recall.{k}"]
    low, high = committed[f"metrics.{direction}.interval_95.{k}"]
    difference = compare.interval_text(between[direction][k]) if between else f"{yours - value:+{form}}"
    return [f"{value:{form}} [{low:{form}}, {high:{form}}]", f"{yours:{form}}", difference]


def write_report(study: Study) -> str:
    """Write runs/reports/STUDY.md and return its text with the path below."""
    text = report(study, study.records(COMMITTED), study.records(RECORDS))
    path = REPORTS / f"{study.name}.md"
    write_atomic(path, text)
    return f"{text}\nreport: {path}"


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.report",
        description="Published, committed and your own results of a study side by side, from the run records.",
        epilog="example: python -m experiments.report table1",
    )
    p.add_argument("study", choices=NAMES)
    print(write_report(read_study(p.parse_args().study)))


if __name__ == "__main__":
    run_command(_main)
