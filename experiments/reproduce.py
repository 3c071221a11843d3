"""python -m experiments.reproduce WHAT: train what a table or figure of the paper shows, then make it.

An interrupted call goes on where it stopped; a row that is trained already is not trained again.
"""

from __future__ import annotations

import dataclasses
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from experiments import ambiguities, twin
from experiments.studies import Variant
from single_net.common import tensor_file
from single_net.config import RunConfig, load_config
from single_net.data.load import DATASETS, load_dataset
from single_net.training import checkpoints

HERE = Path(__file__).resolve().parent
ROWS = ("config_standard", "config_2", "nested")
STUDIES = {study.name: study for study in (twin.STUDY, ambiguities.STUDY)}
TABLES = ("table1", "table2", "flickr8k", *STUDIES)  # of run records
# The data sets of each table and figure, and the rows it shows of them.
OWN_DATA = {
    "table1": ("coco",),
    "table2": ("flickr30k",),
    "table3": ("coco", "flickr30k"),
    "figure3": ("flickr30k", "coco"),
    "flickr8k": ("flickr8k",),
    "twin": ("flickr8k",),
    "ambiguities": (),
}
OWN_ROWS = dict.fromkeys(TABLES, ROWS) | {"table3": ("nested",), "figure3": ("config_2", "nested")}
OWN_SEEDS = {("flickr8k", "nested"): (0, 1, 2)}  # one run is not a result
OWN_ROWS |= {name: tuple(study.rows) for name, study in STUDIES.items()}
SEARCHED = ("a boy and a dog on the beach", "a red boat on the water at night")  # of the scenes' contact sheet

EXAMPLE = """examples:
  python -m experiments.reproduce table1                        the embedded scenes, or COCO where COCO_ROOT is set
  COCO_ROOT=/data/coco python -m experiments.reproduce table1
  FLICKR8K_ROOT=/data/flickr8k python -m experiments.reproduce table2 --data flickr8k
  FLICKR8K_ROOT=/data/flickr8k python -m experiments.reproduce figure3 --data scenes flickr8k --rows nested
"""


def choose_data(what: str, wanted: list[str] | None) -> tuple[str, ...]:
    """The wanted data sets; else the table's or figure's own whose roots are set; else the embedded scenes.

    Only a figure shows several: of several a table takes the first. Raises InputError where it cannot be chosen.
    """
    if wanted and len(wanted) > 1 and what != "figure3":
        raise InputError(f"{what} shows one data set: leave out {', '.join(wanted[1:])}")
    if wanted:
        return tuple(wanted)
    own = tuple(name for name in OWN_DATA[what] if os.environ.get(f"{name.upper()}_ROOT"))
    if what == "flickr8k" and not own:
        raise InputError("FLICKR8K_ROOT is not set: name the folder of Flickr8k, e.g. FLICKR8K_ROOT=/data/flickr8k")
    return (own if what == "figure3" else own[:1]) or ("scenes",)


def choose_rows(what: str, wanted: list[str] | None) -> tuple[str, ...]:
    """The wanted rows (config-2 or config_2), else all of the table or figure. Raises InputError for unknown ones."""
    known = {row.replace("-", "_"): row for row in (OWN_ROWS[what] if what in TABLES else ROWS)}
    for row in wanted or ():
        if row.replace("-", "_") not in known:
            raise InputError(f"{what} has no row {row!r}: choose from {', '.join(known.values())}")
    return tuple(known[row.replace("-", "_")] for row in wanted) if wanted else OWN_ROWS[what]


def variant(row: str) -> Variant:
    """What a row is made of: a study's variant, or its own configuration file unchanged."""
    for study in STUDIES.values():
        if row in study.rows and row.replace("-", "_") not in ROWS:
            return dataclasses.replace(study.rows[row], changes=(*study.rows[row].changes, f'row="{row}"'))
    return Variant(row, row.replace("-", "_"))


def config_file(data: str, row: str) -> Path:
    """The data set's own configuration, or the paper's defaults as used for Flickr30K."""
    row = variant(row).base
    own = HERE / "configs" / f"{data}_{row}.toml"
    chosen = own if own.exists() else HERE / "configs" / f"flickr30k_{row}.toml"
    # Relative where it can be: the call goes into the run record.
    return chosen.relative_to(Path.cwd()) if chosen.is_relative_to(Path.cwd()) else chosen


def runs_of(what: str, rows: Sequence[str], seeds: Sequence[int] | None = None) -> list[tuple[str, int]]:
    """(row, seed) of every run, in their order; without `seeds` each row's own."""
    return [(row, seed) for row in rows for seed in seeds or OWN_SEEDS.get((what, row), (0,))]


