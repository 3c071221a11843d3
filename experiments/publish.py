"""python -m experiments.publish: make everything that is generated from the committed run records, for maintainers.

Tables and the experiment log in results/, the heads of the configurations, the README's table, and the settings of
docs/settings.md. With --from-runs, records (and figures) of runs/ are taken into results/ first. Calling it twice
changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import replacing, write_atomic
from experiments import measurement, settings_page, sound_layouts
from experiments.bench import __main__ as bench
from experiments.bench import answers as bench_answers
from experiments.bench import index as bench_index
from experiments.bench.report import FORMAT as BENCH
from experiments.config_headers import with_header
from experiments.curves import draw_curves
from experiments.figures import FIGURES_FOLDER
from experiments.frozen_images import page as frozen_images
from experiments.gpu_check.report import FORMAT as GPU_CHECK
from experiments.log import log_table
from experiments.pages import GENERATED, study_files
from experiments.readme import fill, results_table
from experiments.records import Record, read_record, read_records
from experiments.report import RECORDS
from experiments.settings import differences
from experiments.study import NAMES, Study, read_study
from experiments.training import choose_runs

# Figures that hold no images of other people's data sets.
FIGURES = (
    *("overview.png", "search.png", "page.png", "page-phone.png", "sound.png"),
    *("table3.png", "table3.html", "figure3.png", "figure3-flickr8k.png"),
)
LOG_WORDS = (
    "Scores on the **validation** split, R@10 in percent with 95 % intervals: not to be compared with the tables, "
    "which are of test splits. Gap: modality gap. (removed): a setting that no longer exists."
)
EXAMPLE = """examples:
  python -m experiments.publish
  python -m experiments.publish --from-runs table1 figures
"""


class Measurement(NamedTuple):
    """A record that is no run's: its format, the module that makes it, and its page."""

    format: str
    module: str
    page: Callable[[dict[str, Any]], str]


MEASUREMENTS = {
    "bench": Measurement(BENCH, "experiments.bench", bench.page),
    "bench_answers": Measurement(bench_answers.FORMAT, "experiments.bench.answers", bench_answers.page),
    "bench_index": Measurement(bench_index.FORMAT, "experiments.bench.index", bench_index.page),
    "frozen_images": Measurement(frozen_images.FORMAT, "experiments.frozen_images", frozen_images.page),
    "sound_layouts": Measurement(sound_layouts.FORMAT, "experiments.sound_layouts", sound_layouts.page),
}


def generated(root: Path) -> dict[Path, str]:
    """Every generated text file of the checkout `root`, as it should be.

    Raises:
        InputError: a record, a configuration or the README cannot be used.
    """
    results, configs = root / "results", root / "experiments" / "configs"
    studies = [(study, study.records(results / "records")) for study in map(read_study, NAMES)]
    files = {results / name: text for study, own in studies for name, text in study_files(study, own).items()}
    table = log_table(results / "experiments.csv")
    files[results / "experiments.md"] = f"<!-- {GENERATED} -->\n# Experiments\n\n{LOG_WORDS}\n\n{table}\n"
    everything = [r for name in NAMES for r in read_records(results / "records" / name)]
    files |= {path: with_header(path, everything) for path in sorted(configs.glob("*.toml"))}
    for path in (results / f"{name}.json" for name in MEASUREMENTS):
        if path.exists():
            text = MEASUREMENTS[path.stem].page(_measurement(path))
            files[path.with_suffix(".md")] = f"<!-- {GENERATED} -->\n{text.strip()}\n"
    files[root / "docs" / "settings.md"] = f"{settings_page.page()}\n"
    readme = root / "README.md"
    files[readme] = fill(readme.read_text(encoding="utf-8"), results_table(studies))
    return files


def take_records(study: str, root: Path) -> list[Path]:
    """Copy a study's records from runs/records into `root`/results/records; returns where they are.

    Raises:
        InputError: there are none, one cannot be used, is not of a run of the study (`check_recipe`), or was made with
            uncommitted code.
    """
    paths = sorted((RECORDS / study).glob("*.json"))
    if not paths:
        raise InputError(f"{RECORDS / study}: no records: {read_study(study).command} makes them")
    for path in paths:
        record = read_record(path)
        check_recipe(read_study(study), record)
        states = [record.get("git") or {}, *training_code(record.data)]
        if any(state.get("dirty") is not False for state in states):
            raise InputError(f"{path}: made with uncommitted code: commit it, then train and evaluate anew")
    return [_copy(path, root / "results" / "records" / study / path.name) for path in paths]


