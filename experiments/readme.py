"""The README's table of results, between two marks in README.md."""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.common.errors import InputError
from experiments.columns import columns
from experiments.published import Published, of_the_authors, published_lines
from experiments.records import Record, same_but_seed
from experiments.study import Study
from experiments.tables import MISSING, markdown_table

BEGIN, END = "<!-- begin generated: results -->", "<!-- end generated: results -->"
_NOT_TRAINED = "not trained yet"


def fill(text: str, content: str) -> str:
    """The README with the block between BEGIN and END replaced.

    Raises:
        InputError: the two marks are not there, each once and in this order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in before + after:
        raise InputError(f"README.md: should hold {BEGIN} and below it {END}, each once")
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def results_table(studies: Sequence[tuple[Study, Sequence[Record]]]) -> str:
    """R@10 as published and of this project, for the methods and variants that the studies name in `readme`.

    Args:
        studies: each with its committed records.
    """
    rows: list[list[str]] = []
    for study, records in studies:
        others = {line.method: line for line in published_lines(study.published) if not line.variant}
        for variant in study.readme:
            if variant in others:
                line = others[variant]
                rows.append([line.label, variant, _r10(line), MISSING, MISSING])
                continue
            published = of_the_authors(study.published[:1], variant)
            paper = _r10(published) if published else MISSING
            runs = [r for r in records if r["variant"] == variant and r.path.parent.name == study.name]
            groups = same_but_seed(runs)
            if published and not any(group[0]["dataset.name"] == study.data for group in groups):
                rows.append([published.label, published.variant, paper, _NOT_TRAINED, MISSING])
            for group in groups:
                own = published is not None and group[0]["dataset.name"] == study.data
                name = study.line(variant).name.removeprefix("Single-Net (").replace(")", "", 1)
                name += f", {len(group)} seeds" if len(group) > 1 else ""
                measured, chance = (_both(group, what) for what in ("r10", "chance"))
                rows.append([group[0].where, name, paper if own else MISSING, measured, chance])
    rows.sort(key=lambda row: row[3] == _NOT_TRAINED)  # what was measured first
    header = ("Data set", "Method", "Published", "This project", "Chance")
    table = markdown_table(header, rows, "llrrr")
    what = (
        "R@10 (percentage of queries with a true match among the ten nearest), image-to-sentence / sentence-to-image:"
    )
    return f"{what}\n\n{table}"


def _r10(line: Published) -> str:
    return f"{line.recalls[2]} / {line.recalls[5]}"


def _both(runs: list[Record], column: str) -> str:
    return " / ".join(columns()[f"{short}_{column}"].cell(runs) for short in ("i2t", "t2i"))
