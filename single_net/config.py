"""One typed configuration for a run: read strictly from TOML, saved with the run and in its checkpoints."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from encoded_text.common.errors import InputError
from single_net.data.load import DATASETS


@dataclass(frozen=True)
class DataConfig:
    name: str = "scenes"  # data set, as in load_dataset
    root: str = ""  # its folder; empty: from the environment, e.g. COCO_ROOT
    skip_bad: bool = False  # leave out (and count) what cannot be read, instead of stopping


@dataclass(frozen=True)
class EncoderConfig:
    """How captions are drawn (paper, section 3.1)."""

    layout: Literal["paper", "figure"] = "paper"
    fill: Literal["blank", "repeat"] = "blank"  # behind the last word: nothing (the paper), or the caption again
    overflow: Literal["truncate", "error"] = "truncate"
    normalisation: Literal["global", "per_feature", "zscore"] = "zscore"
    vectors: str = ""  # file of published word vectors; empty: Word2Vec on the training captions
    more_captions: str = ""  # data set (its folder from the environment) whose training captions teach words as well
    min_count: int = 1  # words rarer than this in the training captions are unknown


@dataclass(frozen=True)
class NetworkConfig:
    image_size: int = 256  # pixels, photographs and drawn captions alike (section 4.2)
    embedding_dim: int = 128
    batchnorm: Literal["shared", "per_modality"] = "shared"
    caption_network: Literal["same", "inception", "lstm"] = "same"  # what embeds captions: see twin.py
    average_mirrored: bool = False  # a photograph's embedding: the mean of its own and its mirror image's, each unit
    average_corners: bool = False  # and of those of its four corner crops
    dropout: float = 0.0
    pretrained: Literal["", "vggface2", "casia-webface"] = ""


@dataclass(frozen=True)
class LossConfig:
    """Scale and kinds as in losses.RetrievalLoss."""

    classes: Literal["picture", "nested"] = "picture"
    granularities: tuple[int, ...] = (32, 128, 512)  # numbers of semantic groups, coarse to fine; for nested only
    softmax_weight: float = 1.0
    center_weight: float = 1.5625e-4  # facenet's center_loss_factor 1e-2 at 128 dimensions
    centers: Literal["ema", "wen2016", "gradient", "zero", "fixed_random"] = "ema"
    center_rate: float = 0.05  # 1 - facenet's alfa 0.95
    meaning_weight: float = 0.0  # softmax over all training pictures, whose weights are made of their captions' words
    meaning_dimensions: int = 128
    meaning_temperature: float = 0.1
    contrastive_weight: float = 0.0
    contrastive_start: float = 0.3  # share of the steps after which the contrastive term joins ...
    contrastive_ramp: float = 0.0  # ... and over which its weight then grows from nothing
    temperature: float = 0.07


@dataclass(frozen=True)
class AugmentationConfig:
    """What a picture and its captions put into a batch (section 4.1); see augmentation.py."""

    kind: Literal["config-standard", "config-2", "pair"] = "config-standard"
    crop_handling: Literal["resize", "pad"] = "resize"  # how a 227/256 crop enters the network
    smallest_crop: float = 1.0  # pair: below 1, photographs are cropped to this share of their area or more instead
    colour: float = 0.0  # pair: how far brightness, contrast and saturation of photographs vary
    erase: float = 0.0  # pair: share of the photographs in which a rectangle is blanked
    word_dropout: float = 0.0  # pair: share of the words left out of a drawn caption
    word_order: Literal["kept", "shifted", "shuffled"] = "kept"  # pair: of a drawn caption


@dataclass(frozen=True)
class BatchConfig:
    size: int = 45  # "process 45 images in a batch" (section 4.2)
    counts: Literal["inputs", "groups"] = "inputs"  # 45 of what: network inputs, or pictures with all their captions
    order: Literal["grouped", "mixed"] = "grouped"  # a picture and its captions together, or inputs shuffled
    apart: float = 0.0  # pair: share of the epochs, the first, in which a batch's captions are of other pictures


@dataclass(frozen=True)
class TrainingConfig:
    epochs: float = 20.0
    optimizer: Literal["adam", "adamw"] = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Literal["constant", "one_cycle"] = "constant"
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0
    compile: bool = False  # by torch.compile: minutes at the start, faster steps on GPUs
    sync_batchnorm: bool = True  # with several processes: statistics of the whole batch, not of each one's share
    checkpoint_minutes: float = 10.0
    evaluations: int = 1  # of the development split, evenly spread, the last at the end; the best weights are kept


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run. `row` is its name in the tables."""

    row: str = "config-standard"
    data: DataConfig = field(default_factory=DataConfig)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    batch: BatchConfig = field(default_factory=BatchConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, the inverse of `from_dict`."""
        values = dataclasses.asdict(self)
        values["loss"]["granularities"] = list(self.loss.granularities)
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any], where: str = "configuration") -> RunConfig:
        """Every key must be known and every value of the right type and range; what is missing keeps its default.

        Raises InputError naming `where` and the key.
        """
        config = _build(cls, values, where)
        _check_ranges(config, where)
        return config


def load_config(path: str | Path, changes: Sequence[str] = (), root: str | None = None) -> RunConfig:
    """Read a TOML file; `changes` are "section.key=value" strings, applied on top (value in TOML syntax, or a word),
    and `root`, where given, becomes data.root.

    Raises InputError for a missing or broken file, unknown keys, and values of the wrong type.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such configuration file: see experiments/configs/ for some") from None
    except IsADirectoryError:
        raise InputError(
            f"{path} is a folder: name a configuration file such as those in experiments/configs/"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a TOML file: {error}") from None
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals:
            raise InputError(f"--set {change}: write it as section.key=value, e.g. training.epochs=2")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        *sections, name = key.strip().split(".")
        place = values
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise InputError(f"--set {change}: {section} is a value, not a section")
        place[name] = value
    if root:
        section = values.setdefault("data", {})
        if not isinstance(section, dict):
            raise InputError(f"{path}: data is {section!r}: expected a section [data]")
        section["root"] = root
    return RunConfig.from_dict(values, where=str(path))


def _build(cls: type, values: Any, where: str) -> Any:
    if not isinstance(values, dict):
        raise InputError(f"{where}: expected a section with keys, got {values!r}")
    hints = get_type_hints(cls)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise InputError(f"{where}: unknown key {unknown[0]!r}: known here are {', '.join(hints)}")
    return cls(**{key: _convert(hints[key], value, f"{where}: {key}") for key, value in values.items()})


def _convert(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, where)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            choices = ", ".join(repr(choice) for choice in get_args(hint))
            raise InputError(f"{where} is {value!r}: choose one of {choices}")
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or not all(type(item) is int for item in value):
            raise InputError(f"{where} is {value!r}: expected a list of whole numbers")
        return tuple(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint or (hint is float and not math.isfinite(value)):
        raise InputError(f"{where} is {value!r}: expected {_NAMES[hint]}")
    return value


_NAMES = {str: "text", int: "a whole number", float: "a finite number", bool: "true or false"}


def _check_ranges(config: RunConfig, where: str) -> None:
    positive = {
        "network.image_size": config.network.image_size - 74,
        "network.embedding_dim": config.network.embedding_dim,
        "batch.size": config.batch.size - 1,
        "training.epochs": config.training.epochs,
        "training.learning_rate": config.training.learning_rate,
        "training.checkpoint_minutes": config.training.checkpoint_minutes,
        "training.evaluations": config.training.evaluations,
        "loss.temperature": config.loss.temperature,
        "loss.meaning_temperature": config.loss.meaning_temperature,
        "loss.meaning_dimensions": config.loss.meaning_dimensions,
        "loss.center_rate": config.loss.center_rate,
        "encoder.min_count": config.encoder.min_count,
    }
    for key, value in positive.items():
        if not value > 0:
            raise InputError(f"{where}: {key} is too small")
    if config.encoder.more_captions not in ("", *DATASETS):
        raise InputError(f"{where}: encoder.more_captions names a data set: one of {', '.join(DATASETS)}")
    own = "network.batchnorm per_modality" if config.network.batchnorm == "per_modality" else ""
    if config.network.caption_network != "same":
        if own:
            raise InputError(f"{where}: {own} is for the single network: leave it or network.caption_network out")
        own = f"network.caption_network {config.network.caption_network}"
    if own and config.batch.order == "mixed":
        raise InputError(f"{where}: {own} needs batch.order grouped: a shuffled batch may lack photographs")
    if config.network.caption_network == "lstm" and config.augmentation.kind == "config-2":
        raise InputError(f"{where}: an LSTM cannot read cropped captions: augmentation.kind config-2 is not for it")
    if not 0 <= config.network.dropout < 1:
        raise InputError(f"{where}: network.dropout is a share from 0 to below 1")
    for name in ("contrastive_start", "contrastive_ramp"):
        if not 0 <= getattr(config.loss, name) <= 1:
            raise InputError(f"{where}: loss.{name} is a share from 0 to 1")
    augmentation = config.augmentation
    if not 0 < augmentation.smallest_crop <= 1:
        raise InputError(f"{where}: augmentation.smallest_crop is a share above 0, up to 1")
    for name in ("colour", "erase", "word_dropout"):
        if not 0 <= getattr(augmentation, name) <= 1:
            raise InputError(f"{where}: augmentation.{name} is a share from 0 to 1")
    plain = AugmentationConfig(augmentation.kind, augmentation.crop_handling)
    if augmentation.kind != "pair" and augmentation != plain:
        raise InputError(f"{where}: only augmentation.kind pair varies photographs and words: leave the other keys out")
    if not 0 <= config.batch.apart <= 1:
        raise InputError(f"{where}: batch.apart is a share from 0 to 1")
    if config.batch.apart and (augmentation.kind, config.batch.order) != ("pair", "grouped"):
        raise InputError(f"{where}: batch.apart is for augmentation.kind pair and batch.order grouped")
    weights = [getattr(config.loss, f"{name}_weight") for name in ("softmax", "center", "meaning", "contrastive")]
    if min(weights) < 0:
        raise InputError(f"{where}: the weights of the loss cannot be negative")
    if config.training.weight_decay < 0:
        raise InputError(f"{where}: training.weight_decay cannot be negative")
    if not 0 <= config.training.seed < 2**32:
        raise InputError(f"{where}: training.seed is a number from 0 to {2**32 - 1}")
    if not any(weights):
        raise InputError(f"{where}: all weights of the loss are zero: nothing would be learnt")
