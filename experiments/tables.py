"""From published rows and run records to a table in Markdown, CSV and LaTeX. table1, table2 and flickr8k share it."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoded_text.common.errors import CommandParser, InputError
from encoded_text.common.files import replacing
from experiments import beyond
from experiments.markdown import markdown_table
from experiments.published import Published
from experiments.records import DIRECTIONS, KS, Record, read_records, titles
from single_net.config import DataConfig, RunConfig
from single_net.data.load import LABELS

MISSING = "–"
MEASURED = "measured"
I2T, T2I = DIRECTIONS
HEADINGS = ("Image-to-Sentence", "Sentence-to-Image")
DECIMALS = {I2T: 1, T2I: 2}  # 1,000 pictures are steps of 0.1, 5,000 captions steps of 0.02


@dataclass(frozen=True)
class Table:
    """A table's published part. `dataset` is the data set of the published rows (name of load_dataset and label)."""

    name: str
    title: str
    dataset: str
    label: str
    rows: tuple[Published, ...]
    notes: tuple[str, ...]
    command: str  # makes the measured rows

    def ordered(self, records: Sequence[Record]) -> list[Record]:
        """The table's own data set first; otherwise as `read_records` orders them."""
        return sorted(records, key=lambda record: record["dataset.name"] != self.dataset)

    def files(self, records: Sequence[Record], output: Path) -> dict[Path, str]:
        """What belongs into the folder `output`: {path: text}."""
        text = {
            "md": generated_by(self) + self.markdown(records, output),
            "csv": self.csv(records, output),
            "tex": self.latex(records),
        }
        return {output / f"{self.name}.{suffix}": content for suffix, content in text.items()}

    def markdown(self, records: Sequence[Record], output: Path, *, brief: bool = False) -> str:
        """Title, the table, notes, and (unless `brief`) details of the measured rows with links from `output`."""
        records = self.ordered(records)
        header = ("Model", *_recall_header(), "Data", "Source")
        rows = [(r.label, *_shown(r.cells), self.label, r.source) for r in self.rows]
        rows += [(*line, "measured here") for line in measured_lines(records)]
        parts = [] if brief else [f"# {self.title}"]
        parts += [markdown_table(header, rows, "lrrrrrrll"), "\n".join(f"- {note}" for note in self.all_notes(records))]
        if records and not brief:
            parts += ["## The measured rows in detail", *_details(records, output)]
            parts += ["## Beyond Recall@K", *beyond.tables(records)]
        return "\n\n".join(parts) + "\n"

    def all_notes(self, records: Sequence[Record]) -> list[str]:
        notes = list(self.notes)
        if not records:
            return [*notes, f"No measured rows yet: `{self.command}` makes them."]
        notes.append("Measured rows: data set and split, pictures × captions; each generated from its run record.")
        for name in dict.fromkeys(record["dataset.name"] for record in records):
            if name == "scenes":
                notes.append(
                    f"The embedded scenes are drawn pictures: these rows cannot be compared with {self.label}."
                )
            elif name != self.dataset:
                label = LABELS.get(name, name)
                notes.append(f"{label} is another data set: these rows cannot be compared with {self.label}.")
        for record in records:
            own = record["dataset.name"] == self.dataset
            if own and (record["dataset.split"], record["dataset.pictures"]) != ("test", 1000):
                notes.append(f"{record['title']} stands on {record.where}; the published rows on 1,000 test pictures.")
        return notes

    def csv(self, records: Sequence[Record], output: Path) -> str:
        """One line a row: recalls as in the Markdown, everything else a record says about the row unrounded."""
        recall = [f"{direction}_r{k}" for direction in ("i2t", "t2i") for k in KS]
        more = [f"{name}_{column}" for column in recall for name in ("low95", "high95", "chance")]
        more += [f"{d}_{name}" for d in ("i2t", "t2i") for name in ("median_rank", "mean_rank", "map")]
        header = ["kind", "source", "model", "citation", "row", "dataset", "split", "pictures", "captions", *recall]
        header += [
            *more,
            "rsum",
            *beyond.COLUMNS,
            "training_pictures",
            "training_inputs",
            "wall_seconds",
            "device",
            "seed",
            "record",
        ]
        text = io.StringIO()
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        for r in self.rows:
            first = {"kind": r.kind, "source": r.source, "model": r.model, "citation": r.citation, "row": r.row}
            own = {"dataset": self.dataset, "split": "test", "pictures": 1000}
            writer.writerow(first | own | dict(zip(recall, r.cells, strict=True)))
        for r in self.ordered(records):
            line = {"kind": MEASURED, "source": "measured here", "model": r["title"], "row": r["row"]}
            line |= {key: r[f"dataset.{key}"] for key in ("split", "pictures", "captions")}
            line |= {"dataset": r["dataset.name"]} | dict(zip(recall, measured_cells(r), strict=True))
            for short, d in (("i2t", I2T), ("t2i", T2I)):
                for k in KS:
                    line[f"low95_{short}_r{k}"], line[f"high95_{short}_r{k}"] = r[f"metrics.{d}.interval_95.{k}"]
                    line[f"chance_{short}_r{k}"] = r[f"metrics.{d}.chance.{k}"]
                for key in ("median_rank", "mean_rank", "mAP"):
                    line[f"{short}_{key.lower()}"] = r[f"metrics.{d}.{key}"]
            line |= {"rsum": r["metrics.rsum"], "training_pictures": r["training_data.pictures"]}
            line |= {column: r.get(dotted) for column, dotted in beyond.COLUMNS.items()}
            line |= {"training_inputs": r["training.inputs"], "record": link(r, output)}
            writer.writerow(line | {key: r[key] for key in ("wall_seconds", "device", "seed")})
        return text.getvalue()

    def latex(self, records: Sequence[Record]) -> str:
        """A table environment for \\input; needs no package."""
        records = self.ordered(records)
        rows = [((r.label, *_shown(r.cells), self.label, r.source), r.kind + str(r.row is None)) for r in self.rows]
        rows += [((*line, "measured here"), MEASURED) for line in measured_lines(records)]
        lines = [f"% Generated by python -m experiments.{self.name}: do not edit.", r"\begin{table}", r"\centering"]
        lines += [rf"\caption{{{latex_text(self.title)}}}", r"\begin{tabular}{lrrrrrrll}"]
        group = None
        names = " & ".join(rf"\multicolumn{{3}}{{c}}{{{name}}}" for name in HEADINGS)
        lines += [r"\hline", rf" & {names} & & \\"]
        lines.append(" & ".join(("Model", *[f"R@{k}" for k in KS] * 2, "Data", "Source")) + r" \\")
        for cells, new_group in rows:
            if new_group != group:
                lines.append(r"\hline")
                group = new_group
            lines.append(" & ".join(map(latex_text, cells)) + r" \\")
        lines += [r"\hline", r"\end{tabular}", r"\par\smallskip\footnotesize"]
        lines += [latex_text(note.replace("`", "")) + r"\par" for note in self.all_notes(records)]
        return "\n".join([*lines, r"\end{table}"]) + "\n"


