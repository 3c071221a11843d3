"""Table 1 of the paper: bidirectional retrieval on COCO-1k. python -m experiments.table1"""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.common.errors import run_command
from experiments.published import TABLE1, TABLE1_LATER
from experiments.tables import Table, make_table

TABLE = Table(
    name="table1",
    title="Table 1: bidirectional retrieval, Recall@K on the MSCOCO 1000-image test set (COCO-1k)",
    dataset="coco",
    label="COCO-1k",
    rows=TABLE1 + TABLE1_LATER,
    notes=(
        "Rows of the paper (arXiv 1807.07364) are as printed there; [n] is its list of references, – a cell it leaves "
        'empty. "Our Work" are the paper\'s authors.',
        "TextCNN and FV-HGLMM are the paper's labels for its reference [53]; usually 39.4/67.9/80.9 and "
        "25.1/59.8/76.6 are quoted for FV (GMM+HGLMM) on COCO-1k.",
        "The authors' follow-up is arXiv 1909.01976; read from the picture imgs/results.png in its repository "
        "(kjanjua26/Do_Cross_Modal_Systems_Leverage_Semantic_Relationships, 7b0be85). The paper has no config-3.",
    ),
    command="make reproduce-table1",
)


def main(arguments: Sequence[str] | None = None) -> None:
    make_table(TABLE, arguments)


if __name__ == "__main__":
    run_command(main)
