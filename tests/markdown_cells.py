"""The cells of a Markdown table."""

from __future__ import annotations


def cells(markdown: str) -> list[list[str]]:
    """Header and lines of the first table of a page, without the rule below the header."""
    lines = markdown[markdown.index("\n| ") if not markdown.startswith("|") else 0 :].lstrip("\n").splitlines()
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return [table[0], *table[2:]]
