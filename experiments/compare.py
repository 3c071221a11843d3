"""python -m experiments.compare A.json B.json: the difference between two runs, by a paired bootstrap over images."""

from __future__ import annotations

import numpy as np

from encoded_text.common.errors import CommandParser, InputError, run_command
from experiments.records import SHORT, Record, read_record
from single_net.retrieval.intervals import difference_intervals
from single_net.retrieval.ranks import I2T
from single_net.retrieval.recall import KS

EXAMPLE = """example:
  python -m experiments.compare runs/records/flickr8k/flickr8k-nested.json runs/records/flickr8k/flickr8k-taught.json
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m experiments.compare",
        description="Recall@K of the second run minus that of the first, with 95 % intervals. Both are scored on the "
        "same draws of images, so that what makes an image hard for both does not widen the interval.",
        epilog=EXAMPLE,
    )
    p.add_argument("first", help="run record")
    p.add_argument("second", help="run record of the same test images and captions")
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    first, second = read_record(args.first), read_record(args.second)
    print("\n".join(compare(first, second)))


def compare(first: Record, second: Record) -> list[str]:
    """The differences, as lines; arguments and errors as of `differences`."""
    found = differences(first, second)
    lines = [f"{_name(second)} minus {_name(first)}, on {first.where}:"]
    for short, direction in SHORT.items():
        cells = (f"R@{k} {interval_text(found[direction][k])}" for k in KS)
        lines.append(f"  {short}: {'  '.join(cells)}")
    return lines


def _name(record: Record) -> str:
    """Which run; runs of one variant and seed differ by their file."""
    return f"{record['title']}, seed {record['seed']} ({record.path})"


def differences(first: Record, second: Record) -> dict[str, dict[int, np.ndarray]]:
    """Recall@K of the second run minus that of the first.

    Args:
        first, second: records of runs that were evaluated on the same images and captions.

    Returns:
        {direction: {K: float64 (3,), the difference in percentage points and the ends of its 95 % interval}}.

    Raises:
        InputError: other images or captions, or a record without what each query reached.
    """
    if first["dataset.sha256"] != second["dataset.sha256"]:
        raise InputError(f"{second.path}: evaluated on other images or captions than {first.path}")
    found = {}
    for direction in SHORT.values():
        (hits, queries), (others, also) = (_successes(record, direction) for record in (first, second))
        if (queries != also).any():
            raise InputError(f"{second.path}: metrics.reached.{direction} has other queries than that of {first.path}")
        found[direction] = dict(zip(KS, difference_intervals(hits, others, queries), strict=True))
    return found


def interval_text(found: np.ndarray) -> str:
    """A difference with its interval, e.g. "+2.10 [-0.40, +4.52]"."""
    return f"{found[0]:+.2f} [{found[1]:+.2f}, {found[2]:+.2f}]"


def _successes(record: Record, direction: str) -> tuple[np.ndarray, np.ndarray]:
    """Queries of each image that succeed, int (images, ks), and how many there are, int (images,)."""
    text = record.get(f"metrics.reached.{direction}")
    if not isinstance(text, str):
        raise InputError(
            f"{record.path}: does not say what each query reached: write it anew with `python -m single_net.evaluate`"
        )
    of_images = list(text) if direction == I2T else text.split(" ")
    digits = "0123" if direction == I2T else " 0123"
    if len(of_images) != record["dataset.images"] or not set(text) <= set(digits) or "" in of_images:
        raise InputError(
            f"{record.path}: metrics.reached.{direction} does not fit its {record['dataset.images']} images"
        )
    reached = [np.array(list(queries), int) for queries in of_images]
    needed = len(KS) - np.arange(len(KS))  # all values of K for the smallest, one for the largest
    hits = np.array([(queries[:, None] >= needed).sum(0) for queries in reached])
    return hits, np.array([len(queries) for queries in reached])


if __name__ == "__main__":
    main()
