"""The layout of the Flickr8k Audio Caption Corpus, and what is wrong with copies of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from encoded_sound import SoundImageEncoder, read_sound
from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.recordings import read_list
from single_net.data.third import load_third

soundfile = pytest.importorskip("soundfile")
IMAGES = ["11_aa.jpg", "22_bb.jpg", "33_cc.jpg"]
DATA = CaptionDataset("flickr8k", "test", IMAGES, [None] * 3, [["a", "b", "c", "d", "e"], ["f"] * 4, ["g"] * 5])


@pytest.fixture
def corpus(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FLICKR_AUDIO_ROOT", str(tmp_path / "corpus"))
    (tmp_path / "corpus" / "wavs").mkdir(parents=True)
    lines = []
    for number, image in enumerate(IMAGES):
        for which in reversed(range(5)):  # joined by image and number, not by line
            wav = f"{image.removesuffix('.jpg')}_{which}.wav"
            time = np.arange(8000) / 16_000
            sound = 0.3 * np.sin(2 * np.pi * (200 + 300 * number + 150 * which) * time)
            soundfile.write(tmp_path / "corpus" / "wavs" / wav, sound, 16_000, subtype="PCM_16")
            lines.append(f"{wav} {image} #{which}\n")
    (tmp_path / "corpus" / "wav2capt.txt").write_text("".join(lines))
    return tmp_path / "corpus"


def test_captions_find_their_recordings_by_image_and_number(corpus):
    with pytest.warns(UserWarning, match="of 14 captions 4 have no sound"):
        items = load_third("recordings", DATA, 96)
    # An image with four captions: nobody knows which one was left out.
    assert items.present.tolist() == [True] * 5 + [False] * 4 + [True] * 5
    for place, wav in ((0, "11_aa_0"), (3, "11_aa_3"), (13, "33_cc_4")):
        clip = read_sound(corpus / "wavs" / f"{wav}.wav")
        assert np.array_equal(items.images[place], SoundImageEncoder(96).draw(clip)[0])
    assert items.about["kind"] == "recorded speech" and items.about["items"] == 10


def test_bad_recordings_are_counted_and_a_mended_one_is_read(corpus):
    (corpus / "wavs" / "11_aa_0.wav").unlink()
    whole = (corpus / "wavs" / "11_aa_1.wav").read_bytes()
    (corpus / "wavs" / "11_aa_1.wav").write_bytes(whole[:44])
    with pytest.warns(UserWarning, match="6 have no sound"):
        assert not load_third("recordings", DATA, 96).present[:2].any()
    (corpus / "wavs" / "11_aa_1.wav").write_bytes(whole)
    with pytest.warns(UserWarning, match="5 have no sound"):
        assert load_third("recordings", DATA, 96).present[:2].tolist() == [False, True]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("11_aa_0.wav 11_aa.jpg #7", "is expected, not"),
        ("11_aa_0.wav 11_aa.jpg.1 #0", "is expected, not"),
        ("../x_0.wav 11_aa.jpg #0", "is expected, not"),
        ("11_aa_0.wav 11_aa.jpg #0", "two recordings"),
        ("44_dd_1.wav 44_dd.jpg #0", "not named after"),
    ],
)
def test_a_wrong_line_is_named(corpus, line, told):
    with (corpus / "wav2capt.txt").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(InputError, match=told) as error:
        read_list(corpus)
    assert "wav2capt.txt line 16" in str(error.value)


def test_a_list_in_another_encoding_is_named_without_advice_that_does_not_help(corpus):
    with (corpus / "wav2capt.txt").open("ab") as file:
        file.write(b"55_\xe9_0.wav 55_\xe9.jpg #0\n")
    with pytest.raises(InputError, match="line 16: not UTF-8") as error:
        read_list(corpus)
    assert "--skip-bad" not in str(error.value) and str(error.value).count("wav2capt.txt") == 1


def test_a_byte_order_mark_and_blank_lines_are_no_lines(corpus):
    known, path = read_list(corpus), corpus / "wav2capt.txt"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert read_list(corpus) == known


def test_no_corpus(monkeypatch, tmp_path, corpus):
    other = CaptionDataset("scenes", "test", ["scenes-1"], [None], [["a"] * 5])
    with pytest.raises(InputError, match="it belongs to flickr8k"):
        load_third("recordings", other, 96)
    monkeypatch.setenv("FLICKR_AUDIO_ROOT", str(tmp_path))
    with pytest.raises(InputError, match="no such file"):
        load_third("recordings", DATA, 96)
    monkeypatch.delenv("FLICKR_AUDIO_ROOT")
    with pytest.raises(InputError, match="Set FLICKR_AUDIO_ROOT"):
        load_third("recordings", DATA, 96)