def generated_by(table: Table) -> str:
    return f"<!-- Generated by python -m experiments.{table.name} from the run records: do not edit. -->\n"


def measured_cells(record: Record) -> list[str]:
    """The six recalls: one decimal image-to-sentence, two decimals sentence-to-image."""
    return [f"{value:.{DECIMALS[d]}f}" for d in DIRECTIONS for value in record.recall(d)]


def measured_lines(records: Sequence[Record]) -> list[tuple[str, ...]]:
    """(title, six recalls, data) of the records; of runs that differ in nothing but the seed one line, with mean and
    sample standard deviation."""
    lines = []
    for runs in differing_in_seed(records):
        title = runs[0]["title"] + (f", {len(runs)} runs" if len(runs) > 1 else "")
        lines.append((title, *mean_cells(runs), runs[0].where))
    return lines


def differing_in_seed(records: Sequence[Record]) -> list[list[Record]]:
    """The records in groups of the same row, data and settings."""
    alike: dict[tuple, list[Record]] = {}
    for r in records:
        # Through RunConfig: a setting that a record does not have yet had what is now its default.
        config = RunConfig.from_dict(r["configuration"], where=str(r.path))
        training = dataclasses.replace(config.training, seed=0, checkpoint_minutes=1, compile=False)
        settings = dataclasses.replace(config, training=training, data=DataConfig())
        alike.setdefault((r["title"], r.where, settings), []).append(r)
    return list(alike.values())


def mean_cells(runs: Sequence[Record]) -> list[str]:
    """The six recalls of one run, or their mean and sample standard deviation over several."""
    if len(runs) == 1:
        return measured_cells(runs[0])
    scores = np.array([[value for d in DIRECTIONS for value in r.recall(d)] for r in runs])
    return [f"{m:.1f} ± {s:.1f}" for m, s in zip(scores.mean(axis=0), scores.std(axis=0, ddof=1), strict=True)]


def with_interval(record: Record, direction: str, k: int = 10) -> str:
    """E.g. "12.0 [10.1, 14.0]"."""
    scores = f"metrics.{direction}"
    return interval_cell(record[f"{scores}.recall.{k}"], record[f"{scores}.interval_95.{k}"], direction)


def interval_cell(value: float, limits: Sequence[float], direction: str) -> str:
    """A recall and its interval, with the direction's decimals."""
    low, high = limits
    digits = DECIMALS[direction]
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def link(record: Record, output: Path) -> str:
    """The record's path as seen from the folder `output`."""
    return Path(os.path.relpath(record.path, output)).as_posix()


def latex_text(text: str) -> str:
    special = {
        **{c: f"\\{c}" for c in "&%$#_{}"},
        **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
        **{"–": "--", "×": r"$\times$", "±": r"$\pm$", "<": "$<$", ">": "$>$", "|": "$|$"},
    }
    return "".join(special.get(c, c) for c in text)


