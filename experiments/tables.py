"""Tables as Markdown, LaTeX and CSV text."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from tabulate import tabulate

MISSING = "–"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]], alignment: str) -> str:
    """A table in Markdown.

    Args:
        header: one heading per column.
        rows: the cells, one sequence per line.
        alignment: one letter per column, "l" or "r".
    """
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    return _tabulate(cells[0], cells[1:], alignment, "pipe")


def bullets(lines: Sequence[str]) -> str:
    """A Markdown list."""
    return "\n".join(f"- {line}" for line in lines)


def compact_table(header: Sequence[str], rows: Sequence[Sequence[str]], alignment: str) -> str:
    """As `markdown_table`, without columns that have no value, and a "Data" that is everywhere the same above it."""
    kept, above = [], ""
    for number, heading in enumerate(header):
        cells = {row[number] for row in rows}
        if heading == "Data" and len(rows) > 1 and len(cells) == 1:
            above = f"All on {cells.pop()}.\n\n"
        elif cells != {MISSING}:
            kept.append(number)
    table = markdown_table(
        [header[number] for number in kept],
        [[row[number] for number in kept] for row in rows],
        "".join(alignment[number] for number in kept),
    )
    return above + table


def latex_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], alignment: str, notes: Sequence[str]
) -> str:
    """A table environment for \\input that needs no package; arguments as of `markdown_table`, `notes` stand below."""
    cells = [[latex_text(cell) for cell in row] for row in (header, *rows)]
    table = _tabulate(cells[0], cells[1:], alignment, "latex_raw")
    below = "\n".join(latex_text(note.replace("`", "")) + r"\par" for note in notes)
    caption = rf"\caption{{{latex_text(title)}}}"
    return "\n".join(
        (r"\begin{table}", r"\centering", caption, table, r"\par\smallskip\footnotesize", below, r"\end{table}", "")
    )


def csv_text(header: Sequence[str], lines: Sequence[Mapping[str, object]]) -> str:
    """A CSV file's text; what a line does not have stays empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def latex_text(text: str) -> str:
    """Text with LaTeX's special characters escaped, in ASCII."""
    special = {
        **{c: f"\\{c}" for c in "&%$#_{}"},
        **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
        **{"–": "--", "×": r"$\times$", "±": r"$\pm$", "<": "$<$", ">": "$>$", "|": "$|$"},
    }
    return "".join(special.get(c, c) for c in text)


def _tabulate(header: Sequence[str], rows: Sequence[Sequence[str]], alignment: str, form: str) -> str:
    sides = ["left" if letter == "l" else "right" for letter in alignment]
    text: str = tabulate(rows, header, tablefmt=form, disable_numparse=True, colalign=sides if rows else None)
    return text
