"""SoundImageEncoder: clips of sound -> images, log-mel spectrograms wrapped into lines."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from encoded_sound.audio import SAMPLE_RATE
from encoded_sound.mel import MOST_BANDS, log_mel, speech_frames
from encoded_text.common.arguments import real_number, whole_number
from encoded_text.common.errors import InputError

LOUDEST = float(np.finfo(np.float32).max)  # what is beyond has no power that a float could hold


class SoundWarning(UserWarning):
    """Sounds were longer than their images."""


@dataclass(frozen=True)
class SoundImageEncoder:
    """Draws clips of sound as square images. It has no fitted state: these settings are all there is.

    The spectrogram of a clip runs from left to right and goes on in the next line, as text does. In a line low
    frequencies are at the bottom. Quiet parts at the beginning and end are left out; what follows the end is black, as
    silence is.

    Attributes:
        image_size: width and height of an image in px.
        lines: one above the other; each has image_size // lines bands.
        seconds: of sound in an image; what is longer is cut off.

    Raises:
        InputError: the settings make no image.
    """

    image_size: int
    lines: int = 2
    seconds: float = 6.0

    def __post_init__(self) -> None:
        for name in ("image_size", "lines"):  # plain numbers, as `from_state` takes them
            object.__setattr__(self, name, whole_number(name, getattr(self, name), at_least=1))
        object.__setattr__(self, "seconds", float(real_number("seconds", self.seconds)))
        if not 1 <= self.lines <= self.image_size // 8:
            raise InputError(f"{self.lines} lines of sound in {self.image_size} px: a line needs at least 8 px")
        if not 1 <= self.seconds <= 30:
            raise InputError(f"{self.seconds} s of sound in an image: 1 to 30 can be drawn")
        if self.bands > MOST_BANDS:
            raise InputError(f"{self.bands} px a line of sound: at most {MOST_BANDS} can be drawn, give more lines")
        if self.lines * self.image_size >= 2 * SAMPLE_RATE * self.seconds:  # a hop of 0
            columns = f"{self.lines} lines of {self.image_size} px"
            raise InputError(f"{self.seconds} s of sound in {columns}: a column would have no sample, give fewer lines")
        held = self.hop * self.lines * self.image_size / SAMPLE_RATE  # columns are whole samples
        if abs(held - self.seconds) > 0.05 * self.seconds:
            raise InputError(f"{self.seconds} s of sound would become {held:.3g} s in whole samples: give fewer lines")

    @property
    def bands(self) -> int:
        """Frequency bands of a line, each a row of pixels."""
        return self.image_size // self.lines

    @property
    def hop(self) -> int:
        """Samples from one column of pixels to the next."""
        return round(SAMPLE_RATE * self.seconds / (self.lines * self.image_size))

    def transform(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """Encode clips as images. A `SoundWarning` counts those that are cut off.

        Args:
            clips: float (samples,) each, at `SAMPLE_RATE`, as `read_sound` gives them.

        Returns:
            uint8 (n, image_size, image_size, 3), gray.

        Raises:
            InputError: a clip is not one channel of finite numbers; names it by its number.
        """
        size = self.image_size
        images = np.empty((len(clips), size, size, 3), np.uint8)
        cut = 0
        for number, (image, clip) in enumerate(zip(images, clips, strict=True)):
            gray, complete = self._drawn(_checked(clip, f"clip {number}"))
            image[:] = gray[:, :, None]
            cut += not complete
        if cut:
            warnings.warn(
                f"{cut} of {len(clips)} sounds are longer than the {self.seconds:g} s of an image and are cut off",
                SoundWarning,
                stacklevel=2,
            )
        return images

    def draw(self, clip: np.ndarray) -> tuple[np.ndarray, bool]:
        """The gray image of one clip, uint8 (image_size, image_size), and whether all of it is in there.

        Args:
            clip: float (samples,), at `SAMPLE_RATE`; without a sample it is black.

        Raises:
            InputError: it is not one channel of finite numbers.
        """
        return self._drawn(_checked(clip, "the clip"))

    def _drawn(self, clip: np.ndarray) -> tuple[np.ndarray, bool]:
        if not len(clip):
            return np.zeros((self.image_size, self.image_size), np.uint8), True
        mel = speech_frames(log_mel(clip, self.bands, self.hop))
        room = self.lines * self.image_size
        row = np.zeros((self.bands, room), np.uint8)
        row[:, : mel.shape[1]] = mel[:, :room]
        return self._wrap(row), mel.shape[1] <= room

    def augment(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What training may do to a drawn clip: start it later, if there is room, and blank some time and some
        frequencies (Park et al. 2019, SpecAugment). Anything else that is done to images would change it.

        Args:
            image: uint8 (image_size, image_size, 3), from `transform`.
            rng: of the random choices.

        Returns:
            uint8 (image_size, image_size, 3).
        """
        row = self._unwrap(image[:, :, 0])
        used = np.flatnonzero(row.any(axis=0))
        end = int(used[-1]) + 1 if len(used) else 0
        length = row.shape[1]
        varied = np.zeros_like(row)
        start = int(rng.integers(min(length - end, length // 8) + 1))
        varied[:, start : start + end] = row[:, :end]
        for axis, most in ((1, length // 24), (0, self.bands // 6)):
            width = int(rng.integers(most + 1))
            first = int(rng.integers(varied.shape[axis] - width + 1))
            masked = varied[:, first : first + width] if axis else varied[first : first + width]
            masked[:] = 0
        return np.repeat(self._wrap(varied)[:, :, None], 3, axis=2)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """No arrays, and the settings; `from_state` makes the encoder again."""
        return {}, {"image_size": self.image_size, "lines": self.lines, "seconds": self.seconds}

    @classmethod
    def from_state(cls, meta: Mapping[str, Any]) -> SoundImageEncoder:
        """The inverse of `state`, from its settings. Raises InputError if they are not those of such an encoder."""
        kinds = {"image_size": int, "lines": int, "seconds": float}
        if not isinstance(meta, Mapping) or meta.keys() != kinds.keys():
            raise InputError("not the state of an encoder of sounds")
        for name, kind in kinds.items():
            if type(meta[name]) is not kind:
                raise InputError(f"not the state of an encoder of sounds: {name} is {meta[name]!r}")
        return cls(**meta)

    def _wrap(self, row: np.ndarray) -> np.ndarray:
        """uint8 (bands, lines * image_size) -> (image_size, image_size), each line with its lowest band last."""
        size, lines = self.image_size, self.lines
        image = np.zeros((size, size), np.uint8)
        stacked = row.reshape(self.bands, lines, size).transpose(1, 0, 2)[:, ::-1]
        image[: lines * self.bands] = stacked.reshape(lines * self.bands, size)
        return image

    def _unwrap(self, image: np.ndarray) -> np.ndarray:
        size, lines = self.image_size, self.lines
        stacked = image[: lines * self.bands].reshape(lines, self.bands, size)[:, ::-1]
        return np.ascontiguousarray(stacked.transpose(1, 0, 2)).reshape(self.bands, lines * size)


def _checked(clip: Any, name: str) -> np.ndarray:
    """A clip as an array of numbers (samples,), or InputError."""
    try:
        samples = np.asarray(clip)
    except ValueError:  # lists of different lengths
        samples = np.empty((), object)
    if samples.ndim != 1 or samples.dtype.kind not in "iuf":
        what = f"{samples.dtype} of shape {samples.shape}"
        raise InputError(f"{name} is {what}: give one channel of numbers (samples,), as read_sound does")
    if len(samples) and not -LOUDEST <= float(samples.min()) <= float(samples.max()) <= LOUDEST:  # NaN neither
        raise InputError(f"{name} holds values that are no finite numbers: leave them out, or write 0 for them")
    return samples
