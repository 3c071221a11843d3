"""Who speaks: test voices apart, each caption another one, the same in every process."""

from __future__ import annotations

import itertools

import pytest

from encoded_sound.speech.voices import PITCHES, RATES, VARIANTS, voices_of
from encoded_text import InputError


def test_no_voice_is_in_two_splits():
    for one, other in itertools.combinations(VARIANTS.values(), 2):
        assert not set(one) & set(other)


def test_an_images_captions_have_different_voices_of_its_split():
    seen = set()
    for split, number in itertools.product(VARIANTS, range(40)):
        chosen = voices_of(split, f"image-{number}", 5)
        variants = [voice.voice.partition("+")[2] for voice in chosen]
        assert len(set(variants)) == 5 and set(variants) <= set(VARIANTS[split])
        assert all(RATES[0] <= v.rate <= RATES[1] and PITCHES[0] <= v.pitch <= PITCHES[1] for v in chosen)
        seen.update(variants)
    assert seen == {variant for of in VARIANTS.values() for variant in of}


def test_the_choice_is_the_seeds():
    assert voices_of("test", "a.jpg", 2) == voices_of("test", "a.jpg", 2)
    # Written down: another choice would make other clips, and records that cannot be compared.
    assert tuple(voices_of("test", "a.jpg", 1)[0]) == EXPECTED


def test_more_captions_than_voices():
    assert len(voices_of("val", "a.jpg", 20)) == 20


EXPECTED = ("en-gb-scotland+f5", 182, 51)


def test_another_split_is_refused():
    with pytest.raises(InputError, match="'dev': choose train, val, test"):
        voices_of("dev", "a.jpg", 1)
