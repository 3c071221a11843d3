"""python -m experiments.readme: put the records' numbers into README.md and into the configurations' first lines.

README.md: what stands between `<!-- begin generated: NAME -->` and `<!-- end generated: NAME -->`.
experiments/configs/*.toml: the lines that begin with `# Expected:`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import replacing
from experiments import ambiguities, beyond, trials, twin
from experiments.bench import report
from experiments.compare import TABLES, published_row
from experiments.markdown import markdown_table
from experiments.records import DIRECTIONS, KS, Record, read_records
from experiments.tables import differing_in_seed, mean_cells, with_interval
from experiments.trials import flat
from single_net.config import RunConfig, load_config

_BLOCK = re.compile(r"<!-- begin generated: (?P<name>\S+) -->\n.*?<!-- end generated: (?P=name) -->", re.DOTALL)
_MARK = re.compile(r"<!-- (?:begin|end) generated: \S+ -->")
EXPECTED = "# Expected:"
NO_BENCH = "Not measured yet: `make bench` does it."


def generated(root: Path) -> dict[Path, str]:
    """Every file this command looks after, as it should be: README.md and the configurations under `root`."""
    records = {name: read_records(root / "results" / "records" / name) for name in TABLES}
    readme = root / "README.md"
    files = {readme: fill_blocks(readme, blocks(root, records))}
    everything = [record for of_table in records.values() for record in of_table]
    for path in sorted((root / "experiments" / "configs").glob("*.toml")):
        files[path] = fill_expected(path, expected_lines(load_config(path), everything, root))
    return files


def blocks(root: Path, records: dict[str, list[Record]]) -> dict[str, str]:
    """The text of each block by its name."""
    result = {}
    for name, table in TABLES.items():
        more = f"More about the measured rows: [results/{name}.md](results/{name}.md)." if records[name] else ""
        result[name] = f"{table.markdown(records[name], root, brief=True)}\n{more}".strip()
    scenes: dict[str, Record] = {}
    for record in (record for of_table in records.values() for record in of_table):
        if record["dataset.name"] == "scenes":
            scenes.setdefault(record["row"], record)  # tables 1 and 2 may both hold it
    result["expect-scenes"] = expect_table(list(scenes.values()))
    others = [r for of_table in records.values() for r in of_table if r["dataset.name"] != "scenes"]
    result["beyond"] = "\n\n".join(beyond.tables([*scenes.values(), *others]))
    result["trials"] = trials.table(root / trials.LOG)
    for study in (twin.STUDY, ambiguities.STUDY):
        result[study.name] = study.markdown(read_records(root / "results" / "records" / study.name))
    bench = root / "results" / "bench.json"
    record = report.read(bench) if bench.exists() else None
    result["bench"] = report.table(record) if record else NO_BENCH
    result["hours"] = report.hours(record) if record else NO_BENCH
    return result


def expect_table(records: list[Record]) -> str:
    """What to expect of the embedded scenes: R@10, chance and time of each row."""
    if not records:
        return f"No measured rows yet: `{TABLES['table1'].command}` makes them."
    header = ["Row", "Image-to-Sentence R@10", "Sentence-to-Image R@10", "Chance", "Time", "Device"]
    rows = [
        (
            *(r["row"], *(with_interval(r, d) for d in DIRECTIONS)),
            " / ".join(f"{r[f'metrics.{d}.chance.10']:.2f}" for d in DIRECTIONS),
            *(r.duration, r["device"]),
        )
        for r in records
    ]
    return markdown_table(header, rows, "lrrrrl")


def fill_blocks(path: Path, content: dict[str, str]) -> str:
    """The file's text with every block filled. Raises InputError for unknown names and marks that do not pair."""
    text = _read(path)
    found = [match["name"] for match in _BLOCK.finditer(text)]
    if len(_MARK.findall(text)) != 2 * len(found):
        raise InputError(f"{path}: each `begin generated` mark needs an `end generated` mark of the same name below it")
    for name in found:
        if name not in content:
            raise InputError(f"{path}: nothing is generated under the name {name!r}: known are {', '.join(content)}")

    def fill(match: re.Match) -> str:
        name = match["name"]
        return f"<!-- begin generated: {name} -->\n\n{content[name]}\n\n<!-- end generated: {name} -->"

    return _BLOCK.sub(fill, text)


