"""The comment at the head of every configuration: what it is, command, hardware and expected results, from records."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from encoded_text.common.errors import InputError
from experiments.columns import columns, names
from experiments.published import of_the_authors
from experiments.records import Record, same_but_seed, time_text
from experiments.settings import differences
from experiments.study import NAMES, Line, Study, read_study
from experiments.training import choose_runs
from single_net.config import RunConfig, load_config
from single_net.data.load import LABELS, root_variable


def with_header(path: Path, records: Sequence[Record]) -> str:
    """The text of a configuration with its first comment made anew; it ends at the first empty line.

    Args:
        path: the configuration.
        records: all committed records; those of the same data set and variant are used.

    Raises:
        InputError: the file has no empty line below its first comment.
    """
    head, gap, rest = path.read_text(encoding="utf-8").partition("\n\n")
    if not gap or any(not line.startswith("#") for line in head.splitlines()):
        raise InputError(f"{path}: should begin with a comment and an empty line below it")
    config = load_config(path)
    own = [r for r in records if (r["dataset.name"], r["variant"]) == (config.data.name, config.variant)]
    # Of several settings those nearest to the configuration's, of all seeds.
    groups = same_but_seed(own)
    runs = min(groups, key=lambda runs: len(differences(config, runs[0].config)), default=[])
    lines = [f"# {config.variant} on {LABELS.get(config.data.name, 'your own table of images')}.", *_words(path)]
    if origin := config.training.init_from:
        lines += [f"# Continues {Path(origin).name} with images of {config.network.image_size} px."]
    lines += _commands(config, path)
    lines += [f"# Hardware: {runs[0]['device'] if runs else 'not run yet'}"]
    lines += [f"# Expected: {line}" for line in _expected(config, runs)]
    return "\n".join(lines) + gap + rest


def _words(path: Path) -> list[str]:
    """The comment of the base that makes the variant."""
    base: Path = path.parent / tomllib.loads(path.read_text(encoding="utf-8"))["base"][0]
    comment = base.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    return comment if base.parent.name == "base" else _words(base)


def _study_and_line(config: RunConfig) -> tuple[Study, Line] | None:
    """The study that shows this configuration, and its line."""
    for study in map(read_study, ("table1", "table2", *NAMES)):
        for line in study.lines:
            if line.variant == config.variant and config.data.name in (study.data, study.fallback):
                return study, line
    return None


def _commands(config: RunConfig, path: Path) -> list[str]:
    """What trains the study that shows this configuration, and what trains this variant alone, as it can be pasted."""
    of_study, alone = _study_command(config), _alone(config, path)
    if not of_study:
        return [f"# Command:  {alone[0]}", *(f"#           {command}" for command in alone[1:])]
    lines = [f"# Command:  {of_study}"]
    return lines + (["# This variant alone:", *(f"#           {command}" for command in alone)] if alone else [])


def _study_command(config: RunConfig) -> str:
    """Empty for a variant that no study trains on a table of one's own without many others."""
    found = _study_and_line(config)
    if found is None:
        table2 = read_study("table2")
        has_it = config.variant in [line.variant for line in table2.lines]
        name = config.data.name
        return f"{root_variable(name)}=my_images {table2.command} DATA={name}" if has_it else ""
    study, line = found
    trained = [] if line.command else [run.config() for run in choose_runs(study, config.data.name)]
    roots = ["flickr8k"] if line.command else []
    stands_in = f" DATA={config.data.name}" if config.data.name == study.fallback else ""
    return _with_roots([config, *trained], (line.command or study.command) + stands_in, roots)


def _alone(config: RunConfig, path: Path) -> list[str]:
    """The commands that train this variant alone; none where the study's command makes its data first."""
    found = _study_and_line(config)
    if found and found[1].command:
        return []
    modules = ["teach"] if config.teaching.file and not config.training.init_from else []
    root = "" if found else " --root my_images"
    commands = [f"python -m single_net.{of} experiments/configs/{path.name}{root}" for of in (*modules, "train")]
    return [_with_roots([config], command) if found else command for command in commands]


def _with_roots(configs: Sequence[RunConfig], command: str, roots: Sequence[str] = ()) -> str:
    """A command with the roots of all data sets that the configurations, and `roots`, name."""
    names = [*roots, *(name for one in configs for name in (one.data.name, one.encoder.extra_captions))]
    found = [name for name in dict.fromkeys(names) if name not in ("", "scenes")]
    return " ".join([*(f"{root_variable(name)}=/data/{name}" for name in found), command])


def _expected(config: RunConfig, runs: list[Record]) -> list[str]:
    """What a run should give: from its records, else the published result, else that nobody knows."""
    if not runs:
        lines = [f"not measured yet: no record of {config.data.name} {config.variant} in results/records"]
        found = _study_and_line(config)
        published = of_the_authors(found[0].published, config.variant) if found else None
        if published and published.data == config.data.name:
            left, right = ("/".join(cells) for cells in (published.recalls[:3], published.recalls[3:]))
            lines.append(f"published ({published.source}): R@1/5/10 {left} i2t | {right} t2i")
        return lines
    first = runs[0]
    cells = [columns()[name].cell(runs) for name in names(["recalls"])]
    between = "/" if len(runs) == 1 else "  "
    left, right = between.join(cells[:3]), between.join(cells[3:])
    lines = [f"R@1/5/10 {left} i2t | {right} t2i on {first.where}"]
    if len(runs) > 1:
        lines[0] += f" (mean ± standard deviation, seeds {', '.join(str(r['seed']) for r in runs)})"
    intervals = " | ".join(columns()[f"{short}_r10_interval"].cell([first]) for short in ("i2t", "t2i"))
    seed = f"seed {first['seed']}: " if len(runs) > 1 else ""
    lines.append(f"{seed}R@10 with 95 % interval {intervals}")
    record = f"results/records/{first.path.parent.name}/{first.path.name}"
    compiled = ", compiled" if first.config.training.compile else ""
    lines.append(f"{seed}{time_text(first.total_seconds)}{compiled}; record {record}")
    if others := differences(config, first.config):
        lines.append(f"(that run had {', '.join(f'{key}={then}' for key, (_, then) in others.items())})")
    return lines
