"""The configuration of a run: typed and strict, read from TOML, saved with the run and in its checkpoints."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from encoded_text.common.errors import InputError
from single_net.common.paths import absolute_path, portable_path
from single_net.config_file import merge, parse_change, read_settings
from single_net.data.dataset import CaptionDataset
from single_net.data.load import DATASETS, load_dataset

Share = Annotated[float, Field(ge=0, le=1)]
# The upper limits are far beyond use: they catch a slip of the finger before it asks for all memory.
Weight = Annotated[float, Field(ge=0, le=1e6)]
Positive = Annotated[float, Field(gt=0, le=1e6)]
Temperature = Annotated[float, Field(ge=1e-4, le=100)]
# Not strict: TOML and JSON have lists only.
Granularities = Annotated[tuple[Annotated[int, Field(ge=2, le=10**7)], ...], Field(max_length=16, strict=False)]

PATHS = {"data": ("root", "image_folder"), "encoder": ("vectors", "file"), "training": ("init_from",)}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True)


def _dataset(name: str) -> str:
    if name not in DATASETS:
        raise ValueError(f"choose a data set: {', '.join(DATASETS)}")
    return name


class DataConfig(_Section):
    """Which data set a run is trained on."""

    name: str = "scenes"  # data set, as in load_dataset
    root: str = ""  # its folder or file; empty: from the environment, e.g. COCO_ROOT
    image_folder: str = ""  # where its images are; empty: below the root
    columns: dict[Literal["image", "caption", "split"], str] = {}  # of a table: names of columns, see readers.columns
    skip_bad: bool = False  # leave out (and count) what cannot be read, instead of stopping
    train_images: Annotated[int, Field(ge=0, le=10**9)] = 0  # only the first so many of the training split; 0: all
    third: str = ""  # a third modality: speech (captions as espeak-ng speaks them) or recordings (people read them)

    _is_dataset = field_validator("name")(_dataset)

    def load(self, split: str) -> CaptionDataset:
        """Load one split; of the training split the first `train_images`. Raises InputError as load_dataset."""
        folder, columns = self.image_folder or None, {str(role): name for role, name in self.columns.items()}
        data = load_dataset(
            self.name, self.root or None, split, skip_bad=self.skip_bad, image_folder=folder, columns=columns
        )
        fewer = split == "train" and 0 < self.train_images < len(data)
        return data.select(range(self.train_images)) if fewer else data


class EncoderConfig(_Section):
    """How captions are encoded as images (paper, section 3.1)."""

    layout: Literal["paper", "figure"] = "paper"  # 128 features, 7 x 7 superpixels; 36, 4 x 3 (a later figure)
    fill: Literal["blank", "repeat"] = "blank"  # after the last word: nothing, or the caption again
    normalization: Literal["global", "per_feature", "zscore"] = "zscore"  # how the values of vectors become colors
    vectors: str = ""  # file of published word vectors; empty: Word2Vec on the training captions
    extra_captions: str = ""  # data set (folder from the environment) whose captions teach words and prototypes as well
    file: str = ""  # a fitted encoder (.safetensors) to use as it is; empty: one is fitted
    tokenizer: Literal["spaces", "icu"] = "spaces"  # icu: also words of scripts without spaces (pip: single-net[icu])
    min_count: Annotated[int, Field(ge=1, le=10**9)] = 1  # rarer words are unknown, unless vectors or encoder are given

    @field_validator("extra_captions")
    @classmethod
    def _is_dataset(cls, name: str) -> str:
        return name and _dataset(name)


class NetworkConfig(_Section):
    """The network (paper, section 3.2)."""

    image_size: Annotated[int, Field(ge=75, le=2048)] = 256  # pixels, images and encoded captions alike (section 4.2)
    embedding_dim: Annotated[int, Field(ge=1, le=65_536)] = 128  # length of an embedding (section 5)
    captions: Literal["shared", "inception", "lstm"] = "shared"  # which network embeds captions, see models.two_tower
    pretrained: Literal["", "vggface2", "casia-webface"] = ""  # facenet-pytorch's weights; empty: random ones
    test_time_augmentation: Literal["none", "mirror", "corners"] = "none"  # views averaged, see inference.views


class LossConfig(_Section):
    """Terms, weights and scales of losses.RetrievalLoss."""

    classes: Literal["image", "clusters"] = "image"  # each image a class, or clusters of images with similar captions
    granularities: Granularities = (32, 128, 512)  # numbers of clusters, coarse to fine
    softmax_weight: Weight = 1.0  # softmax over the classes
    center_weight: Weight = 1.5625e-4  # center loss; facenet's center_loss_factor 1e-2 at 128 dimensions
    centers: Literal["ema", "wen2016", "gradient", "zero", "fixed_random"] = "ema"  # how they move, see losses.center
    center_rate: Positive = 0.05  # of ema and wen2016: 1 - facenet's alfa 0.95; Wen et al. use 0.5
    prototype_weight: Weight = 0.0  # softmax over all training images against their caption prototypes
    prototype_temperature: Temperature = 0.1  # divides the cosines
    contrastive_weight: Weight = 0.0  # InfoNCE between the images and captions of a batch
    contrastive_start: Share = 0.3  # share of training after which the contrastive term joins ...
    contrastive_ramp: Share = 0.0  # ... and over which its weight is then ramped up
    contrastive_temperature: Temperature = 0.07  # divides the cosines

    @property
    def terms(self) -> dict[str, Any]:
        """What losses.RetrievalLoss is given; the rest is for its targets and for the training loop."""
        return self.model_dump(exclude={"classes", "granularities", "contrastive_start", "contrastive_ramp"})

    @model_validator(mode="after")
    def _has_classes(self) -> Self:
        if self.classes == "clusters" and not self.granularities:
            raise ValueError("loss.classes clusters needs loss.granularities: one number of clusters or more")
        return self


class AugmentationConfig(_Section):
    """Which samples an image and its captions contribute (section 4.1), see training.samples, and how they vary."""

    kind: Literal["config-standard", "config-2", "pair", "views"] = "config-standard"  # what an image contributes
    crop_handling: Literal["resize", "pad"] = "resize"  # how a 227/256 crop enters the network
    min_crop: Annotated[float, Field(gt=0, le=1)] = 1.0  # pair: smallest random crop of an image, share of its area
    color: Share = 0.0  # pair, views: how far brightness, contrast and saturation of images vary
    word_dropout: Share = 0.0  # pair, views: share of the words left out of a caption

    @model_validator(mode="after")
    def _check_variation(self) -> Self:
        if self.kind not in ("pair", "views") and (self.min_crop, self.color, self.word_dropout) != (1, 0, 0):
            raise ValueError(
                "min_crop is for augmentation.kind pair, color and word_dropout for pair and views: leave them out"
            )
        if self.kind == "views" and self.min_crop != 1:
            raise ValueError("augmentation.kind views shows the crops of the teaching file: leave min_crop out")
        return self


class TeachingConfig(_Section):
    """Knowledge distillation: what a taught network learns from its teachers, with augmentation.kind "views"."""

    file: str = ""  # made by python -m single_net.teach; empty: no teachers
    weight: Weight = 1.0  # of the teaching term in the loss
    cosine_weight: Weight = 0.5  # of the distance to the teacher's vector, within that term
    temperature: Temperature = 0.05  # of the similarities to the bank
    bank: Annotated[int, Field(ge=2, le=10**7)] = 16_384  # captions that images are compared with, as the teacher does
    views: Annotated[int, Field(ge=1, le=100)] = 3  # stored views of an image beside each caption in a batch
    mixup: Share = 0.5  # of the views are mixed with another one of the batch, and learn from the teachers alone
    extra: Annotated[int, Field(ge=0, le=10**6)] = 0  # captions of encoder.extra_captions in a batch, without images

    @property
    def path(self) -> Path:
        """Where the file is. (`file` stays as it was written: checkpoints are compared with it.)"""
        return Path(os.path.expanduser(self.file))


class BatchConfig(_Section):
    """What a batch holds, see training.batch_plan."""

    size: Annotated[int, Field(ge=2, le=10**6)] = 45  # "process 45 images in a batch" (section 4.2)
    counts: Literal["samples", "images"] = "samples"  # 45 of what: samples, or images with all their captions
    order: Literal["grouped", "mixed"] = "grouped"  # an image and its captions together, or all samples shuffled


class TrainingConfig(_Section):
    """The optimization."""

    epochs: Positive = 20.0  # passes over the training images
    optimizer: Literal["adam", "adamw"] = "adam"  # section 4.2: Adam
    learning_rate: Positive = 1e-3  # the highest one (section 4.2)
    weight_decay: Weight = 0.0  # of the optimizer
    schedule: Literal["constant", "one_cycle"] = "constant"  # of the learning rate, see training.schedule
    precision: Literal["float32", "bfloat16"] = "float32"  # inside the network
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0  # of all that is random
    init_from: str = ""  # a finished run (folder or model file) whose network and encoder training starts from
    compile: bool = False  # by torch.compile: a minute or more at the start, faster steps
    sync_batchnorm: bool = True  # with several processes: statistics of the whole batch, not of each one's share
    checkpoint_minutes: Positive = 10.0  # between two checkpoints
    evaluations: Annotated[int, Field(ge=1, le=10_000)] = 1  # of recall on validation; better earlier weights are kept


class RunConfig(_Section):
    """Everything that decides a run; the defaults are the paper's where it gives them, with a softmax beside Eq. 1."""

    variant: Annotated[str, Field(pattern=r"^[^/\\\p{Cc}]*[^/\\\p{Cc}.\s]$")] = (
        "config-standard"  # its name in the tables
    )
    data: DataConfig = DataConfig()
    encoder: EncoderConfig = EncoderConfig()
    network: NetworkConfig = NetworkConfig()
    loss: LossConfig = LossConfig()
    augmentation: AugmentationConfig = AugmentationConfig()
    teaching: TeachingConfig = TeachingConfig()
    batch: BatchConfig = BatchConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        loss, taught = self.loss, self.teaching.weight if self.teaching.file else 0
        if not any((loss.softmax_weight, loss.center_weight, loss.prototype_weight, taught)):
            if not loss.contrastive_weight:
                raise ValueError("all weights of the loss are zero: nothing would be learned")
            if loss.contrastive_start or loss.contrastive_ramp:
                raise ValueError("the contrastive term is alone: set loss.contrastive_start and contrastive_ramp to 0")
        captions = self.network.captions
        if captions != "shared" and self.batch.order == "mixed":
            raise ValueError(
                f"network.captions {captions} needs batch.order grouped: a shuffled batch may lack images or captions"
            )
        if bool(self.teaching.file) != (self.augmentation.kind == "views"):
            raise ValueError("teaching.file and augmentation.kind views need each other: set both or neither")
        if self.teaching.file and self.batch.order == "mixed":
            raise ValueError("a taught batch holds images and captions in a fixed ratio: batch.order is to be grouped")
        if captions != "shared" and self.data.third:
            raise ValueError("data.third is for one network of all modalities: network.captions is to be shared")
        if captions == "lstm" and self.augmentation.kind == "config-2":
            raise ValueError("an LSTM cannot read cropped captions: augmentation.kind config-2 is not for it")
        return self

    def to_dict(self) -> dict[str, Any]:
        """All settings as JSON-able values, the inverse of `from_dict`."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "configuration") -> RunConfig:
        """Build a configuration from nested dictionaries; what is missing keeps its default.

        Args:
            values: settings by section.
            where: what the values were read from, for the error message.

        Raises:
            InputError: an unknown key, or a value of the wrong type or range; names `where`, the key and the limit.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError(f"{where}: {_one_line(error)}") from None

    def portable(self) -> RunConfig:
        """This configuration without paths of this machine: relative to the current folder, or only the names."""
        portable = _with_paths(self, portable_path)
        teaching = self.teaching.model_copy(update={"file": portable_path(self.teaching.file)})
        training = self.training.model_copy(update={"init_from": Path(self.training.init_from).name})
        return portable.model_copy(update={"teaching": teaching, "training": training})

    def changed(self) -> dict[str, Any]:
        """The settings that differ from the defaults, as nested dictionaries."""
        return self.model_dump(mode="json", exclude_defaults=True)


