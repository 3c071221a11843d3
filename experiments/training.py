"""A run of a study's line: checked before anything is trained, then trained where it is not yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from encoded_text.common.errors import InputError
from experiments.processes import call
from experiments.settings import comparable
from experiments.study import HERE, Line, Study
from single_net.common import tensor_file
from single_net.config import RunConfig, load_config
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset, root_variable
from single_net.data.readers.problems import NoImages
from single_net.inference.run_files import MODEL, checkpoint_files
from single_net.models.teachers import INSTALL, missing_packages
from single_net.training.teaching import read_teaching

RUNS = Path("runs")
GIVEN_BY_ORIGIN = ("encoder.file", "network.pretrained")  # by the run that another goes on from


@dataclass(frozen=True)
class Run:
    """One training: a line on a data set with a seed, and the user's overrides ("section.key=value").

    `after` is the run that it goes on from.
    """

    line: Line
    data: str
    seed: int = 0
    overrides: tuple[str, ...] = ()
    after: Run | None = None

    @property
    def name(self) -> str:
        """DATA-VARIANT, and the seed where it is not 0."""
        return f"{self.data}-{self.line.variant}" + (f"-seed{self.seed}" if self.seed else "")

    @property
    def folder(self) -> Path:
        """Where it is kept; studies that show the same line on the same data share it."""
        return RUNS / self.name

    @property
    def config_file(self) -> Path:
        """The data set's own configuration of the line, or a table's; relative to the working folder if below it."""
        own = own_config(self.line, self.data)
        chosen = own if own.exists() else HERE / "configs" / f"table_{self.line.base}.toml"
        return chosen.relative_to(Path.cwd()) if chosen.is_relative_to(Path.cwd()) else chosen

    @property
    def changes(self) -> list[str]:
        """What is set on top of the configuration: for the line, for its data, and by the user."""
        chosen = load_config(self.config_file)
        own = [] if chosen.variant == self.line.variant else [f"variant={self.line.variant}"]
        if chosen.teaching.file and self.data != chosen.data.name:  # else data sets would share the file of a table
            own.append(f'teaching.file="runs/{self.data}-teaching.safetensors"')
        if not self.after:
            return [*self.line.changes, *own, *self.overrides]
        start = f'training.init_from="{self.after.folder}"'
        others = [one for one in self.overrides if one.partition("=")[0].strip() not in GIVEN_BY_ORIGIN]
        return [*self.line.changes, *own, start, *others]

    @property
    def stages(self) -> list[Run]:
        """The runs that it goes on from, the first one first, and itself."""
        return [*(self.after.stages if self.after else []), self]

    @property
    def trained(self) -> bool:
        """Whether the training is finished."""
        return (self.folder / MODEL).exists()

    def config(self) -> RunConfig:
        """The configuration that is trained."""
        return load_config(self.config_file, [*self.changes, f'data.name="{self.data}"', f"training.seed={self.seed}"])


def own_config(line: Line, data: str) -> Path:
    """Where a data set's own configuration of a line is, if it has one."""
    return HERE / "configs" / f"{data}_{line.base}.toml"


def choose_data(study: Study, wanted: str | None) -> str:
    """The wanted data set; else the study's own if there is one; else the fallback.

    Raises:
        InputError: there is none of them.
    """
    if wanted or study.data == "scenes":
        return wanted or study.data
    if study.fallback:
        return study.data if has_images(study.data) else study.fallback
    variable = root_variable(study.data)
    if not os.environ.get(variable):
        folder = f"/data/{study.data}"
        raise InputError(f"{variable} is not set: name the folder of the data set, e.g. {variable}={folder}")
    return study.data


def has_images(name: str) -> bool:
    """Whether the root of a data set is set; for Flickr30K, whose captions are used alone as well, with images."""
    if not os.environ.get(root_variable(name)):
        return False
    if name != "flickr30k":  # images that are missing are a mistake, which `check` tells
        return True
    try:
        load_dataset(name, None, "test")
    except NoImages as error:
        print(f"{error}; going on without the images of {name}", flush=True)
        return False
    except InputError:
        pass  # `check` tells
    return True


def choose_runs(
    study: Study, data: str, variants: Sequence[str] = (), seeds: Sequence[int] = (), overrides: Sequence[str] = ()
) -> list[Run]:
    """The runs of a study on a data set: of all its variants, each with its own seeds, unless some are named.

    On the data set that stands in for the study's own, one seed of each variant that has a configuration for it: it
    shows that everything works, within minutes.

    Raises:
        InputError: the study has no such variant, or none with a configuration for the data, or the overrides name a
            seed or a variant.
    """
    changed = {override.partition("=")[0].strip() for override in overrides}
    if "training.seed" in changed:
        raise InputError("--set training.seed: name seeds with --seeds, which also name the folders of the runs")
    if "variant" in changed:
        raise InputError("--set variant: a study's runs have the names of its variants: choose some with --variants")
    stands_in = data == study.fallback
    lines = [study.line(name) for name in variants] or [
        line
        for line in study.lines
        if not line.on_request
        and (own_config(line, data).exists() or (not stands_in and own_config(line, "table").exists()))
    ]
    if not lines:
        raise InputError(f"{study.name} has no configuration for {data}: choose other data, or name variants")
    most = 1 if stands_in else None

    def run(line: Line, seed: int) -> Run:
        after = run(study.line(line.after), seed) if line.after else None
        return Run(line, data, seed, tuple(overrides), after)

    return [run(line, seed) for line in lines for seed in seeds or line.seeds[:most]]


