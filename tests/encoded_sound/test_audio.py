"""Reading sound files: formats, rates and channels, and one line for every bad file of those that users bring."""

from __future__ import annotations

import builtins
import os
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from encoded_sound.audio import SAMPLE_RATE, read_sound
from encoded_text import InputError

soundfile = pytest.importorskip("soundfile")


def tone(seconds: float = 1.0, rate: int = SAMPLE_RATE, frequency: float = 440) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def written(path: Path, samples: np.ndarray, rate: int = SAMPLE_RATE, **how: str) -> Path:
    soundfile.write(path, samples, rate, **how)
    return path


def refusal(file: Path | bytes) -> str:
    with pytest.raises(InputError) as error:
        read_sound(file)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_formats_and_rates(tmp_path, ending, rate):
    path = written(tmp_path / f"a.{ending}", tone(rate=rate), rate)
    for source in (path, path.read_bytes()):
        clip = read_sound(source)
        assert clip.dtype == np.float32 and abs(len(clip) - SAMPLE_RATE) < 0.08 * SAMPLE_RATE
        spectrum = np.abs(np.fft.rfft(clip))
        assert abs(spectrum.argmax() * SAMPLE_RATE / len(clip) - 440) < 3


def test_channels_are_averaged(tmp_path):
    one, other = tone(frequency=300), tone(frequency=900)
    clip = read_sound(written(tmp_path / "both.wav", np.stack([one, other], 1)))
    assert np.allclose(clip, (one + other) / 2, atol=1e-3)


def test_of_an_hour_only_the_beginning_is_read(tmp_path):
    path = tmp_path / "hour.wav"
    hour = 3600 * SAMPLE_RATE
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + 2 * hour) + b"WAVEfmt ")
        file.write(struct.pack("<IHHIIHH", 16, 1, 1, SAMPLE_RATE, 2 * SAMPLE_RATE, 2, 16))
        file.write(b"data" + struct.pack("<I", 2 * hour))
        file.write((tone(2) * 32767).astype("<i2").tobytes())
        file.truncate(44 + 2 * hour)
    began = time.monotonic()
    assert len(read_sound(path)) == 30 * SAMPLE_RATE
    assert time.monotonic() - began < 5


def test_a_wav_that_ends_early_is_read_as_far_as_it_goes(tmp_path):
    whole = written(tmp_path / "a.wav", tone(2), subtype="PCM_16").read_bytes()
    assert abs(len(read_sound(whole[: len(whole) // 2])) - SAMPLE_RATE) < 50


def test_bad_files_end_in_one_line(tmp_path):
    wav = written(tmp_path / "a.wav", tone(), subtype="PCM_16").read_bytes()
    assert "is empty" in refusal(b"")
    assert "no sound that can be read" in refusal(b"these are words, and no sound")
    assert "holds no sound" in refusal(wav[:44])
    assert "WebM" in refusal(b"\x1a\x45\xdf\xa3" + bytes(100))
    assert "M4A" in refusal(b"\0\0\0\x20ftypM4A " + bytes(100))
    assert "too short" in refusal(written(tmp_path / "short.wav", tone(0.05)))
    assert "silent" in refusal(written(tmp_path / "silent.wav", np.zeros(SAMPLE_RATE)))
    for rate in (SAMPLE_RATE, 44_100):
        assert "silent" in refusal(written(tmp_path / "offset.wav", np.full(rate, 0.5), rate))
    bad = tone()
    bad[5] = np.nan
    assert "not numbers" in refusal(written(tmp_path / "nan.wav", bad, subtype="FLOAT"))
    bad[5] = np.inf
    assert "not numbers" in refusal(written(tmp_path / "inf.wav", bad, subtype="FLOAT"))
    assert "1 samples a second" in refusal(written(tmp_path / "slow.wav", tone(), 1))
    assert "9 channels" in refusal(written(tmp_path / "many.wav", np.stack([tone()] * 9, 1)))
    assert "no such sound file" in refusal(tmp_path / "none.wav")
    (tmp_path / "samples.raw").write_bytes(bytes(4000))  # the name alone makes soundfile ask for a rate
    assert "no sound that can be read" in refusal(tmp_path / "samples.raw")
    assert "is no file" in refusal(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "is no file" in refusal(tmp_path / "pipe.wav")


def test_damaged_files_are_read_or_refused_but_never_crash(tmp_path):
    rng = np.random.default_rng(0)
    for ending in ("wav", "flac", "ogg", "mp3"):
        whole = written(tmp_path / f"a.{ending}", tone(0.3)).read_bytes()
        for _ in range(25):
            damaged = bytearray(whole)
            for place in rng.integers(len(damaged), size=8):
                damaged[place] = rng.integers(256)
            try:
                clip = read_sound(bytes(damaged))
            except InputError:
                continue
            assert np.isfinite(clip).all() and len(clip) <= 30 * SAMPLE_RATE * 16


def test_without_the_packages_one_line_says_which(monkeypatch, tmp_path):
    path = written(tmp_path / "a.wav", tone(rate=8000), 8000)
    real = builtins.__import__

    def without(name: str):
        def blocked(wanted, *rest):
            if wanted == name:
                raise ImportError(wanted)
            return real(wanted, *rest)

        return blocked

    for name in ("soundfile", "soxr"):
        with monkeypatch.context() as block:
            block.setattr(builtins, "__import__", without(name))
            assert "single-net[sound]" in refusal(path)


@pytest.mark.parametrize("rate", [8000, 44_100])
def test_an_offset_makes_no_click_when_it_is_resampled(tmp_path, rate):
    plain = read_sound(written(tmp_path / "a.wav", tone(rate=rate), rate, subtype="FLOAT"))
    offset = read_sound(written(tmp_path / "b.wav", tone(rate=rate) + np.float32(0.3), rate, subtype="FLOAT"))
    assert np.abs(offset - plain).max() < 1e-4


def test_a_silent_channel_is_averaged_and_of_cancelling_ones_the_loudest_is_taken(tmp_path):
    one = tone()
    clip = read_sound(written(tmp_path / "left.wav", np.stack([one, 0 * one], 1)))
    assert np.allclose(clip, one / 2, atol=1e-3)
    clip = read_sound(written(tmp_path / "reversed.wav", np.stack([-0.9 * one, one], 1)))
    assert np.allclose(clip, one, atol=1e-3)


def test_a_quiet_recording_is_read(tmp_path):
    assert len(read_sound(written(tmp_path / "quiet.wav", tone() / 250, subtype="FLOAT"))) == SAMPLE_RATE


def test_of_a_long_file_only_the_beginning_is_called_silent(tmp_path):
    late = np.concatenate([np.zeros(31 * 4000, np.float32), tone(1, 4000)])
    assert "silent in its first 30 s" in refusal(written(tmp_path / "late.wav", late, 4000))
    assert "silent: check" in refusal(written(tmp_path / "whole.wav", late[: 30 * 4000], 4000))