def check_recipe(study: Study, record: Record) -> None:
    """Check that a record is of a run that the study itself would train: its data, and the settings of its line.

    Raises:
        InputError: it is not; names what differs.
    """
    line, data = study.line(record["variant"]), record["dataset.name"]
    if data not in (study.data, study.fallback):
        raise InputError(f"{record.path}: on {data}, which is no data set of {study.name}: remove the file")
    [run] = choose_runs(study, data, [line.variant], [record["seed"]])
    if others := differences(run.config(), record.config):
        listed = ", ".join(f"{key}={value} instead of {own}" for key, (own, value) in others.items())
        raise InputError(f"{record.path}: {listed}: only runs with a study's own settings are published: remove it")


def training_code(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The git states of the code that trained: in each call of the run, and of the run that it went on from."""
    training, origin = record.get("training") or {}, record.get("init_from")
    states = [call.get("git") for call in (training, *training.get("earlier", []))]
    return [state for state in states if state] + (training_code(origin) if origin else [])


def take_figures(root: Path) -> list[Path]:
    """Copy the figures that may be published from runs/figures into `root`/results; returns where they are.

    Raises:
        InputError: there are none.
    """
    found = [name for name in FIGURES if (FIGURES_FOLDER / name).exists()]
    if not found:
        raise InputError(f"{FIGURES_FOLDER}: no figures: make reproduce-table3 and make reproduce-figure3 draw some")
    return [_copy(FIGURES_FOLDER / name, root / "results" / name) for name in found]


def take_measurement(name: str, root: Path) -> list[Path]:
    """Copy runs/`name`.json into `root`/results; returns where it is. Raises InputError as `take_records`."""
    source = Path("runs") / f"{name}.json"
    if not source.is_file():
        raise InputError(f"{source}: no record: python -m {MEASUREMENTS[name].module} makes it")
    if _measurement(source)["git"]["dirty"] is not False:
        raise InputError(f"{source}: made with uncommitted code: commit it, then measure anew")
    return [_copy(source, root / "results" / source.name)]


def take_gpu_check(root: Path) -> list[Path]:
    """Copy the record of gpu-check into `root`/results; returns where it is.

    Its page is made by experiments.gpu_check.page.

    Raises:
        InputError: there is none, it was made without a GPU, or a part of it with uncommitted code.
    """
    source = Path("runs/gpu-check/found/check.json")
    check = measurement.read(source, GPU_CHECK, "experiments.gpu_check")
    if check["small"]:
        raise InputError(f"{source}: made without a GPU, its numbers mean nothing: run make gpu-check on a GPU")
    # A second call keeps what the first one found, with its code.
    parts = [check, check.get("tests", {"git": check["git"]})]
    parts += [*check.get("speed", {}).get("lines", {}).values(), *check.get("trainings", {}).values()]
    if any(part["git"]["dirty"] is not False for part in parts):
        raise InputError(f"{source}: made with uncommitted code: commit it, then run make gpu-check anew")
    return [_copy(source, root / "results" / "gpu.json")]


def _measurement(path: Path) -> dict[str, Any]:
    kind = MEASUREMENTS[path.stem]
    return measurement.read(path, kind.format, kind.module)


def _copy(source: Path, target: Path) -> Path:
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
    return target


OTHERS = {"figures": take_figures, "gpu": take_gpu_check}


def publish(root: Path, from_runs: Sequence[str] = ()) -> list[Path]:
    """Take what is named from runs/, then write every generated file that is not as it should be; returns them."""
    taken = []
    for name in from_runs:
        if name in OTHERS:
            taken += OTHERS[name](root)
        else:
            taken += take_measurement(name, root) if name in MEASUREMENTS else take_records(name, root)
    files = {path: text.encode() for path, text in generated(root).items()}
    stale = {path: text for path, text in files.items() if not path.exists() or path.read_bytes() != text}
    drawn = _draw_curves(root, files, stale)  # before their numbers: a call that is interrupted leaves these stale
    for path, text in stale.items():
        write_atomic(path, text)
    return [*taken, *stale, *drawn]


def _draw_curves(root: Path, files: Container[Path], stale: Container[Path]) -> list[Path]:
    """Draw the curves whose numbers have changed, or that are missing; returns where they are."""
    drawn = []
    for study in map(read_study, NAMES):
        numbers = root / "results" / f"{study.name}_curves.csv"
        plot = numbers.with_suffix(".png")
        if numbers in files and (numbers in stale or not plot.exists()):
            records = study.records(root / "results" / "records")
            draw_curves({record: study.line(record["variant"]).name for record in records}, plot)
            drawn.append(plot)
    return drawn


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.publish",
        description="Make tables, the experiment log, heads of configurations and the README's table from records.",
        epilog=EXAMPLE,
    )
    choices = (*NAMES, *MEASUREMENTS, *OTHERS)
    p.add_argument("--from-runs", nargs="+", default=[], choices=choices, help="take these from runs/ first")
    root = Path(__file__).resolve().parents[1]
    written = publish(root, p.parse_args().from_runs)
    for path in written:
        print(f"written: {path.relative_to(root)}")
    if not written:
        print("everything is up to date")


if __name__ == "__main__":
    run_command(_main)
