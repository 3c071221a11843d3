"""espeak-ng as it is used here: the same bytes always, and no silent failure."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import time

import numpy as np
import pytest

from encoded_sound import SAMPLE_RATE
from encoded_sound.speech import speaker as module
from encoded_sound.speech.speaker import Speaker, speaker_version, spoken_text
from encoded_sound.speech.voices import ACCENTS, VARIANTS, Voice
from encoded_text import InputError

pytest.importorskip("espeakng_loader")
CAPTION = "two dogs run on the beach"


def digest(clip: np.ndarray) -> str:
    return hashlib.sha256(clip.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def speaker():
    with Speaker() as one:
        yield one


def test_the_same_clip_in_any_order_and_process(speaker):
    # f3 and m4 have noise in them, which espeak-ng seeds from the clock.
    voices = [Voice("en-us+f3", 170, 50), Voice("en+m4", 180, 40), Voice("en-gb-scotland+f1", 150, 60)]
    first = [digest(speaker.speak(CAPTION, voice)) for voice in voices]
    time.sleep(1.1)  # the clock's next second, another seed
    with Speaker() as other:
        again = [digest(other.speak(CAPTION, voice)) for voice in reversed(voices)]
    assert first == again[::-1] and len(set(first)) == 3


def test_all_voices_exist_and_sound_different(speaker):
    variants = [variant for of in VARIANTS.values() for variant in of]
    clips = [speaker.speak("a dog", Voice(f"en-us+{variant}", 175, 50)) for variant in variants]
    assert all(0.2 * SAMPLE_RATE < len(clip) < 2 * SAMPLE_RATE and np.abs(clip).max() > 0.02 for clip in clips)
    assert len({digest(clip) for clip in clips}) == len(variants)
    accents = [speaker.speak("a car in the water", Voice(f"{accent}+m1", 175, 50)) for accent in ACCENTS]
    assert len({digest(clip) for clip in accents}) == len(ACCENTS)


def test_rate_and_pitch_are_obeyed(speaker):
    slow, fast = (speaker.speak(CAPTION, Voice("en-us+m1", rate, 50)) for rate in (150, 200))
    assert len(slow) > 1.15 * len(fast)
    high = speaker.speak(CAPTION, Voice("en-us+m1", 150, 65))
    assert digest(high) != digest(slow)


@pytest.mark.parametrize(
    "voice", [Voice("en-us+F3", 170, 50), Voice("xx+f3", 170, 50), Voice("f3", 170, 50), Voice("en-us+f3", 1000, 50)]
)
def test_what_espeak_would_take_for_something_else_is_refused(speaker, voice):
    with pytest.raises(InputError):
        speaker.speak(CAPTION, voice)


def test_odd_captions(speaker):
    voice = Voice("en-us+m1", 175, 50)
    plain = digest(speaker.speak("a dog", voice))
    assert digest(speaker.speak("<b>a</b> dog".replace("b>", ">").replace("</>", "<>"), voice)) == plain
    assert digest(speaker.speak("a\x00\n dog", voice)) == plain
    for empty in ("", "  ", "...", "<>"):
        assert len(speaker.speak(empty, voice)) == 0
    for odd in ("-f /etc/passwd", "[[h@l'oU]] dog", "¿qué? \U0001f415 a dog", "dog " * 2000):
        assert len(speaker.speak(odd, voice)) > 0.2 * SAMPLE_RATE
    assert digest(speaker.speak("a dog", voice)) == plain
    assert spoken_text("  a [[dog]]\t<b> ") == "a dog b"
    assert spoken_text("dog " * 2000) == "dog " * 500


def test_a_program_that_ends_is_told(monkeypatch, tmp_path):
    stopping = tmp_path / "worker.py"
    stopping.write_text("import sys; sys.stdout.buffer.write((22050).to_bytes(4, 'little'))")
    monkeypatch.setattr(module, "WORKER", stopping)
    with Speaker() as one, pytest.raises(InputError, match="does not work here"):
        one.speak(CAPTION, Voice("en-us+m1", 175, 50))
    stopping.write_text("")
    with pytest.raises(InputError, match="cannot be loaded"):
        Speaker()


def test_without_the_package(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "no-such-package")
    with pytest.raises(InputError, match=r"single-net\[sound\]"):
        speaker_version()


def test_a_text_that_cannot_be_handed_over_is_refused_and_the_next_one_spoken(speaker):
    voice = Voice("en-us+f2", 160, 50)
    with pytest.raises(InputError, match="cannot speak"):
        speaker.speak("a \ud800 dog", voice)
    assert len(speaker.speak("a dog", voice))


SLOW = """
import struct, sys, time
def answer(data): sys.stdout.buffer.write(data); sys.stdout.buffer.flush()
answer(struct.pack("<i", 16000))
for line in sys.stdin.buffer:
    time.sleep(2)
    answer(struct.pack("<i4h", 4, 1, 2, 3, 4))
"""


def test_after_an_interrupted_caption_no_clip_is_given(monkeypatch, tmp_path):
    slow = tmp_path / "worker.py"
    slow.write_text(SLOW)
    monkeypatch.setattr(module, "WORKER", slow)

    def stop(*_: object) -> None:
        raise TimeoutError

    voice = Voice("en-us+m1", 175, 50)
    with Speaker() as one:
        before = signal.signal(signal.SIGALRM, stop)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(TimeoutError):
                one.speak("a dog", voice)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        with pytest.raises(InputError, match="make another one"):  # and not the clip of "a dog"
            one.speak("a cat", voice)


def test_a_program_that_does_not_start_leaves_nothing_behind(monkeypatch, tmp_path):
    stopping = tmp_path / "worker.py"
    stopping.write_text("import os, time; os.close(1); time.sleep(60)")
    monkeypatch.setattr(module, "WORKER", stopping)
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    with pytest.raises(InputError, match="cannot be loaded"):
        Speaker()
    assert started[0].poll() is not None and started[0].stdin.closed and started[0].stdout.closed


def test_a_library_that_does_not_begin_is_told(monkeypatch, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text("import os, struct\nos.write(1, struct.pack('<i', -1))\n")
    monkeypatch.setattr(module, "WORKER", worker)
    with pytest.raises(InputError, match="does not work here: its library cannot be loaded"):
        Speaker()
