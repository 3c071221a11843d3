"""Reading sound files as one channel at 16 kHz, with one clear line for what cannot be used."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np

from encoded_text.common.errors import InputError

SAMPLE_RATE = 16_000  # Hz, of everything behind this module
READ_SECONDS = 30  # of a longer recording only the beginning is read, so that hours cost no more
SHORTEST = 0.1  # seconds
QUIETEST = 1e-4  # of full scale: below this peak there is nothing but the steps of 16 bit
RATES = (4_000, 192_000)  # Hz; others are mistakes of a header and would grow beyond memory
CHANNELS = 8
CANCELLED = (
    0.1  # share of the power that the mean of unlike channels has (the loudest's / their number); less: cancelled
)

_FORMATS = "wav, flac, ogg or mp3"
# What recorders and telephones write and libsndfile does not read, by the bytes at an offset.
_OTHERS = {
    (0, b"\x1a\x45\xdf\xa3"): "WebM",
    (4, b"ftyp"): "MP4 or M4A",
    (0, b"\x30\x26\xb2\x75"): "WMA",
    (0, b"#!AMR"): "AMR",
}


def read_sound(file: str | os.PathLike[str] | bytes) -> np.ndarray:
    """Read the first 30 seconds of a sound file.

    Several channels are averaged, unless they cancel each other, as those of a reversed cable: then the loudest is
    taken. Another rate is resampled, without a constant offset.

    Args:
        file: path of a wav, flac, ogg or mp3 file, or the contents of one.

    Returns:
        float32 (samples,), at `SAMPLE_RATE`, full scale is 1.

    Raises:
        InputError: the file is missing, empty, damaged, in another format, silent or too short, holds values that are
            not finite, or has a rate beyond 4 to 192 kHz; or the extra `sound` is not installed.
    """
    soundfile = _soundfile()
    if isinstance(file, bytes):
        return _read(soundfile, io.BytesIO(file), "the sound")
    path = Path(os.path.expanduser(file))
    if not path.exists():
        raise InputError(f"{path}: no such sound file")
    if not path.is_file():
        raise InputError(f"{path} is no file: give a {_FORMATS} file")
    with path.open("rb") as opened:
        return _read(soundfile, opened, str(path))


def require_packages() -> None:
    """Raise InputError where the packages of the extra `sound` are missing."""
    _soundfile()
    resample(np.zeros(1, np.float32), 2 * SAMPLE_RATE)


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Sound of another rate, float32 (samples,), at `SAMPLE_RATE`.

    Raises:
        InputError: the extra `sound` is missing.
    """
    if rate == SAMPLE_RATE:
        return samples
    try:
        import soxr
    except ImportError:
        raise _missing() from None
    resampled: np.ndarray = soxr.resample(samples, rate, SAMPLE_RATE)
    return resampled


def check_sound(samples: np.ndarray, name: str, cut: bool = False) -> np.ndarray:
    """What was read or recorded, if there is sound in it.

    Args:
        samples: float (samples,), at `SAMPLE_RATE`.
        name: of its file, for messages.
        cut: whether the file goes on after these samples.

    Raises:
        InputError: it is not finite, too short or silent.
    """
    if not np.isfinite(samples).all():
        raise InputError(f"{name} holds values that are not numbers: write it anew, e.g. as 16-bit wav")
    if len(samples) < SHORTEST * SAMPLE_RATE:
        raise InputError(f"{name} lasts {len(samples) / SAMPLE_RATE:.3f} s: too short, {SHORTEST} s are needed")
    if np.abs(samples - samples.mean(dtype=np.float64)).max() < QUIETEST:  # a constant offset is no sound
        if cut:
            raise InputError(f"{name} is silent in its first {READ_SECONDS} s, no more is read: cut the silence off")
        raise InputError(f"{name} is silent: check the microphone, or the file")
    return samples


def _soundfile() -> ModuleType:
    try:
        import soundfile
    except (ImportError, OSError):  # OSError: without its libsndfile
        raise _missing() from None
    return soundfile


def _missing() -> InputError:
    return InputError("sound needs the packages soundfile and soxr: pip install 'single-net[sound]'")


def _read(soundfile: Any, file: BinaryIO, name: str) -> np.ndarray:
    start = file.read(16)
    if not start:
        raise InputError(f"{name} is empty")
    for (offset, magic), other in _OTHERS.items():
        if start[offset:].startswith(magic):
            raise InputError(f"{name} is {other}, which is not read: save it as {_FORMATS}")
    unreadable = InputError(f"{name}: no sound that can be read, {_FORMATS} is expected{_without_mp3(soundfile)}")
    if str(getattr(file, "name", "")).lower().endswith(".raw"):  # soundfile would want to be told its rate
        raise unreadable
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as sound:
            rate, channels = sound.samplerate, sound.channels
            if not RATES[0] <= rate <= RATES[1]:
                raise InputError(f"{name} has {rate} samples a second: between {RATES[0]:,} and {RATES[1]:,} are read")
            if channels > CHANNELS:
                raise InputError(f"{name} has {channels} channels: at most {CHANNELS} are read")
            samples = sound.read(READ_SECONDS * rate, dtype="float32", always_2d=True)
            cut = sound.frames > len(samples) == READ_SECONDS * rate
    except (soundfile.SoundFileError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise unreadable from None
    if not len(samples):
        raise InputError(f"{name} holds no sound: it has a header and nothing behind it")
    if not np.isfinite(samples).all():  # before resampling, which would spread them
        raise InputError(f"{name} holds values that are not numbers: write it anew, e.g. as 16-bit wav")
    clip = _one_channel(samples)
    if rate != SAMPLE_RATE:  # resampling would make a click of an offset's beginning and end
        clip = clip - clip.mean(dtype=np.float64).astype(np.float32)
    return check_sound(resample(clip, rate), name, cut)


def _without_mp3(soundfile: Any) -> str:
    if "MP3" in soundfile.available_formats():
        return ""
    return f" (mp3 needs libsndfile 1.1, this is {soundfile.__libsndfile_version__})"


def _one_channel(samples: np.ndarray) -> np.ndarray:
    mean: np.ndarray = samples.mean(axis=1)
    power = np.array([np.square(channel, dtype=np.float64).mean() for channel in samples.T])  # one by one: less memory
    if np.square(mean, dtype=np.float64).mean() < CANCELLED * power.max() / samples.shape[1]:
        return np.ascontiguousarray(samples[:, power.argmax()])
    return mean
