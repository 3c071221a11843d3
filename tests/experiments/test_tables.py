"""Tables as text."""

from __future__ import annotations

import re

from experiments.tables import compact_table, csv_text, latex_table, latex_text, markdown_table


def test_markdown_escapes_and_lines_up():
    text = markdown_table(["Method", "R"], [["a|b", "1"], ["longer name", "12.50"]], "lr")
    head, rule, first, last = text.splitlines()
    assert len({len(line) for line in (head, rule, first, last)}) == 1
    assert first.startswith("| a\\|b ") and last.endswith(" 12.50 |")
    assert rule.startswith("|:--") and rule.endswith("--:|")


def test_a_table_without_lines_is_its_header():
    assert markdown_table(["Method", "R"], [], "lr").splitlines()[0].split() == ["|", "Method", "|", "R", "|"]


def test_a_compact_table_leaves_out_what_says_nothing():
    header = ["Method", "Data", "Five folds", "R"]
    text = compact_table(header, [["a", "test", "–", "1"], ["b", "test", "–", "–"]], "llrr")
    assert text == "All on test.\n\n" + markdown_table(["Method", "R"], [["a", "1"], ["b", "–"]], "lr")
    different = [["a", "test", "–", "1"], ["b", "val", "2", "3"]]
    assert compact_table(header, different, "llrr") == markdown_table(header, different, "llrr")
    [alone] = different[1:]
    assert compact_table(header, [alone], "llrr") == markdown_table(header, [alone], "llrr")


def test_latex_is_escaped_and_balanced():
    text = latex_table(
        "50% of 1,000 × 5,000", ["A & B", "R"], [[r"more_of {it} #1 $x^2~ C:\x", "1 ± 2"], ["–", "-"]], "lr", ["`a`_b"]
    )
    assert r"more\_of \{it\} \#1 \$x\textasciicircum{}2\textasciitilde{} C:\textbackslash{}x" in text
    assert r"1 $\pm$ 2" in text and r"\caption{50\% of 1,000 $\times$ 5,000}" in text and r"a\_b\par" in text
    rows = text.split(r"\begin{tabular}{lr}")[1].split(r"\end{tabular}")[0].strip().splitlines()
    body = [line for line in rows if line != r"\hline"]
    assert len(body) == 3 and all(line.endswith(r"\\") and len(re.findall(r"(?<!\\)&", line)) == 1 for line in body)
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1
    assert len(re.findall(r"(?<!\\)\{", text)) == len(re.findall(r"(?<!\\)\}", text))
    assert text.isascii()
    assert latex_text("1,000 × 5,000 – x") == r"1,000 $\times$ 5,000 -- x"


def test_csv_quotes_and_leaves_out():
    assert csv_text(["a", "b"], [{"a": 'x, "y"'}, {"b": 1.5}]) == 'a,b\n"x, ""y""",\n,1.5\n'