def check(data: str, runs: Sequence[tuple[str, int]], overrides: list[str]) -> None:
    """Find out before the first row is trained what would stop the last one. Raises InputError."""
    for row, seed in runs:
        changes = [*variant(row).changes, *overrides, f'data.name="{data}"', f"training.seed={seed}"]
        config = load_config(config_file(data, row), changes)
        loaded = {
            s: load_dataset(data, config.data.root or None, s, skip_bad=config.data.skip_bad) for s in ("train", "test")
        }
        if more := config.encoder.more_captions:
            try:
                load_dataset(more, None, "train", skip_bad=config.data.skip_bad, captions_only=True)
            except InputError as error:
                raise InputError(
                    f"row {row} learns words from the captions of {more} as well: {error}; or do without them: "
                    "--set encoder.more_captions= (with make: ARGS='--set encoder.more_captions=')"
                ) from None
        groups = max(config.loss.granularities) if config.loss.classes == "nested" else 0
        if groups > len(loaded["train"]):
            raise InputError(
                f"{data} has {len(loaded['train'])} training pictures, too few for the {groups} semantic groups of row "
                f"{row}: lower them, e.g. ARGS='--set loss.granularities=[4,16]', or leave the row out with --rows"
            )
        run = run_folder(data, row, seed)
        if (run / "model.safetensors").exists():
            meta = tensor_file.load(run / "model.safetensors", "model")[1]
            before = RunConfig.from_dict(meta["config"])
            same_data = (
                meta["training_data"]["skipped"] or meta["training_data"]["sha256"] == loaded["train"].checksums()
            )
            if dataclasses.replace(before, data=config.data) != config or not same_data:
                raise InputError(
                    f"{run} was trained with other settings or other data: delete that folder (or make clean-runs) to "
                    "train it anew"
                )


def run_name(data: str, row: str, seed: int = 0) -> str:
    return f"{data}-{row.replace('_', '-')}" + (f"-seed{seed}" if seed else "")


def run_folder(data: str, row: str, seed: int = 0) -> Path:
    return Path("runs") / run_name(data, row, seed)


def reproduce(table: str, data: str, runs: Sequence[tuple[str, int]], overrides: list[str]) -> None:
    """Train and evaluate the runs (row, seed) of a table, then write and print it."""
    check(data, runs, overrides)
    for number, (row, seed) in enumerate(runs, 1):
        name = run_name(data, row, seed)
        print(f"== {table}, run {number} of {len(runs)}: {name}", flush=True)
        run = train(data, row, overrides, seed)
        record = Path("results") / "records" / table / f"{name}.json"
        call("single_net.evaluate", run, "--table", table, "--record", record)
    import_module(f"experiments.{table}").main([])
    if data == "scenes" and ("nested", 0) in runs:
        call("experiments.overview", run_folder(data, "nested"))
    call("experiments.readme")


def reproduce_pictures(what: str, data: tuple[str, ...], rows: tuple[str, ...], overrides: list[str]) -> None:
    """Train what Table 3 or Figure 3 shows, then draw it."""
    for name in data:
        check(name, runs_of(what, rows), overrides)
    runs = [train(name, row, overrides) for row in rows for name in data]
    if what == "figure3":
        paper_or_scenes = set(data) <= {"scenes", *OWN_DATA[what]}
        output = "figure3.png" if paper_or_scenes else f"figure3-{'-'.join(data)}.png"
        call("experiments.figure3", *runs, "-o", Path("results") / output)
        return
    for run in runs:
        call("experiments.table3", run)
    if data == ("scenes",):
        call("single_net.search", runs[-1], *SEARCHED, "-o", Path("results") / "search.png")


def train(data: str, row: str, overrides: list[str], seed: int = 0) -> Path:
    """Train a row where it is not trained already, or go on with it; the folder of the run."""
    run = run_folder(data, row, seed)
    if (run / "model.safetensors").exists():
        print(f"{run} is trained already (make clean-runs to train anew)", flush=True)
        return run
    resume = ["--resume"] if checkpoints.steps(run) else []
    changes = [part for change in (*variant(row).changes, *overrides) for part in ("--set", change)]
    if seed:
        changes += ["--seed", str(seed)]
    call("single_net.train", config_file(data, row), "--data", data, "--output", run, *changes, *resume)
    return run


def call(module: str, *arguments: object) -> None:
    """Run a command of the project in a process of its own; if it fails, it has said why: leave with its status."""
    words = [sys.executable, "-m", module, *map(str, arguments)]
    print("$ python " + shlex.join(words[1:]), flush=True)
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
        description="Train the rows of a table or figure of the paper where they are not trained yet, and make it.",
        epilog=EXAMPLE,
    )
    p.add_argument("what", choices=tuple(OWN_DATA))
    p.add_argument("--data", nargs="+", choices=DATASETS, help="data set instead of its own; figure3 shows several")
    p.add_argument("--rows", nargs="+", metavar="ROW", help="only these rows")
    p.add_argument(
        "--seeds",
        nargs="+",
        type=int,
        help="train each row with these seeds (tables; default: 0, our Flickr8k row 0 1 2)",
    )
    p.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change a setting of every row"
    )
    args = p.parse_args()
    data, rows = choose_data(args.what, args.data), choose_rows(args.what, args.rows)
    if args.what in TABLES:
        reproduce(args.what, data[0], runs_of(args.what, rows, args.seeds), args.set)
    else:
        reproduce_pictures(args.what, data, rows, args.set)


if __name__ == "__main__":
    main()
