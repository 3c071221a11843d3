"""Speakers: programs that speak captions with espeak-ng, from the package espeakng-loader."""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from encoded_sound.audio import resample
from encoded_sound.speech.voices import ACCENTS, VARIANTS, Voice
from encoded_text.common.errors import InputError

PACKAGE = "espeakng-loader"
WORKER = Path(__file__).with_name("worker.py")
LONGEST = 2000  # characters of a caption
_UNSPEAKABLE = re.compile(r"[<>\[\]\x00-\x1f\x7f-\x9f]+")  # marks of markup and phonemes, control characters


def speaker_version() -> str:
    """The package that speaks, with its version: another one speaks otherwise. Raises InputError if it is missing."""
    try:
        return f"{PACKAGE} {version(PACKAGE)}"
    except PackageNotFoundError:
        raise InputError(f"speech needs the package {PACKAGE}: pip install 'single-net[sound]'") from None


def spoken_text(caption: str) -> str:
    """What of a caption is spoken: markup and control characters are left out, and what is beyond 2,000 characters."""
    return " ".join(_UNSPEAKABLE.sub(" ", caption).split())[:LONGEST]


class Speaker:
    """One program that speaks, a clip at a time. Use it in a with statement; it is not for several threads.

    The same caption and voice give the same samples, whatever was spoken before.

    Raises:
        InputError: the package espeakng-loader is missing, or its library cannot be used here.
    """

    def __init__(self) -> None:
        speaker_version()
        if not hasattr(os, "fork"):
            raise InputError("speech is made on Linux and macOS, where a process can be forked")
        import espeakng_loader

        data = Path(espeakng_loader.get_data_path())
        known = {file.name for file in (data / "voices" / "!v").iterdir()}
        # espeak-ng takes its plain voice for a variant that it does not know, without a word.
        if lacking := sorted({variant for variants in VARIANTS.values() for variant in variants} - known):
            raise InputError(f"{data} lacks the voices {', '.join(lacking)}: install {PACKAGE} 0.2.4")
        command = [sys.executable, "-I", "-S", str(WORKER), espeakng_loader.get_library_path(), str(data)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input: IO[bytes] = self._process.stdin
        self._output: IO[bytes] = self._process.stdout
        try:
            self._rate = self._number("its library cannot be loaded")
            if self._rate <= 0:  # espeak_Initialize's EE_INTERNAL_ERROR
                raise InputError(f"espeak-ng of {PACKAGE} does not work here: its library cannot be loaded")
        except BaseException:
            self._stop()
            raise

    def speak(self, caption: str, voice: Voice) -> np.ndarray:
        """Speak a caption.

        Args:
            caption: any text.
            voice: of espeak-ng, with an accent and a variant of speech.voices.

        Returns:
            float32 (samples,), at audio.SAMPLE_RATE; empty for a caption without a word.

        Raises:
            InputError: espeak-ng cannot speak it, or an earlier call was interrupted: that ends the program.
        """
        accent, _, variant = voice.voice.partition("+")
        if accent not in ACCENTS or not any(variant in variants for variants in VARIANTS.values()):
            raise InputError(f"no voice is called {voice.voice!r}: see encoded_sound.speech.voices")
        if not (80 <= voice.rate <= 450 and 0 <= voice.pitch <= 99):  # espeak-ng would take others without a word
            raise InputError(f"{voice.rate} words a minute at pitch {voice.pitch}: 80 to 450 at 0 to 99 are spoken")
        text = spoken_text(caption)
        if not any(character.isalnum() for character in text):
            return np.empty(0, np.float32)
        if self._output.closed:
            raise InputError("this speaker was stopped in the middle of a caption: make another one")
        line = json.dumps({**voice._asdict(), "text": text})
        try:
            with contextlib.suppress(BrokenPipeError):  # the program has ended: told below
                self._input.write(line.encode() + b"\n")
                self._input.flush()
            count = self._number(f"it stopped at {text!r}")
            data = self._output.read(2 * max(count, 0))
        except BaseException:  # what is left unread would be taken for the next caption's
            self._stop()
            raise
        if count < 0:
            raise InputError(f"espeak-ng cannot speak {text!r} with the voice {voice.voice}")
        if len(data) < 2 * count:
            raise InputError(f"espeak-ng ended while it spoke {text!r}")
        return resample(np.frombuffer(data, "<i2").astype(np.float32) / 32768, self._rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        self._output.close()
        self._process.wait()

    def _stop(self) -> None:
        self._process.kill()
        self.__exit__(None, None, None)

    def _number(self, otherwise: str) -> int:
        answer = self._output.read(4)
        if len(answer) < 4:
            raise InputError(f"espeak-ng of {PACKAGE} does not work here: {otherwise}")
        number: int = struct.unpack("<i", answer)[0]
        return number
