"""Sound as images: where it is drawn, what may augment, and that nothing but the clip decides."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from encoded_sound import SAMPLE_RATE, SoundImageEncoder, SoundWarning
from encoded_text import InputError
from single_net.data.modality import check_modality


def chirp(seconds: float, low: float = 200, high: float = 3000) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.sin(2 * np.pi * (low * time + (high - low) * time**2 / (2 * seconds))).astype(np.float32)


@pytest.mark.parametrize(("size", "lines"), [(96, 3), (96, 1), (75, 3), (160, 4)])
def test_keeps_to_the_protocol(size, lines):
    encoder = SoundImageEncoder(size, lines)
    images = check_modality(encoder, [chirp(1), chirp(2), chirp(0.2)], size)
    assert (images == images[:, :, :, :1]).all()  # gray
    assert images.max() == 255 and images.min() == 0


def test_lines_are_read_as_text_is_and_hold_the_seconds():
    encoder = SoundImageEncoder(96, lines=3, seconds=6.0)
    image = encoder.draw(np.concatenate([chirp(0.01), chirp(2.99)]))[0]
    lines = image.reshape(3, 32, 96)
    assert lines[0].any() and lines[1, :, :40].any() and not lines[1, :, 56:].any() and not lines[2].any()
    # A rising tone rises in the image: towards its top, over both lines.
    rows = np.concatenate([lines[0].argmax(axis=0), lines[1, :, :44].argmax(axis=0)])
    assert rows[4] > rows[60] > rows[120]


def test_what_is_cut_off_is_told():
    encoder = SoundImageEncoder(96, seconds=2.0)
    with pytest.warns(SoundWarning, match="1 of 2 sounds are longer than the 2 s"):
        encoder.transform([chirp(3), chirp(1)])
    assert encoder.draw(chirp(1.9))[1] and not encoder.draw(chirp(2.2))[1]


def test_silence_before_the_words_makes_no_difference():
    encoder = SoundImageEncoder(96)
    late = np.concatenate([np.zeros(4 * encoder.hop, np.float32), chirp(1)])
    difference = np.abs(encoder.draw(late)[0].astype(int) - encoder.draw(chirp(1))[0])
    assert np.percentile(difference, 95) <= 8


def test_variation_moves_and_masks_and_adds_nothing():
    encoder = SoundImageEncoder(96)
    image = encoder.transform([chirp(2)])[0]
    varied = [encoder.augment(image, np.random.default_rng(seed)) for seed in range(30)]
    assert len({one.tobytes() for one in varied}) > 20
    assert {int(v) for one in varied for v in np.unique(one)} <= set(np.unique(image).tolist())
    kept = [(one > 0).sum() / (image > 0).sum() for one in varied]
    assert 0.5 < min(kept) < max(kept) <= 1


def test_a_full_image_is_not_pushed_beyond_its_end():
    encoder = SoundImageEncoder(96, seconds=2.0)
    image = np.full((96, 96, 3), 9, np.uint8)
    for seed in range(5):
        assert (encoder.augment(image, np.random.default_rng(seed))[:, :, 0] > 0).sum() > 0.6 * 96 * 96


def test_the_same_bytes_in_another_process_with_other_threads():
    program = (
        "import hashlib, numpy as np\nfrom encoded_sound import SoundImageEncoder\n"
        "clip = np.random.default_rng(3).normal(size=30_000).astype(np.float32)\n"
        "print(hashlib.sha256(SoundImageEncoder(96).transform([clip]).tobytes()).hexdigest())\n"
    )
    env = {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3", "PYTHONPATH": ":".join(sys.path)}
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env)
    clip = np.random.default_rng(3).normal(size=30_000).astype(np.float32)
    own = hashlib.sha256(SoundImageEncoder(96).transform([clip]).tobytes()).hexdigest()
    assert other.stdout.strip() == own


def test_the_state_makes_the_same_encoder():
    encoder = SoundImageEncoder(80, lines=4, seconds=5)
    arrays, settings = encoder.state()
    assert arrays == {} and SoundImageEncoder.from_state(settings) == encoder
    for wrong in ({}, settings | {"lines": "4"}, settings | {"more": 1}, settings | {"lines": 0}):
        with pytest.raises(InputError):
            SoundImageEncoder.from_state(wrong)


@pytest.mark.parametrize("settings", [{"lines": 0}, {"lines": 13}, {"seconds": 0.1}, {"seconds": float("nan")}])
def test_settings_that_make_no_image(settings):
    with pytest.raises(InputError):
        SoundImageEncoder(96, **settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ((96.0,), "image_size is 96.0: give a whole number"),
        (("96",), "image_size is '96': give a whole number"),
        ((96, 2.5), "lines is 2.5: give a whole number"),
        ((96, 2, "x"), "seconds is 'x': give a number"),
        ((96, 2, True), "seconds is True: give a number"),
        ((96, 2, 10**400), "give a number"),
        ((32_000, 2, 1), "at most 900 can be drawn, give more lines"),
        ((2048, 8, 1.5), "1.5 s of sound would become 1.02 s in whole samples: give fewer lines"),
        ((4000, 10, 1), "a column would have no sample, give fewer lines"),
    ],
)
def test_settings_of_other_types_or_beyond_the_samples(settings, said):
    with pytest.raises(InputError, match=said):
        SoundImageEncoder(*settings)


def test_numpy_numbers_make_a_state_that_is_read():
    encoder = SoundImageEncoder(np.int64(96), np.int32(3), np.float32(5))
    assert encoder == SoundImageEncoder(96, 3, 5.0)
    assert SoundImageEncoder.from_state(encoder.state()[1]) == encoder


def test_narrow_bands_are_heard_too():
    noise = np.random.default_rng(0).normal(size=SAMPLE_RATE)
    row = SoundImageEncoder(600, 2).draw(noise)[0][:300]  # 300 bands
    assert row.any(axis=1).all()


BAD = {
    "two channels": (np.zeros((2, 500)), "float64 of shape \\(2, 500\\): give one channel"),
    "channels last": (np.ones((500, 2)), "give one channel"),
    "a number": (np.float64(1), "give one channel"),
    "complex": (np.ones(500, complex), "give one channel of numbers"),
    "text": (["a", "b"], "give one channel of numbers"),
    "ragged": ([[1, 2], [3]], "give one channel of numbers"),
    "nan": (np.array([0, 1, np.nan]), "no finite numbers"),
    "infinite": (np.array([0, np.inf, 1], np.float32), "no finite numbers"),
    "infinite float16": (np.array([0, np.inf, 1], np.float16), "no finite numbers"),
    "without power": (np.full(500, 1e200), "no finite numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_clip_is_refused_by_its_number(name):
    clip, said = BAD[name]
    encoder = SoundImageEncoder(96)
    with pytest.raises(InputError, match=f"^the clip .*{said}"):
        encoder.draw(clip)
    with pytest.raises(InputError, match=f"^clip 1 .*{said}"):
        encoder.transform([chirp(1), clip])


def test_an_empty_clip_is_black_and_a_list_is_drawn_as_an_array():
    encoder = SoundImageEncoder(96)
    gray, complete = encoder.draw(np.empty(0, np.float32))
    assert gray.shape == (96, 96) and not gray.any() and complete
    np.testing.assert_array_equal(encoder.draw(chirp(0.2).tolist())[0], encoder.draw(chirp(0.2))[0])


def test_a_variation_starts_later_and_blanks_whole_bands():
    encoder = SoundImageEncoder(96, lines=1)
    image = encoder.transform([np.random.default_rng(0).normal(size=2 * SAMPLE_RATE)])[0]
    varied = [encoder.augment(image, np.random.default_rng(seed))[:, :, 0] for seed in range(30)]
    starts = [int(np.flatnonzero(one.any(axis=0))[0]) for one in varied]
    assert max(starts) > 96 // 24  # later than a blanked beginning
    assert image.any(axis=(1, 2)).all() and any(not one.any(axis=1).all() for one in varied)