def without_missing_teachers(runs: Sequence[Run]) -> list[Run]:
    """The runs that can be trained here: taught ones need a teaching file, or the packages that make one.

    Raises:
        InputError: there is none.
    """
    missing, kept = missing_packages(), []
    for run in runs:
        teaching = run.config().teaching
        if teaching.file and missing and not run.trained and not teaching.path.exists():
            print(f"{run.name} is left out: there is no {teaching.file}, and {missing[0]} is not installed: {INSTALL}")
        else:
            kept.append(run)
    if runs and not kept:
        raise InputError(f"nothing is left to train: {INSTALL}")
    return kept


def check(runs: Sequence[Run]) -> None:
    """Find out before the first run is trained what would stop the last one.

    Raises:
        InputError: a wrong setting, missing data, too many clusters, a teaching file of other data, or a run trained
            otherwise; says how to mend it.
    """
    loaded: dict[str, CaptionDataset] = {}
    for run in {stage.name: stage for one in runs for stage in one.stages}.values():
        config = run.config()
        source = config.data.model_dump_json()
        if source not in loaded:
            config.data.load("test")
            loaded[source] = config.data.load("train")
        _check_extra_captions(run, config)
        _check_clusters(run, config, len(loaded[source]))
        if run.trained:
            _check_trained(run, config, loaded[source])
        elif config.teaching.path.is_file():  # else `train` prepares it
            _check_teaching(config, loaded[source])


def _check_extra_captions(run: Run, config: RunConfig) -> None:
    if extra := config.encoder.extra_captions:
        try:
            load_dataset(extra, None, "train", skip_bad=config.data.skip_bad, captions_only=True)
        except InputError as error:
            raise InputError(
                f"{run.line.variant} learns words from the captions of {extra} as well: {error}; or do without them: "
                "--set encoder.extra_captions= (with make: ARGS='--set encoder.extra_captions=')"
            ) from None


def _check_clusters(run: Run, config: RunConfig, images: int) -> None:
    clusters = max(config.loss.granularities) if config.loss.classes == "clusters" else 0
    if clusters > images:
        raise InputError(
            f"{run.data} has {images} training images, too few for the {clusters} clusters of {run.line.variant}: "
            "lower them, e.g. ARGS='--set loss.granularities=[4,16]', or leave the variant out with --variants"
        )


def _check_teaching(config: RunConfig, train_data: CaptionDataset) -> None:
    """Refuse a file that is damaged, was made with what is tested, or with other captions of the training images."""
    teaching = read_teaching(config, None)
    assert teaching is not None
    # What training itself leaves out, e.g. images that are also in the test split, is not in the file.
    known = set(teaching.meta["train"]["ids"])
    shared = [number for number, id in enumerate(train_data.ids) if id in known]
    teaching.of(train_data.select(shared) if shared else train_data, None, config.teaching.file)


def _check_trained(run: Run, config: RunConfig, train_data: CaptionDataset) -> None:
    meta = tensor_file.load(run.folder / MODEL, "model")[1]
    before = RunConfig.from_dict(meta["config"], where=str(run.folder))
    described = meta["training_data"]
    # What training itself left out, e.g. images that are also in the test split, cannot be compared.
    left_out = described["skipped"].keys() - train_data.skipped.keys()
    same_data = described["sha256"] == train_data.checksums() or bool(left_out)
    same_settings = comparable(before) == comparable(config) and before.training.seed == config.training.seed
    same_start = before.portable().training.init_from == config.portable().training.init_from
    if not (same_settings and same_start and same_data):
        raise InputError(
            f"{run.folder} was trained with other settings or other data: delete that folder to train it anew"
        )


def train(run: Run) -> None:
    """Train a run, or go on with it, in a process of its own; a finished one is left as it is.

    The run that it goes on from is trained before.
    """
    if run.trained:
        print(f"{run.folder} is trained already: delete that folder to train it anew", flush=True)
        return
    if run.after:
        train(run.after)
    changes = [word for change in run.changes for word in ("--set", change)]
    teaching = run.config().teaching
    if teaching.file and not teaching.path.exists():
        call("single_net.teach", run.config_file, "--data", run.data, *changes)
    arguments = [*changes, "--seed", str(run.seed)]
    arguments += ["--resume"] if checkpoint_files(run.folder) else []
    call("single_net.train", run.config_file, "--data", run.data, "--output", run.folder, *arguments)
