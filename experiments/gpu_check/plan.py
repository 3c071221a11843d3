"""What is trained, in which order, and for how many epochs in the time that is left."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from encoded_text.common.errors import InputError
from experiments.study import HERE
from single_net.config import RunConfig, load_config
from single_net.data.load import load_dataset, root_variable
from single_net.training.samples import samples_per_image

MOST = 3.0  # times the wanted samples, where the time allows
LEAST = 0.2  # of the wanted samples: a shorter training is not begun
SURE = 0.9  # of the time for steps that is planned with where a training takes all of it
SMALL = (
    *("data.train_images=6", "network.image_size=80", "training.epochs=1", "batch.size=6"),
    *("loss.granularities=[2,4]", "network.test_time_augmentation=none"),
)
SMALL_SETUP = 5.0  # seconds


@dataclass(frozen=True)
class Training:
    """A training of the check.

    Attributes:
        name: DATA-VARIANT, also the name of its configuration.
        line: of speeds.LINES, whose rate is expected.
        samples: to be trained on, if there is time.
        setup: estimated seconds for what is no step (imports, data, scoring, evaluation).
        changes: of its configuration, "section.key=value".
    """

    name: str
    line: str
    samples: float
    setup: float
    changes: tuple[str, ...] = ()

    @property
    def config_file(self) -> Path:
        """Its configuration."""
        return HERE / "configs" / f"{self.name.replace('-', '_')}.toml"

    @property
    def data(self) -> str:
        """The name of its data set."""
        return self.name.partition("-")[0]


SCORED = "training.evaluations=3"  # the weights of the best are what is left where time runs out
# A large bank, batches and rate cost nothing there. Five times the samples in a batch, twice the rate.
TAUGHT = ("batch.size=168", "training.learning_rate=2e-3", "teaching.bank=32768", SCORED)
TRAININGS = (
    Training("flickr8k-config-standard", "training-96-45", 2e6, 120),
    Training("flickr8k-config-2", "training-96-45", 2e6, 120),
    Training("flickr8k-nested", "training-160-96", 5e5, 120, ("network.image_size=160", SCORED)),
    Training("flickr8k-taught", "training-96-512", 2e6, 120, TAUGHT),
    # On a GPU there is time for all scenes: the configurations take fewer for the sake of a CPU.
    Training("scenes-config-standard", "training-96-45", 1e6, 60, ("data.train_images=0", SCORED)),
    Training("scenes-config-2", "training-96-45", 1e6, 60, ("data.train_images=0", SCORED)),
    Training("scenes-nested", "training-96-45", 2.5e5, 60, (SCORED,)),
)
NAMES = tuple(training.name for training in TRAININGS)


@dataclass(frozen=True)
class Job:
    """A training with everything that is known about it before it starts.

    Attributes:
        training: what is trained.
        root: of its data; None for the scenes, which are drawn by code.
        captions: where a data set is whose captions teach words as well, as an environment variable.
        changes: of the configuration, but for the epochs, "section.key=value".
        epochs: wanted.
        epoch_samples: in an epoch.
    """

    training: Training
    root: Path | None
    captions: dict[str, str]
    changes: tuple[str, ...]
    epochs: float
    epoch_samples: int


def root_of(data: str, files: Path) -> Path | None:
    """Where a data set is: packed among the files of the check, else what the environment says; None if neither."""
    packed, named = files / f"{data}.zip", os.environ.get(root_variable(data))
    return packed if packed.is_file() else Path(named) if named else None


def encoder_file(training: Training, files: Path) -> Path:
    """Where the encoder of a training is, if one was fitted beforehand."""
    return files / f"{training.name}.encoder.safetensors"


def teaching_file(training: Training, files: Path) -> Path:
    """Where what its teachers say is, if it was prepared beforehand."""
    return files / f"{training.name}.teaching.safetensors"


def job(training: Training, files: Path, *, small: bool = False) -> Job:
    """Find what a training needs.

    Args:
        training: what is to be trained.
        files: folder with packed data and encoders, as experiments.gpu_check.prepare makes it.
        small: on a CPU, a few steps with a few images.

    Raises:
        InputError: its data set or encoder is not at hand.
    """
    root = None if training.data == "scenes" else root_of(training.data, files)
    if root is None and training.data != "scenes":
        raise InputError(
            f"no {training.data}: set {root_variable(training.data)}, or bring {files} made by make gpu-pack"
        )
    changes = [*training.changes, *(SMALL if small else ())]
    config = load_config(training.config_file, changes)
    captions = {}
    if extra := config.encoder.extra_captions:
        found = root_of(extra, files)
        captions = {root_variable(extra): str(found)} if found else {}
        changes += [] if found else ["encoder.extra_captions="]
    changes += _brought(training, config, files)
    images = len(load_dataset(training.data, root, "train", captions_only=root is not None))
    images = min(images, config.data.train_images or images)
    of_epoch = images * samples_per_image(config.augmentation.kind, config.teaching.views)
    epochs = config.training.epochs if small else training.samples / of_epoch
    training = replace(training, setup=SMALL_SETUP) if small else training
    return Job(training, root, captions, tuple(changes), epochs, of_epoch)


def _brought(training: Training, config: RunConfig, files: Path) -> list[str]:
    """Settings that name the teaching file and the encoder that were prepared.

    Raises:
        InputError: one is needed and neither there nor elsewhere.
    """
    changes = []
    if config.teaching.file:
        teaching = teaching_file(training, files)
        if teaching.is_file():
            changes.append(f"teaching.file={teaching}")
        elif not config.teaching.path.is_file():
            raise InputError(f"no {teaching}: prepare {config.teaching.file} and make gpu-pack, see docs/teaching.md")
    encoder = encoder_file(training, files)
    if encoder.is_file():
        changes.append(f"encoder.file={encoder}")
    elif importlib.util.find_spec("gensim") is None:
        raise InputError(f"no {encoder}, and no gensim to fit an encoder: bring {files} made by make gpu-pack")
    return changes


def epochs_that_fit(
    jobs: Sequence[Job], rates: dict[str, float], left: float, slower: float = 1.0, most: float = MOST
) -> float | None:
    """For how many epochs the first of the jobs that are left is trained.

    If all fit as wanted, the time that remains is shared among them; otherwise the first takes what it wants.

    Args:
        jobs: not yet begun.
        rates: samples a second by the line of speed.
        left: seconds.
        slower: how many times longer than expected earlier trainings took.
        most: times the wanted epochs, where the time allows.

    Returns:
        Epochs, or None if they would be fewer than LEAST of those wanted.
    """
    steps = [job.epochs * job.epoch_samples / rates[job.training.line] * slower for job in jobs]
    setups = [job.training.setup * slower for job in jobs]
    of_all = (left - sum(setups)) / sum(steps)
    share = min(most, of_all) if of_all >= 1 else min(1.0, SURE * (left - setups[0]) / steps[0])
    return None if share < LEAST else round(jobs[0].epochs * share, 2)
