"""python -m experiments.gpu_check.prepare: what the check needs on a machine where nothing can be downloaded.

Packed data sets and fitted encoders, in one folder: Flickr8k's images and captions, Flickr30K's captions alone, an
encoder for each training, because fitting one needs gensim, and a part of the teaching file if there is one.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from experiments.gpu_check.plan import TRAININGS, Training, encoder_file, job, teaching_file
from single_net.config import load_config
from single_net.data.dataset import SPLITS, Packing
from single_net.data.load import load_dataset, root_variable
from single_net.data.pack import QUALITY, pack
from single_net.data.readers.packed import is_packed
from single_net.data.teaching_file import TeachingFile
from single_net.models.build import encoder_layout
from single_net.training.data import load_training_data
from single_net.training.targets import fit_encoder
from single_net.training.teaching import read_teaching

SIZE = 160  # px: of the largest images that the check trains on
IMAGES, CAPTIONS = "flickr8k", "flickr30k"  # what is packed: with images, and captions alone
VIEWS = 8  # of an image that are brought: the first of those in the teaching file
MIB = 1 << 20


def pack_data(files: Path) -> None:
    """Pack what the environment names.

    Raises:
        InputError: FLICKR8K_ROOT is not set, or a data set cannot be used.
    """
    of_images, of_captions = root_variable(IMAGES), root_variable(CAPTIONS)
    if not os.environ.get(of_images):
        raise InputError(f"{of_images} is not set: name the folder of {IMAGES}")
    pack(
        [load_dataset(IMAGES, None, split) for split in SPLITS], files / f"{IMAGES}.zip", Packing(SIZE, "WebP", QUALITY)
    )
    if os.environ.get(of_captions):
        splits = [load_dataset(CAPTIONS, None, split, captions_only=True) for split in SPLITS]
        pack(splits, files / f"{CAPTIONS}.zip", None)
    else:
        old = files / f"{CAPTIONS}.zip"
        if old.exists() and not is_packed(old):
            raise InputError(f"{old} is no packed data and is not deleted: choose another --files")
        old.unlink(missing_ok=True)
        print(f"{of_captions} is not set: nested will learn its words from {IMAGES} alone")


def fit_encoders(files: Path) -> None:
    """Fit the encoder of every training, from the captions that the training would use.

    Raises:
        InputError: data that cannot be used, or a teaching file that was made for other data.
    """
    for training in TRAININGS:
        if not bring_teaching(training, files):
            continue
        encoder_file(training, files).unlink(missing_ok=True)
        made = job(training, files)
        os.environ.update(made.captions)
        _fit(training, made.changes, files, made.root)


def bring_teaching(training: Training, files: Path) -> bool:
    """Copy a part of the teaching file of a training that has one; False if there is none."""
    source, brought = load_config(training.config_file).teaching, teaching_file(training, files)
    if not source.file:
        return True
    if source.path.is_file():
        TeachingFile.load(source.path).part(VIEWS).save(brought)
        print(f"{brought}: {VIEWS} views of each image, {brought.stat().st_size / MIB:.1f} MiB")
    elif brought.is_file():
        print(f"{source.file} is not there: {brought} stays as it is")
    else:
        print(f"{source.file} is not there: {training.name} will be left out (python -m single_net.teach makes it)")
    return brought.is_file()


def _fit(training: Training, changes: tuple[str, ...], files: Path, root: Path | None) -> None:
    config = load_config(training.config_file, changes, root=None if root is None else str(root))
    taught_by = read_teaching(config, None)
    data = load_training_data(config.data, config.network.image_size, config.encoder.extra_captions)
    if taught_by:  # made for other data, it would stop the training on the other machine
        taught_by.of(data.train, data.extra, config.teaching.file)
    captions = [*itertools.chain.from_iterable((*data.train.captions, *(data.extra.captions if data.extra else [])))]
    layout = encoder_layout(config.encoder, config.network.image_size)
    encoder = fit_encoder(captions, config.encoder, layout, config.training.seed)
    encoder.save(encoder_file(training, files))
    print(f"{encoder_file(training, files)}: {len(encoder.words):,} words from {len(captions):,} captions", flush=True)


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.gpu_check.prepare",
        description="Pack the data of the check and fit its encoders.",
        epilog="example: FLICKR8K_ROOT=/data/flickr8k python -m experiments.gpu_check.prepare --files gpu-check",
    )
    parser.add_argument("--files", type=Path, default=Path("gpu-check"), help="folder to write to (default: gpu-check)")
    files = parser.parse_args().files
    pack_data(files)
    fit_encoders(files)
    total = sum(path.stat().st_size for path in files.rglob("*") if path.is_file())
    print(f"{files}: {total / MIB:.1f} MiB in all")


if __name__ == "__main__":
    run_command(_main)
