"""Spectrograms: their bands, frames and bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from encoded_sound.audio import SAMPLE_RATE
from encoded_sound.mel import FFT, fft_size, filters, log_mel, speech_frames


def tone(frequency: float, seconds: float = 0.5, volume: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (volume * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def centers(bands: int) -> np.ndarray:
    """Hz, by the mel formula alone."""
    mel = np.linspace(*(2595 * np.log10(1 + np.array([20, 8000]) / 700)), bands + 2)[1:-1]
    return 700 * (10 ** (mel / 2595) - 1)


@pytest.mark.parametrize("frequency", [150, 440, 1000, 3000, 6500])
def test_a_tone_is_loudest_in_the_band_around_it(frequency):
    mel = log_mel(tone(frequency), 32, 320)
    assert mel.max() == 255
    nearest = np.abs(centers(32) - frequency).argmin()
    assert set(mel[:, 2:-2].argmax(axis=0)) <= {nearest - 1, nearest, nearest + 1}


def test_loudness_makes_no_difference_but_for_rounding():
    noise = np.random.default_rng(0).normal(size=SAMPLE_RATE)
    loud, quiet = log_mel(noise, 24, 320), log_mel(noise / 500, 24, 320)
    assert np.abs(loud.astype(int) - quiet).max() <= 1


def test_silence_is_black_like_what_follows_the_end():
    clip = np.concatenate([tone(440), np.zeros(SAMPLE_RATE // 2, np.float32)])
    mel = log_mel(clip, 32, 320)
    assert mel[:, -10:].max() == 0 and mel[:, :20].max() == 255
    assert log_mel(np.zeros(SAMPLE_RATE), 32, 320).max() == 0


@pytest.mark.parametrize("value", [0.1, 0.5, 1e-30, -3.7])
def test_a_constant_is_silence(value):
    assert not log_mel(np.full(SAMPLE_RATE, value), 24, 160).any()


def test_a_constant_offset_is_not_heard():
    clip = tone(440)
    assert np.abs(log_mel(clip, 32, 320).astype(int) - log_mel(clip + 0.3, 32, 320)).max() <= 1


@pytest.mark.parametrize("bands", [12, 24, 32, 96])
def test_every_band_hears_something_and_none_beyond_its_neighbors(bands):
    weights = filters(bands)
    assert weights.shape == (bands, FFT // 2 + 1) and weights.min() == 0 and weights.max() <= 1
    assert (weights.max(axis=1) > 0.3).all()
    assert ((weights > 0).sum(axis=0) <= 2).all()


@pytest.mark.parametrize("samples", [1, 399, 400, 401, 719, 720, 16_000])
def test_frames_of_any_length_of_clip(samples):
    frames = log_mel(np.random.default_rng(0).normal(size=samples), 16, 320).shape[1]
    assert frames == max(1, 1 + int(np.ceil((samples - 400) / 320)))


def test_the_quiet_ends_are_left_out_and_a_pause_stays():
    silence = np.zeros(SAMPLE_RATE // 2, np.float32)
    whole = log_mel(np.concatenate([silence, tone(440), silence, tone(440), silence]), 32, 160)
    speech = speech_frames(whole)
    assert abs(speech.shape[1] - 150) <= 4  # 1.5 s
    assert (speech.max(axis=0) == 0).sum() > 40
    assert speech_frames(np.zeros((32, 10), np.uint8)).shape == (32, 0)


def test_the_bands_are_triangles_on_the_mel_scale():
    def mel(frequency: float) -> float:
        return 2595 * math.log10(1 + frequency / 700)

    step = (mel(8000) - mel(20)) / 33
    for band in range(32):
        center = mel(20) + (band + 1) * step
        expected = [max(0.0, 1 - abs(mel(k * SAMPLE_RATE / FFT) - center) / step) for k in range(FFT // 2 + 1)]
        np.testing.assert_allclose(filters(32)[band], expected, atol=1e-6)


@pytest.mark.parametrize("hop", [300, 400, 900, 3000])
def test_no_sound_lies_between_two_frames(hop):
    for start in range(4 * hop, 5 * hop, hop // 10):
        clip = np.zeros(9 * hop)
        clip[start : start + hop // 5] = tone(1000)[: hop // 5]
        loud = log_mel(clip, 24, hop).max(axis=0)
        assert 3 <= loud.argmax() <= 5 and loud[[0, 1, 2, -2, -1]].max() < 128, start


def test_high_tones_are_lifted():
    both = log_mel(tone(300) + tone(3000), 32, 320)[:, 5]
    low, high = (int(both[np.abs(centers(32) - f).argmin() + np.arange(-1, 2)].max()) for f in (300, 3000))
    # Of the pre-emphasis alone: the gains of 1 - 0.97 z^-1.
    gain = [abs(1 - 0.97 * np.exp(-2j * np.pi * f / SAMPLE_RATE)) for f in (300, 3000)]
    expected = 20 * math.log10(gain[1] / gain[0]) * 255 / 80
    assert high == 255 and abs(high - low - expected) < 15


@pytest.mark.parametrize(("decibels", "frames"), [(35, 100), (60, 50)])
def test_the_quiet_ends_are_those_45_db_below(decibels, frames):
    tail = tone(440, volume=0.5 * 10 ** (-decibels / 20))
    speech = speech_frames(log_mel(np.concatenate([tone(440), tail]), 32, 160))
    assert abs(speech.shape[1] - frames) <= 5


@pytest.mark.parametrize("bands", [8, 254, 255, 400, 900])
def test_a_transform_has_a_frequency_in_every_band(bands):
    size = fft_size(bands, 400)
    assert filters(bands, size).any(axis=1).all()
    assert size == FFT or bands > 254  # the sizes of records stay
