"""python -m experiments.compare RECORD: a run beside the published row it reproduces."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import CommandParser, run_command
from experiments import flickr8k, table1, table2
from experiments.published import Published
from experiments.records import DIRECTIONS, KS, Record, read_record
from experiments.tables import DECIMALS, HEADINGS, MISSING, Table

TABLES = {module.TABLE.name: module.TABLE for module in (table1, table2, flickr8k)}


def table_of(record: Record) -> Table | None:
    """The table a record was made for, or else the one of its data set; None if there is neither."""
    own = {table.dataset: table for table in TABLES.values()}
    return TABLES.get(record["table"]) or own.get(record["dataset.name"])


def published_row(table: Table, row: str) -> Published | None:
    """The authors' row of this configuration: the paper's, or their later one where the paper leaves it empty."""
    return next((p for p in table.rows if p.row == row and any(p.cells)), None)


def comparison(record: Record) -> str:
    """The text the command prints."""
    table = table_of(record)
    published = published_row(table, record["row"]) if table else None
    lines = [f"measured:  {record['title']} on {record.where} ({record.path})"]
    if table is None:
        lines.append(f"published: nothing: the data set {record['dataset.name']!r} is in no table of this project")
    elif published is None:
        lines.append(f"published: nothing: the authors have no row {record['row']!r} on {table.label}")
    else:
        lines.append(f"published: {published.label} on {table.label} ({published.source})")
        if record["dataset.name"] != table.dataset:
            lines.append(
                f"The data sets differ: figures on {record.where} cannot be compared with {table.label}; "
                "the differences below say nothing about the method."
            )
        elif (record["dataset.split"], record["dataset.pictures"]) != ("test", 1000):
            lines.append("The test sets differ: the published row stands on 1,000 test pictures.")
    lines += ["", f"{'':22}{'measured':>10}{'95 % interval':>18}{'published':>11}{'difference':>12}  published inside"]
    cells = iter(published.cells if published else (None,) * 6)
    for direction, heading in zip(DIRECTIONS, HEADINGS, strict=True):
        for k in KS:
            lines.append(_line(record, direction, f"{heading} R@{k}", k, next(cells)))
    return "\n".join(lines)


def _line(record: Record, direction: str, name: str, k: int, published: str | None) -> str:
    value = record[f"metrics.{direction}.recall.{k}"]
    low, high = record[f"metrics.{direction}.interval_95.{k}"]
    digits = DECIMALS[direction]
    interval = f"[{low:.{digits}f}, {high:.{digits}f}]"
    difference, inside = MISSING, MISSING
    if published is not None:
        difference = f"{value - float(published):+.{digits}f}"
        inside = "yes" if low <= float(published) <= high else "no"
    return f"{name:22}{value:>10.{digits}f}{interval:>18}{published or MISSING:>11}{difference:>12}  {inside}"


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.compare",
        description="A run record beside the published row of the same configuration: difference and interval.",
        epilog="example: python -m experiments.compare results/records/table1/scenes-config-2.json",
    )
    parser.add_argument("record", type=Path, help="run record (JSON)")
    print(comparison(read_record(parser.parse_args().record)))


if __name__ == "__main__":
    run_command(_main)
