"""python -m experiments.log RUN [RUN ...]: add finished runs to the experiment log, results/experiments.csv.

RUN is the folder of a finished run or, where that is no longer there, its run record; each of them is a line. Scores
are those on the validation set, by which everything is chosen. Nothing is left out because it did badly: a line changes
only when the same model is logged again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import check_output, sha256, write_atomic
from encoded_text.common.text import read_utf8
from experiments.records import DIRECTIONS, SHORT, of_origins, read_record
from experiments.settings import flat
from experiments.tables import csv_text, markdown_table
from single_net.common import tensor_file
from single_net.common.lock import locked
from single_net.config import RunConfig
from single_net.data.load import label
from single_net.inference.run_files import MODEL
from single_net.retrieval.recall import KS

LOG = Path("results/experiments.csv")
SCORES = [f"{short}_r{k}" for short in SHORT for k in KS]
LIMITS = [f"{short}_r10_{end}95" for short in SHORT for end in ("low", "high")]
FIELDS = ["data", "variant", "seed", "split", *SCORES, *LIMITS, "rsum", "modality_gap"]
FIELDS += ["samples", "minutes", "device", "commit", "id", "note", "configuration"]


def log_line(run: Path, note: str = "") -> dict[str, str]:
    """The line of a finished run.

    Raises:
        InputError: it is no finished run, or was not evaluated on a validation set.
    """
    file = run / MODEL if run.is_dir() else run
    recorded = file.suffix == ".json"
    meta = read_record(file).data if recorded else tensor_file.load(file, "model")[1]
    try:
        return _line(file, meta, meta["configuration" if recorded else "config"], note)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file}: does not hold what a finished training writes ({error!r})") from None


def _line(file: Path, meta: dict[str, Any], configuration: dict[str, Any], note: str) -> dict[str, str]:
    config = RunConfig.from_dict(configuration, where=str(file))
    scored, training = meta["validation"], meta["training"]
    if scored is None:
        raise InputError(f"{file}: has no scores on a validation set: nothing may be chosen by it")
    metrics, git = scored["metrics"], training["git"]
    recalls = [metrics[d]["recall"][str(k)] for d in DIRECTIONS for k in KS]
    limits = [end for d in DIRECTIONS for end in metrics[d]["interval_95"]["10"]]
    return {
        "data": config.data.name,
        "variant": config.variant,
        "seed": str(config.training.seed),
        "split": scored["dataset"]["split"],
        **{name: f"{value:.2f}" for name, value in zip(SCORES + LIMITS, recalls + limits, strict=True)},
        "rsum": f"{metrics['rsum']:.2f}",
        "modality_gap": f"{metrics['extra']['modality_gap']:.2f}",
        "samples": f"{training['samples'] + of_origins(meta, 'samples'):.0f}",
        "minutes": f"{(training['wall_seconds'] + of_origins(meta, 'wall_seconds')) / 60:.1f}",
        "device": training["device"],
        "commit": (git["commit"] or "")[:12] + ("-dirty" if git["dirty"] else ""),
        "id": sha256(file)[:12],
        "note": note,
        "configuration": "; ".join(settings(config)),
    }


def settings(config: RunConfig) -> list[str]:
    """Every setting that is not RunConfig's default, as --set takes it; seed, data and variant aside."""
    aside = ("data.name", "data.root", "training.seed", "variant")
    return [f"{key}={value}" for key, value in flat(config.portable().changed()).items() if key not in aside]


def add(runs: Sequence[Path], path: Path, note: str = "") -> int:
    """Add runs to the log, or refresh their lines; returns how many lines it then has.

    Raises:
        InputError: see `log_line` and `read_log`, or the log is one of the runs.
    """
    check_output(path, runs)
    read_log(path)  # a call that is refused leaves no lock behind
    note = " ".join(note.split())  # one line of a table
    added = [log_line(run, note) for run in runs]
    with locked(path.with_name(f".{path.name}.lock"), f"writes {path}", "choose another --output"):
        lines = {line["id"]: line for line in read_log(path)}
        for line in added:
            if not note and line["id"] in lines:
                line["note"] = lines[line["id"]]["note"]
            lines[line["id"]] = line
        write_atomic(path, csv_text(FIELDS, list(lines.values())))
    return len(lines)


def read_log(path: Path) -> list[dict[str, str]]:
    """The lines of the log; none if there is none yet.

    Raises:
        InputError: the file is not an experiment log, or no UTF-8.
    """
    if not path.exists():
        return []
    try:
        text = read_utf8(path)
        reader = csv.DictReader(io.StringIO(text), strict=True)
        lines = list(reader)
    except csv.Error as error:
        raise InputError(f"{path}: not an experiment log ({error}): name another file") from None
    if reader.fieldnames != FIELDS or any(None in line or None in line.values() for line in lines):
        known = ", ".join(FIELDS[:4])
        raise InputError(f"{path}: not an experiment log: its columns are not {known}, ...: name another file")
    numbers = {name: float for name in (*SCORES, *LIMITS, "rsum", "modality_gap", "minutes")} | {"samples": int}
    try:
        for line in lines:
            for name, kind in numbers.items():
                kind(line[name])
    except ValueError:
        raise InputError(f"{path}: not an experiment log: {name} of run {line['id']} is {line[name]!r}") from None
    if not text.endswith("\n"):  # a last field that was cut is a field like any other
        raise InputError(f"{path}: not an experiment log: the end of its last line is missing")
    return lines


def log_table(path: Path) -> str:
    """The log as a Markdown table, by data set, in the order of the log.

    Settings that all runs of a variant on a data set have are left out, and so are the names of sections.
    """
    lines = read_log(path)
    if not lines:
        return "Nothing is logged yet: `python -m experiments.log` does it."
    shared: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        own, key = set(line["configuration"].split("; ")), (line["data"], line["variant"])
        shared[key] = shared.get(key, own) & own
    header = ("Question", "Data", "Variant", "Settings that differ", "Seed", "i2t R@10", "t2i R@10", "Gap", "Samples")
    rows = [
        [
            *(line["note"], label(line["data"]), line["variant"]),
            "; ".join(
                setting.partition(".")[2]
                for setting in line["configuration"].split("; ")
                if setting not in shared[line["data"], line["variant"]]
            ),
            *(line["seed"], *(_with_interval(line, short) for short in SHORT), line["modality_gap"]),
            *(f"{int(line['samples']):,}", line["minutes"], line["commit"][:7]),
        ]
        for line in sorted(lines, key=lambda line: line["data"])
    ]
    return markdown_table((*header, "Minutes", "Commit"), rows, "llllrrrrrrl")


def _with_interval(line: dict[str, str], short: str) -> str:
    value, low, high = (float(line[f"{short}_r10{end}"]) for end in ("", "_low95", "_high95"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.log",
        description="Add finished runs, with their validation scores, to the experiment log.",
        epilog="example: python -m experiments.log runs/flickr8k-* --note 'does a ramp steady the start?'",
    )
    p.add_argument("runs", type=Path, nargs="+", help="folders of finished runs, or run records")
    p.add_argument("--note", type=str, default="", help="the question that the runs answer")
    p.add_argument("-o", "--output", type=Path, default=LOG, help="default: %(default)s")
    args = p.parse_args()
    print(f"{args.output}: {add(args.runs, args.output, args.note)} runs")


if __name__ == "__main__":
    main()
