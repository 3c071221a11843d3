"""The same comparison on Flickr8k, which is not in the paper. python -m experiments.flickr8k"""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.common.errors import run_command
from experiments.published import FLICKR8K
from experiments.tables import Table, make_table

TABLE = Table(
    name="flickr8k",
    title="Flickr8k: bidirectional retrieval, Recall@K on the 1000-image test set",
    dataset="flickr8k",
    label="Flickr8k",
    rows=FLICKR8K,
    notes=(
        "Published rows: Paranioar/Awesome_Matching_Pretraining_Transfering, performance.md at b56645d, with the image "
        "features (FV: the text features) in brackets. All of them stand on features learnt from ImageNet.",
    ),
    command="make reproduce-flickr8k",
)


def main(arguments: Sequence[str] | None = None) -> None:
    make_table(TABLE, arguments)


if __name__ == "__main__":
    run_command(main)
