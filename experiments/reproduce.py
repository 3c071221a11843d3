"""python -m experiments.reproduce TABLE: train and evaluate the rows of a table, then write and print the table.

An interrupted call goes on where it stopped; a row that is trained already is only evaluated again.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from encoded_text.errors import CommandParser, InputError, run_command
from single_net import checkpoint
from single_net.configuration import RunConfig, load_config
from single_net.datasets import DATASETS, load_dataset

HERE = Path(__file__).resolve().parent
ROWS = ("config_standard", "config_2", "nested")
OWN_DATA = {"table1": "coco", "table2": "flickr30k", "flickr8k": "flickr8k"}

EXAMPLE = """examples:
  python -m experiments.reproduce table1                        the embedded scenes, or COCO where COCO_ROOT is set
  COCO_ROOT=/data/coco python -m experiments.reproduce table1
  FLICKR8K_ROOT=/data/flickr8k python -m experiments.reproduce table2 --data flickr8k
"""


def choose_data(table: str, wanted: str | None) -> str:
    """The wanted data set; else the table's own where its root is set; else the embedded scenes."""
    if wanted:
        return wanted
    own = OWN_DATA[table]
    if os.environ.get(f"{own.upper()}_ROOT"):
        return own
    if table == "flickr8k":
        raise InputError("FLICKR8K_ROOT is not set: name the folder of Flickr8k, e.g. FLICKR8K_ROOT=/data/flickr8k")
    return "scenes"


def config_file(data: str, row: str) -> Path:
    """The data set's own configuration, or the paper's defaults as used for Flickr30K."""
    own = HERE / "configs" / f"{data}_{row}.toml"
    chosen = own if own.exists() else HERE / "configs" / f"flickr30k_{row}.toml"
    # Relative where it can be: the call goes into the run record.
    return chosen.relative_to(Path.cwd()) if chosen.is_relative_to(Path.cwd()) else chosen


def check(data: str, rows: tuple[str, ...], overrides: list[str]) -> None:
    """Find out before the first row is trained what would stop the last one. Raises InputError."""
    for row in rows:
        config = load_config(config_file(data, row), [*overrides, f'data.name="{data}"'])
        loaded = {
            s: load_dataset(data, config.data.root or None, s, skip_bad=config.data.skip_bad) for s in ("train", "test")
        }
        groups = max(config.loss.granularities) if config.loss.classes == "nested" else 0
        if groups > len(loaded["train"]):
            raise InputError(
                f"{data} has {len(loaded['train'])} training pictures, too few for the {groups} semantic groups of row "
                f"{row}: lower them, e.g. ARGS='--set loss.granularities=[4,16]', or leave the row out with --rows"
            )
        run = run_folder(data, row)
        if (run / "model.safetensors").exists():
            meta = checkpoint.load(run / "model.safetensors", "model")[1]
            before = RunConfig.from_dict(meta["config"])
            same_data = (
                meta["training_data"]["skipped"] or meta["training_data"]["sha256"] == loaded["train"].checksums()
            )
            if dataclasses.replace(before, data=config.data) != config or not same_data:
                raise InputError(
                    f"{run} was trained with other settings or other data: delete that folder (or make clean-runs) to "
                    "train it anew"
                )


def run_folder(data: str, row: str) -> Path:
    return Path("runs") / f"{data}-{row.replace('_', '-')}"


def reproduce(table: str, data: str, rows: tuple[str, ...], overrides: list[str]) -> None:
    check(data, rows, overrides)
    for number, row in enumerate(rows, 1):
        name, run = row.replace("_", "-"), run_folder(data, row)
        record = Path("results") / "records" / table / f"{data}-{name}.json"
        print(f"== {table}, row {number} of {len(rows)}: {name} on {data}", flush=True)
        if (run / "model.safetensors").exists():
            print(f"{run} is trained already (make clean-runs to train anew)", flush=True)
        else:
            resume = ["--resume"] if checkpoint.steps(run) else []
            changes = [part for override in overrides for part in ("--set", override)]
            _call("single_net.train", config_file(data, row), "--data", data, "--output", run, *changes, *resume)
        _call("single_net.evaluate", run, "--table", table, "--record", record)
    import_module(f"experiments.{table}").main([])
    if data == "scenes" and "nested" in rows:
        _call("experiments.overview", run_folder(data, "nested"))
    _call("experiments.readme")


def _call(module: str, *arguments: object) -> None:
    """Run a command of the project in a process of its own; if it fails, it has said why: leave with its status."""
    words = [sys.executable, "-m", module, *map(str, arguments)]
    print("$ python " + " ".join(words[1:]), flush=True)
    child: subprocess.Popen | None = None

    def pass_on(number: int, _: object) -> None:
        if child is not None and number == signal.SIGTERM:
            child.terminate()

    # Ctrl-C reaches the child by itself, SIGTERM does not: let it save and say how to go on.
    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    child = subprocess.Popen(words)
    status = child.wait()
    for number, handler in before.items():
        signal.signal(number, handler)
    if status == -signal.SIGTERM:
        sys.exit(128 + signal.SIGTERM)
    if status < 0:
        raise InputError(f"{module} was killed by signal {-status} ({signal.Signals(-status).name}): out of memory?")
    if status:
        sys.exit(status)


def main() -> None:
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.reproduce",
        description="Train and evaluate the rows of a table, then write and print it.",
        epilog=EXAMPLE,
    )
    p.add_argument("table", choices=tuple(OWN_DATA))
    p.add_argument("--data", choices=DATASETS, help="data set instead of the table's own")
    p.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS, help="only these rows")
    p.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change a setting of every row"
    )
    args = p.parse_args()
    reproduce(args.table, choose_data(args.table, args.data), tuple(args.rows), args.set)


if __name__ == "__main__":
    main()