def _shown(cells: Sequence[str | None]) -> list[str]:
    return [MISSING if cell is None else cell for cell in cells]


def _recall_header() -> list[str]:
    return [f"{name} R@{k}" if k == 1 else f"R@{k}" for name in HEADINGS for k in KS]


def _details(records: Sequence[Record], output: Path) -> list[str]:
    named = list(zip(titles(records), records, strict=True))
    main = [
        (
            *(title, r.where),
            *(with_interval(r, I2T), f"{r[f'metrics.{I2T}.chance.10']:.2f}"),
            *(with_interval(r, T2I), f"{r[f'metrics.{T2I}.chance.10']:.2f}"),
            " / ".join(f"{r[f'metrics.{d}.median_rank']:g}" for d in DIRECTIONS),
            " / ".join(f"{r[f'metrics.{d}.mAP']:.2f}" for d in DIRECTIONS),
            f"{r['metrics.rsum']:.1f}",
        )
        for title, r in named
    ]
    header = ("Model", "Data", "Image-to-Sentence R@10", "Chance", "Sentence-to-Image R@10", "Chance")
    header += ("Median rank", "mAP", "rsum")
    checks = [
        (
            *(title, r.where),
            *(_other_protocol(r, name, d) for name in ("one_caption", "raw_euclidean") for d in DIRECTIONS),
            *(_full_split(r, d) for d in DIRECTIONS),
            *(_five_fold(r, d) for d in DIRECTIONS),
            f"{r['metrics.extra.modality_gap']:.2f}",
        )
        for title, r in named
    ]
    names = ("one caption", "raw Euclidean", "whole split", "five folds")
    check_header = ("Model", "Data", *(f"{n} {d}" for n in names for d in ("i2t", "t2i")), "Modality gap")
    runs = [
        (
            *(title, r.where, f"{r['training_data.pictures']:,}", f"{r['training.inputs']:,}"),
            *(r.duration, r["device"], str(r["seed"]), f"[{r.path.name}]({link(r, output)})"),
        )
        for title, r in named
    ]
    run_header = ("Model", "Data", "Training pictures", "Inputs trained on", "Time", "Device", "Seed", "Run record")
    return [
        "R@10 with its 95 % interval (bootstrap over pictures) and what a random ranking would reach. Median rank and "
        "mAP: image-to-sentence / sentence-to-image; rsum: the sum of the six recalls.",
        markdown_table(header, main, "llrrrrrrr"),
        "R@10 under other protocols: only each picture's first caption; Euclidean distance without normalisation (not "
        "where a photograph's embedding is a mean of several of length one); the whole split where it is larger, and "
        "from 5,000 pictures on the mean of five folds of 1,000 with its standard deviation. The modality gap is the "
        "distance between the modalities' mean embeddings.",
        markdown_table(check_header, checks, "llrrrrrrrrr"),
        "The runs:",
        markdown_table(run_header, runs, "llrrrlrl"),
    ]


def _other_protocol(r: Record, name: str, direction: str) -> str:
    network = r.get("configuration.network") or {}
    if name == "raw_euclidean" and (network.get("average_mirrored") or network.get("average_corners")):
        return MISSING  # a mean of embeddings of length one has no length of its own
    return f"{r[f'metrics.extra.{name}.{direction}.10']:.{DECIMALS[direction]}f}"


def _full_split(record: Record, direction: str) -> str:
    if record.data.get("full_split") is None:
        return MISSING
    return f"{record[f'full_split.metrics.{direction}.recall.10']:.{DECIMALS[direction]}f}"


def _five_fold(record: Record, direction: str) -> str:
    whole = record.data.get("full_split") or record.data
    folds = whole["metrics"]["extra"].get("five_fold")
    if folds is None:
        return MISSING
    mean, deviation = (folds[name][direction]["10"] for name in ("mean", "standard_deviation"))
    return f"{mean:.{DECIMALS[direction]}f} ± {deviation:.{DECIMALS[direction]}f}"


def make_table(table: Table, arguments: Sequence[str] | None = None) -> None:
    """The command of one table: from the records alone, write results/NAME.{md,csv,tex} and print the Markdown.

    `arguments` as on the command line (default: those of the process). Raises InputError for records it cannot use.
    """
    parser = CommandParser(
        prog=f"python -m experiments.{table.name}",
        description=f"{table.title}: the published rows and, from run records, the measured ones.",
        epilog=f"example: python -m experiments.{table.name} --records results/records/{table.name} -o results",
    )
    parser.add_argument("--records", type=Path, help=f"folder of run records (default: results/records/{table.name})")
    parser.add_argument("-o", "--output", type=Path, default=Path("results"), help="folder to write to")
    args = parser.parse_args(arguments)
    if args.records is not None and not args.records.is_dir():
        raise InputError(f"{args.records}: no such folder of run records")
    records = read_records(args.records or Path("results/records") / table.name)
    files = table.files(records, args.output)
    for path, text in files.items():
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    print(table.markdown(records, args.output))
    print("written: " + ", ".join(map(str, files)))
