"""The Flickr8k Audio Caption Corpus (Harwath & Glass 2015): 40,000 captions of Flickr8k read aloud by 183 people.

Its folder holds wav2capt.txt, one line a recording ("WAV JPG #K": the K-th caption of an image), and wavs/.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from encoded_sound import SoundImageEncoder, read_sound
from encoded_sound.audio import require_packages
from encoded_text.common.errors import InputError
from encoded_text.common.text import read_utf8
from single_net.data.dataset import CaptionDataset
from single_net.data.third_cache import Drawing, ThirdArray, third_array

VARIABLE = "FLICKR_AUDIO_ROOT"
CAPTIONS = 5  # of an image of Flickr8k
LIST = "wav2capt.txt"
_LINE = re.compile(r"([\w-]+\.wav) ([\w-]+\.jpg) #([0-4])")
_FORMAT = "2"  # to be changed whenever the same file gives another image


def draw_recordings(data: CaptionDataset, encoder: SoundImageEncoder) -> tuple[ThirdArray, dict[str, Any]]:
    """Read the recordings of a split and draw them, or find them drawn.

    Args:
        data: a split of Flickr8k; images and captions are joined by file name and number.
        encoder: draws the clips.

    Returns:
        One image for each of flat_captions (none without a recording, or where it cannot be read, which is counted),
        and what records say of the recordings.

    Raises:
        InputError: the folder is not there or not in the form of the corpus, or none of its recordings belongs to the
            split.
    """
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        raise InputError(f"where is the Flickr8k Audio Caption Corpus? Set {VARIABLE} to the folder with {LIST}")
    root = Path(os.path.expanduser(chosen))
    known = read_list(root)
    files: list[Path | None] = []
    for id, captions in zip(data.ids, data.captions, strict=True):
        # Where a caption was left out, nobody knows which: the others' numbers are not their places.
        whole = len(captions) == CAPTIONS
        files += [known.get((id, number)) if whole else None for number in range(len(captions))]
    if not any(files):
        raise InputError(f"{root / LIST} names no recording of {data.name} {data.split}: it belongs to flickr8k")
    size = encoder.image_size
    stats = [file and _stat(file) for file in files]
    key = [_FORMAT, encoder.state()[1], [[str(file), stat] for file, stat in zip(files, stats, strict=True)]]
    family = f"recordings-{data.name}-{data.split}-{size}"
    drawn = third_array(family, key, size, len(files), lambda: _reading(files, encoder))
    return drawn, {"corpus": "Flickr8k Audio Caption Corpus"}


def read_list(root: Path) -> dict[tuple[str, int], Path]:
    """The recording of each caption, by the image's file name and the caption's number, 0 to 4.

    Args:
        root: folder of the corpus.

    Raises:
        InputError: the list is missing or not UTF-8, a line has another form or names a caption again, or a recording
            is not called after its image.
    """
    path = root / LIST
    if not path.is_file():
        raise InputError(f"{path}: no such file: {VARIABLE} is the folder of the Flickr8k Audio Caption Corpus")
    found: dict[tuple[str, int], Path] = {}
    for number, line in enumerate(read_utf8(path).split("\n"), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise InputError(f'{path} line {number}: "recording.wav image.jpg #0" is expected, not {line[:60]!r}')
        wav, image, which = match.groups()
        caption = (image, int(which))
        if caption in found:
            raise InputError(f"{path} line {number}: {image} #{which} has two recordings: remove one")
        if wav != f"{image.removesuffix('.jpg')}_{which}.wav":
            raise InputError(f"{path} line {number}: {wav} is not named after {image} #{which}: correct the line")
        found[caption] = root / "wavs" / wav
    return found


def _stat(file: Path) -> list[int]:
    """Size and time of a file, by which a changed one is noticed; zeros if it is missing."""
    try:
        state = file.stat()
    except OSError:
        return [0, 0]
    return [state.st_size, state.st_mtime_ns]


@contextlib.contextmanager
def _reading(files: list[Path | None], encoder: SoundImageEncoder) -> Iterator[Any]:
    require_packages()

    def draw(i: int) -> Drawing:
        file = files[i]
        if file is None:
            return None
        try:
            clip = read_sound(file)
        except InputError:
            return None  # the corpus has some such files; they are counted
        return encoder.draw(clip)

    yield draw
