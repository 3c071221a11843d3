"""Table 2 of the paper: bidirectional retrieval on Flickr30K. python -m experiments.table2"""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.common.errors import run_command
from experiments.published import TABLE2, TABLE2_LATER
from experiments.tables import Table, make_table

TABLE = Table(
    name="table2",
    title="Table 2: bidirectional retrieval, Recall@K on the Flickr30K 1000-image test set",
    dataset="flickr30k",
    label="Flickr30K",
    rows=TABLE2 + TABLE2_LATER,
    notes=(
        "Rows of the paper (arXiv 1807.07364) are as printed there; [n] is its list of references, – a cell it leaves "
        'empty. "Our Work" are the paper\'s authors.',
        "The authors' follow-up is arXiv 1909.01976; read from the picture imgs/results.png in its repository "
        "(kjanjua26/Do_Cross_Modal_Systems_Leverage_Semantic_Relationships, 7b0be85).",
    ),
    command="make reproduce-table2",
)


def main(arguments: Sequence[str] | None = None) -> None:
    make_table(TABLE, arguments)


if __name__ == "__main__":
    run_command(main)
