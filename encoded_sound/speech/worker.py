"""A program of its own that speaks with the library of espeak-ng: clips in, samples out.

It is started as a file, with the paths of the library and of its data, and imports nothing of this project. Each line
of its input is a JSON object with "voice", "rate", "pitch" and "text"; it answers with four bytes, the number of
samples (-1: none could be made), and the samples, int16.

espeak-ng 1.52 seeds its noise from the clock, and even with a fixed seed only the first clip of a process is always the
same. So the library is set up once, and each clip is the first one of a child process.
"""

import ctypes
import json
import os
import signal
import struct
import sys

SYNCHRONOUS, UTF8, CHARACTERS = 2, 1, 1  # speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS, espeakCHARS_UTF8, POS_CHARACTER
RATE, PITCH = 1, 3  # speak_lib.h: espeakRATE, espeakPITCH
SEED = 1807
SECONDS = 60  # a child that takes longer is ended


def main() -> None:
    library, data = ctypes.CDLL(sys.argv[1]), sys.argv[2]
    samples_per_second = library.espeak_Initialize(SYNCHRONOUS, 200, data.encode(), 0)
    os.write(1, struct.pack("<i", samples_per_second))
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            signal.alarm(SECONDS)
            try:
                _answer(_speak(library, **json.loads(line)))
            except BaseException:
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status):  # it failed, crashed or took too long
            _answer(None)


def _speak(library: ctypes.CDLL, voice: str, rate: int, pitch: int, text: str) -> bytes | None:
    pieces: list[bytes] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def take(samples, count, _events):  # type: ignore[no-untyped-def]
        if count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_SetSynthCallback(take)
    library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
    if library.espeak_SetVoiceByName(voice.encode()):
        return None
    library.espeak_SetParameter(RATE, rate, 0)
    library.espeak_SetParameter(PITCH, pitch, 0)
    spoken = text.encode() + b"\0"
    if library.espeak_Synth(spoken, ctypes.c_size_t(len(spoken)), 0, CHARACTERS, 0, UTF8, None, None):
        return None
    library.espeak_Synchronize()
    return b"".join(pieces)


def _answer(samples: bytes | None) -> None:
    count = -1 if samples is None else len(samples) // 2
    answer = memoryview(struct.pack("<i", count) + (samples or b""))
    while answer:
        answer = answer[os.write(1, answer) :]


if __name__ == "__main__":
    main()