def load_config(path: str | Path, changes: Sequence[str] = (), root: str | None = None) -> RunConfig:
    """Read a TOML file, the files it is based on, and changes on top.

    A file may begin with `base = ["a.toml", "b.toml"]` (paths relative to its own): their settings come first, each
    replacing those before it, and the file's own last.

    Args:
        path: the TOML file.
        changes: "section.key=value" strings, value in TOML syntax or a plain word, e.g. "training.epochs=2".
        root: where given, becomes data.root. Paths to data and encoders are made absolute.

    Raises:
        InputError: a missing or broken file, an unknown key, a value of the wrong type or range.
    """
    values = read_settings(Path(path))
    for change in changes:
        merge(values, parse_change(change))
    if root is not None:
        merge(values, {"data": {"root": root}})
    config = RunConfig.from_dict(values, where=str(path))
    if not config.teaching.file and config.teaching != TeachingConfig():
        raise InputError(f"{path}: [teaching] has no effect without teaching.file: set that, or leave the others out")
    return _with_paths(config, absolute_path)


def _with_paths(config: RunConfig, change: Callable[[str], str]) -> RunConfig:
    update = {}
    for section, names in PATHS.items():
        own = getattr(config, section)
        update[section] = own.model_copy(update={name: change(path) for name in names if (path := getattr(own, name))})
    return config.model_copy(update=update)


def _one_line(error: ValidationError) -> str:
    """The first thing that is wrong, e.g. "batch.size is 1: should be greater than or equal to 2"."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        section: Any = RunConfig
        for part in first["loc"][:-1]:
            section = section.model_fields[str(part)].annotation
        return f"unknown key {key!r}: known here are {', '.join(section.model_fields)}"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if first["type"] in ("model_type", "dict_type", "model_attributes_type"):
        message = "should be a section with keys"
    if first["type"] == "value_error" and isinstance(first["input"], dict | BaseModel):
        return message
    return f"{key} is {first['input']!r}: {message}"
