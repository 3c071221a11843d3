"""Log-mel spectrograms in NumPy: the same bytes in every process, whatever the number of threads."""

from __future__ import annotations

from functools import cache

import numpy as np

from encoded_sound.audio import SAMPLE_RATE

WINDOW = 400  # samples at least, 25 ms
# Samples at least: the window padded with zeros, so that the lowest bands do not fall between two frequencies.
FFT = 1024
LOWEST, HIGHEST = 20.0, 8000.0  # Hz
PRE_EMPHASIS = 0.97  # as in HTK and Kaldi: lifts the consonants
MOST_BANDS = 900  # more would be narrower than the frequencies of a transform of 4,096 samples
CONSTANT = 1e-9  # share of the loudest sample below which what differs from the mean is rounding
RANGE = 80.0  # dB below the loudest value of a clip, which become 255 to 0


def log_mel(samples: np.ndarray, bands: int, hop: int) -> np.ndarray:
    """The log-mel spectrogram of a clip relative to its loudest value, so that loudness makes no difference.

    Frames of 25 ms, or of a hop where that is longer, so that no sound lies between two (Hann); power in triangular
    bands of equal width on the mel scale, in dB.

    Args:
        samples: float (samples,), at `SAMPLE_RATE`.
        bands: number of bands, from 20 Hz to 8 kHz, at most `MOST_BANDS`.
        hop: samples from one frame to the next.

    Returns:
        uint8 (bands, frames), low frequencies first: 255 is the loudest value, 0 is `RANGE` dB below it or less, as
        silence.
    """
    clip = samples.astype(np.float64)
    loudest_sample = np.abs(clip).max(initial=0)
    clip = clip - clip.mean()
    if np.abs(clip).max(initial=0) <= CONSTANT * loudest_sample:
        clip = np.zeros_like(clip)
    clip = np.append(clip[:1] * (1 - PRE_EMPHASIS), clip[1:] - PRE_EMPHASIS * clip[:-1])
    window = max(WINDOW, hop)
    size = fft_size(bands, window)
    count = max(1, 1 + -(-(len(clip) - window) // hop))
    padded = np.zeros((count - 1) * hop + window)
    padded[: min(len(clip), len(padded))] = clip[: len(padded)]
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(window), size)))
    # einsum, not a matrix product: the order of BLAS's sums depends on threads and machine.
    mel = np.einsum("tf,bf->bt", power, filters(bands, size))
    loudest = mel.max()
    if loudest <= 0:
        return np.zeros(mel.shape, np.uint8)
    decibels = 10 * np.log10(np.maximum(mel / loudest, 10 ** (-RANGE / 10)))
    return np.rint(255 * (1 + decibels / RANGE)).astype(np.uint8)


@cache
def fft_size(bands: int, window: int) -> int:
    """Samples of a transform, a power of two from `FFT`: room for the window, and a frequency in every band.

    Args:
        bands: number of bands, at most `MOST_BANDS`.
        window: samples of a frame.
    """
    size = max(FFT, 1 << (window - 1).bit_length())
    while not filters(bands, size).any(axis=1).all():
        size *= 2
    return size


@cache
def filters(bands: int, size: int = FFT) -> np.ndarray:
    """Weights of the frequencies in each band, float64 (bands, size // 2 + 1), for transforms of `size` samples.

    Triangles on the mel scale of HTK, mel = 2595 log10(1 + f / 700) (O'Shaughnessy 1987), between neighbors' centers.
    """
    frequencies = _mel(np.arange(size // 2 + 1) * SAMPLE_RATE / size)
    edges = np.linspace(_mel(np.array(LOWEST)), _mel(np.array(HIGHEST)), bands + 2)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    weights: np.ndarray = np.maximum(0, np.minimum(rising, falling))
    return weights


def speech_frames(mel: np.ndarray, threshold: float = 45.0) -> np.ndarray:
    """A spectrogram without the quiet frames at its beginning and end.

    Args:
        mel: uint8 (bands, frames), from `log_mel`.
        threshold: dB below the loudest value; a frame without a louder one is quiet.

    Returns:
        uint8 (bands, fewer or equal frames), a view; no frames where all are quiet.
    """
    loud = np.flatnonzero(mel.max(axis=0) > 255 * (1 - threshold / RANGE))
    return mel[:, loud[0] : loud[-1] + 1] if len(loud) else mel[:, :0]


def _mel(frequency: np.ndarray) -> np.ndarray:
    mel: np.ndarray = 2595 * np.log10(1 + frequency / 700)
    return mel
