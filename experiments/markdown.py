"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]], alignment: str) -> str:
    """A Markdown table whose columns also line up as plain text; `alignment` has one of "l", "r" a column."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = [
        " | ".join(c.ljust(w) if a == "l" else c.rjust(w) for c, w, a in zip(row, widths, alignment, strict=True))
        for row in cells
    ]
    rule = " | ".join("-" * w if a == "l" else "-" * (w - 1) + ":" for w, a in zip(widths, alignment, strict=True))
    return "\n".join(f"| {line} |" for line in (padded[0], rule, *padded[1:]))