def expected_lines(config: RunConfig, records: list[Record], root: Path) -> list[str]:
    """What a run of this configuration should give: from its record, or the published row, or that nobody knows."""
    own = [r for r in records if (r["dataset.name"], r["row"]) == (config.data.name, config.row)]
    # Of several settings, the ones nearest to the configuration's; of them all seeds.
    runs = min(differing_in_seed(own), key=lambda runs: len(other_settings(config, runs[0])), default=[])
    by_seed = {r["seed"]: r for r in reversed(runs)}  # tables 1 and 2 may both hold a run
    runs = [by_seed[seed] for seed in sorted(by_seed)]
    if not runs:
        table = next((t for t in TABLES.values() if t.dataset == config.data.name), None)
        row = published_row(table, config.row) if table else None
        lines = [f"not measured yet: no record of {config.data.name} {config.row} in results/records"]
        if row is not None:
            left, right = row.cells[:3], row.cells[3:]
            lines.append(f"published ({row.source}): R@1/5/10 {'/'.join(left)} | {'/'.join(right)}")
        return lines
    record, cells = runs[0], mean_cells(runs)
    between = "/" if len(runs) == 1 else "  "
    left, right = between.join(cells[: len(KS)]), between.join(cells[len(KS) :])
    lines = [
        f"R@1/5/10 {left} image-to-sentence | {right} sentence-to-image on {record.where}",
        f"R@10 with 95 % interval {' | '.join(with_interval(record, d) for d in DIRECTIONS)}",
        f"{record.duration} on {record['device']}; record {record.path.relative_to(root).as_posix()}",
    ]
    if len(runs) > 1:
        seeds = ", ".join(str(r["seed"]) for r in runs)
        lines[0] += f" (mean ± standard deviation, seeds {seeds})"
        lines[1:] = [f"seed {record['seed']}: {line}" for line in lines[1:]]
    if changed := other_settings(config, record):
        lines.append(f"(that run had {', '.join(changed)})")
    return lines


def other_settings(config: RunConfig, record: Record) -> list[str]:
    """Settings of the recorded run that differ from the configuration's, the folder of the data aside.

    A setting that did not exist yet when the record was made had what is now its default.
    """
    recorded = RunConfig.from_dict(record.data.get("configuration", {}), where=str(record.path))
    now, then = flat(config.to_dict()), flat(recorded.to_dict())
    return [f"{key}={then[key]}" for key in now if key != "data.root" and now[key] != then[key]]


def fill_expected(path: Path, lines: list[str]) -> str:
    """The file's text with its `# Expected:` lines replaced. Raises InputError if it has none."""
    text = _read(path).splitlines()
    places = [i for i, line in enumerate(text) if line.startswith(EXPECTED)]
    if not places:
        raise InputError(f"{path}: has no line that begins with {EXPECTED!r}: add one to its first lines")
    kept = [line for line in text if not line.startswith(EXPECTED)]
    kept[places[0] : places[0]] = [f"{EXPECTED} {line}" for line in lines]
    return "\n".join(kept) + "\n"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file: run this from the project's checkout") from None


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.readme",
        description="Refresh the generated parts of README.md and of experiments/configs/*.toml from the run records.",
        epilog="example: python -m experiments.readme --check",
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if something would change")
    args = parser.parse_args()
    stale = {path: text for path, text in generated(Path(".")).items() if path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        if not args.check:
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        print(f"{'stale' if args.check else 'refreshed'}: {path}")
    if not stale:
        print("everything is up to date")
    if args.check and stale:
        sys.exit(1)


if __name__ == "__main__":
    run_command(_main)
