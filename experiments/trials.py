"""python -m experiments.trials RUN [RUN ...]: the log of what was tried, results/experiments.csv, a line a run.

RUN is the folder of a finished run, or the run record of one that is no longer there.

Scores are those on the development split, which a run itself measures at its end; everything is chosen by them. Nothing
is ever left out because it did badly: a line goes only when the same model is logged again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import replacing
from experiments.markdown import markdown_table
from experiments.records import DIRECTIONS, KS, read_record
from single_net.common import tensor_file
from single_net.config import RunConfig
from single_net.data.load import LABELS

LOG = Path("results/experiments.csv")
SCORES = [f"{short}_r{k}" for short in ("i2t", "t2i") for k in KS]
LIMITS = [f"{short}_r10_{end}95" for short in ("i2t", "t2i") for end in ("low", "high")]
FIELDS = ["data", "row", "seed", "split", *SCORES, *LIMITS, "rsum", "modality_gap"]
FIELDS += ["inputs", "minutes", "device", "commit", "id", "note", "configuration"]


def trial(run: Path, note: str = "") -> dict[str, str]:
    """The line of a finished run. Raises InputError where it is none, or was not scored on a development split."""
    file = run / "model.safetensors" if run.is_dir() else run
    meta = read_record(file).data if file.suffix == ".json" else tensor_file.load(file, "model")[1]
    config = RunConfig.from_dict(meta["configuration"] if file.suffix == ".json" else meta["config"], where=str(file))
    scored, training = meta["development"], meta["training"]
    if scored is None:
        raise InputError(f"{file}: has no scores on a development split: nothing may be chosen by it")
    metrics = scored["metrics"]
    recalls = [metrics[d]["recall"][str(k)] for d in DIRECTIONS for k in KS]
    limits = [end for d in DIRECTIONS for end in metrics[d]["interval_95"]["10"]]
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()[:12]
    git = training["git"]
    return {
        "data": config.data.name,
        "row": config.row,
        "configuration": "; ".join(settings(config)),
        "seed": str(config.training.seed),
        "split": scored["dataset"]["split"],
        **{name: f"{value:.2f}" for name, value in zip(SCORES, recalls, strict=True)},
        **{name: f"{value:.2f}" for name, value in zip(LIMITS, limits, strict=True)},
        "rsum": f"{metrics['rsum']:.2f}",
        "modality_gap": f"{metrics['extra']['modality_gap']:.2f}",
        "inputs": str(training["inputs"]),
        "minutes": f"{training['wall_seconds'] / 60:.1f}",
        "device": training["device"],
        "commit": (git["commit"] or "")[:12] + ("-dirty" if git["dirty"] else ""),
        "id": digest,
        "note": note,
    }


def flat(values: dict, prefix: str = "") -> dict[str, object]:
    result = {}
    for key, value in values.items():
        result |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return result


def settings(config: RunConfig) -> list[str]:
    """Every setting that is not RunConfig's default, as --set would take it; seed, data and name aside."""
    default, own = flat(RunConfig().to_dict()), flat(config.to_dict())
    aside = ("data.name", "data.root", "training.seed", "row")
    return [f"{key}={value}" for key, value in own.items() if key not in aside and value != default[key]]


def log(runs: Sequence[Path], path: Path, note: str = "") -> int:
    """Add the runs to the log, or refresh their lines; the number of lines it then has."""
    lines = {line["id"]: line for line in csv.DictReader(io.StringIO(path.read_text()))} if path.exists() else {}
    for run in runs:
        line = trial(run, note)
        if not note and line["id"] in lines:
            line["note"] = lines[line["id"]]["note"]
        lines[line["id"]] = line
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines.values())
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    return len(lines)


def table(path: Path) -> str:
    """The log as a Markdown table, by data set, in the order of the log; settings that all runs of a row on a data set
    have are left out, and the sections of the others."""
    if not path.exists():
        return "Nothing is logged yet: `python -m experiments.trials` does it."
    lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    shared: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        settings, row = set(line["configuration"].split("; ")), (line["data"], line["row"])
        shared[row] = shared.get(row, settings) & settings
    header = ("Question", "Data", "Row", "Settings that not all of the row have", "Seed", "i2t R@10", "t2i R@10", "Gap")
    rows = [
        (
            *(line["note"], LABELS.get(line["data"], line["data"]), line["row"]),
            "; ".join(
                s.partition(".")[2]
                for s in line["configuration"].split("; ")
                if s not in shared[line["data"], line["row"]]
            ),
            *(line["seed"], _with_interval(line, "i2t"), _with_interval(line, "t2i"), line["modality_gap"]),
            f"{int(line['inputs']):,}",
            *(line["minutes"], line["commit"][:7]),
        )
        for line in sorted(lines, key=lambda line: line["data"])
    ]
    return markdown_table((*header, "Inputs", "Minutes", "Commit"), rows, "llllrrrrrrl")


def _with_interval(line: dict[str, str], short: str) -> str:
    value, low, high = (float(line[f"{short}_r10{end}"]) for end in ("", "_low95", "_high95"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


def main() -> None:
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.trials",
        description="Write finished runs into the log of what was tried, with their development scores.",
        epilog="example: python -m experiments.trials runs/* --note 'does a ramp steady the start?'",
    )
    p.add_argument("runs", type=Path, nargs="+", help="folders of finished runs, or run records")
    p.add_argument("--note", default="", help="what the runs were to find out")
    p.add_argument("-o", "--output", type=Path, default=LOG, help="default: %(default)s")
    args = p.parse_args()
    print(f"{args.output}: {log(args.runs, args.output, args.note)} runs")


if __name__ == "__main__":
    main()
