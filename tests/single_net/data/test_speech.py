"""Spoken captions of a split: once, in voices of the split, one image a caption."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_sound import SoundImageEncoder
from encoded_sound.speech.speaker import Speaker
from encoded_sound.speech.voices import VARIANTS, voices_of
from encoded_text import InputError
from single_net.data import speech, third
from single_net.data.dataset import CaptionDataset
from single_net.data.third import load_third

pytest.importorskip("espeakng_loader")
CAPTIONS = [["a red bar", "one bar that is red", "..."], ["a blue cross"]]


def dataset(split: str) -> CaptionDataset:
    return CaptionDataset("small", split, ["a.png", "b.png"], [None] * 2, CAPTIONS)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))


def test_each_caption_as_its_voice_speaks_it_and_none_for_dots(monkeypatch):
    items = load_third("speech", dataset("train"), 96)
    assert items.present.tolist() == [True, True, False, True] and items.images.shape == (4, 96, 96)
    assert items.rgb(np.array([3, 0])).shape == (2, 96, 96, 3)
    with Speaker() as speaker:
        clip = speaker.speak("one bar that is red", voices_of("train", "a.png", 3)[1])
    assert np.array_equal(items.images[1], SoundImageEncoder(96).draw(clip)[0])
    about = items.about
    assert about["name"] == "speech" and about["kind"] == "synthetic speech" and "0.2.4" in about["speaker"]
    assert (about["items"], about["missing"], about["cut"]) == (3, 1, 0)
    assert about["encoder"] == SoundImageEncoder(96).state()[1]

    monkeypatch.setattr(speech, "Speaker", None)  # not needed any more
    again = load_third("speech", dataset("train"), 96)
    assert np.array_equal(again.images, items.images) and again.about == about


def test_other_splits_are_spoken_by_others():
    train, test = (load_third("speech", dataset(split), 96) for split in ("train", "test"))
    assert set(test.about["voices"]) == set(VARIANTS["test"]) and not np.array_equal(train.images, test.images)


def test_large_images_have_as_many_lines_as_a_spectrogram_needs():
    assert [third._sound_encoder(size, None).lines for size in (75, 1800, 1801, 2048)] == [2, 2, 3, 3]


def test_what_cannot_be_spoken():
    with pytest.raises(InputError, match="only train, val, test are spoken"):
        load_third("speech", dataset("own"), 96)
    with pytest.raises(InputError, match="no third modality is called 'smell': choose one of speech, recordings"):
        load_third("smell", dataset("train"), 96)
    silent = CaptionDataset("small", "train", ["a.png"], [None], [["..."]])
    with pytest.raises(InputError, match="no caption has an item of speech"):
        load_third("speech", silent, 96)
