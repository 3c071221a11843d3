"""python -m experiments.trials RUN [RUN ...]: the log of what was tried, results/experiments.csv, a line a run.

Scores are those on the development split, which a run itself measures at its end; everything is chosen by them. Nothing
is ever left out because it did badly: a line goes only when the same model is logged again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from encoded_text.errors import CommandParser, InputError, run_command
from encoded_text.files import replacing
from experiments.readme import flat
from experiments.records import DIRECTIONS, KS
from single_net import checkpoint
from single_net.configuration import RunConfig

LOG = Path("results/experiments.csv")
SCORES = [f"{short}_r{k}" for short in ("i2t", "t2i") for k in KS]
FIELDS = ["data", "row", "seed", "split", *SCORES, "rsum", "modality_gap"]
FIELDS += ["inputs", "minutes", "device", "commit", "model", "note", "configuration"]


def trial(run: Path, note: str = "") -> dict[str, str]:
    """The line of a finished run. Raises InputError where it is none, or was not scored on a development split."""
    file = run / "model.safetensors" if run.is_dir() else run
    _, meta = checkpoint.load(file, "model")
    config, scored, training = (
        RunConfig.from_dict(meta["config"], where=str(file)),
        meta["development"],
        meta["training"],
    )
    if scored is None:
        raise InputError(f"{file}: has no scores on a development split: nothing may be chosen by it")
    metrics = scored["metrics"]
    recalls = [metrics[d]["recall"][str(k)] for d in DIRECTIONS for k in KS]
    with file.open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()[:12]
    git = training["git"]
    return {
        "data": config.data.name,
        "row": config.row,
        "configuration": "; ".join(settings(config)),
        "seed": str(config.training.seed),
        "split": scored["dataset"]["split"],
        **{name: f"{value:.2f}" for name, value in zip(SCORES, recalls, strict=True)},
        "rsum": f"{metrics['rsum']:.2f}",
        "modality_gap": f"{metrics['extra']['modality_gap']:.2f}",
        "inputs": str(training["inputs"]),
        "minutes": f"{training['wall_seconds'] / 60:.1f}",
        "device": training["device"],
        "commit": (git["commit"] or "")[:12] + ("-dirty" if git["dirty"] else ""),
        "model": digest,
        "note": note,
    }


def settings(config: RunConfig) -> list[str]:
    """Every setting that is not RunConfig's default, as --set would take it; seed, data and name aside."""
    default, own = flat(RunConfig().to_dict()), flat(config.to_dict())
    aside = ("data.name", "data.root", "training.seed", "row")
    return [f"{key}={value}" for key, value in own.items() if key not in aside and value != default[key]]


def log(runs: Sequence[Path], path: Path, note: str = "") -> int:
    """Add the runs to the log, or refresh their lines; the number of lines it then has."""
    lines = {line["model"]: line for line in csv.DictReader(io.StringIO(path.read_text()))} if path.exists() else {}
    for run in runs:
        line = trial(run, note)
        if not note and line["model"] in lines:
            line["note"] = lines[line["model"]]["note"]
        lines[line["model"]] = line
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines.values())
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    return len(lines)


def main() -> None:
    run_command(_main)


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.trials",
        description="Write finished runs into the log of what was tried, with their development scores.",
        epilog="example: python -m experiments.trials runs/* --note 'does a ramp steady the start?'",
    )
    p.add_argument("runs", type=Path, nargs="+", help="folders of finished runs")
    p.add_argument("--note", default="", help="what the runs were to find out")
    p.add_argument("-o", "--output", type=Path, default=LOG, help="default: %(default)s")
    args = p.parse_args()
    print(f"{args.output}: {log(args.runs, args.output, args.note)} runs")


if __name__ == "__main__":
    main()
