"""The README's table of results, between two marks in README.md."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from encoded_text.common.errors import InputError
from experiments.columns import columns
from experiments.published import Published, of_the_authors, published_lines
from experiments.records import Record, same_but_seed
from experiments.study import Study
from experiments.tables import markdown_table

BEGIN, END = "<!-- begin generated: results -->", "<!-- end generated: results -->"
_NOT_TRAINED = "; not trained here yet"


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
    """R@10 of the paper, of others and of this project, for the methods and variants that the studies name in `readme`.

    The paper's lines come first, then what can be compared with published results, then the data set that stands in
    where the study's own is not here.

    Args:
        studies: each with its committed records.
    """
    paper: list[list[str]] = []
    compared: list[list[str]] = []
    stand_in: list[list[str]] = []
    chances: set[str] = set()
    for study, records in studies:
        others = {line.method: line for line in published_lines(study.published) if not line.variant}
        for variant in study.readme:
            if variant in others:
                line = others[variant]
                compared.append([line.label, variant, _r10(line), line.source])
                continue
            runs = [r for r in records if r["variant"] == variant and r.path.parent.name == study.name]
            groups = same_but_seed(runs)
            if published := of_the_authors(study.published[:1], variant):
                trained = any(group[0]["dataset.name"] == study.data for group in groups)
                source = published.source + ("" if trained else _NOT_TRAINED)
                paper.append([published.label, published.variant, _r10(published), source])
            for group in groups:
                name = study.line(variant).name.removeprefix("Single-Net (").replace(")", "", 1)
                name += f", {len(group)} seeds" if len(group) > 1 else ""
                rows = compared if group[0]["dataset.name"] == study.data else stand_in
                rows.append([group[0].where, name, _both(group, "r10"), "this project"])
                chances.add(_both(group, "chance"))
    what = "R@10 (percentage of queries with a true match among the ten nearest), image-to-sentence / sentence-to-image"
    what += f". Chance is {' or '.join(sorted(chances))}." if chances else "."
    what += " Measured test sets: images × captions. In brackets: image features."
    table = markdown_table(("Test set", "Method", "R@10", "Source"), [*paper, *compared, *stand_in], "llrl")
    return f"{chr(10).join(textwrap.wrap(what, 120))}\n\n{table}"


def _r10(line: Published) -> str:
    return f"{line.recalls[2]} / {line.recalls[5]}"


def _both(runs: list[Record], column: str) -> str:
    return " / ".join(columns()[f"{short}_{column}"].cell(runs) for short in ("i2t", "t2i"))
