"""Contamination: an image that was trained on is found among the tested ones, whatever its name."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from shapes import COLORS, draw

from encoded_text import InputError
from single_net.data import contamination
from single_net.data.caption_overlap import caption_hashes
from single_net.data.contamination import Fingerprints, find_duplicates, image_fingerprints
from single_net.data.dataset import CaptionDataset


def images(n: int, size: int = 96, seed: int = 0) -> np.ndarray:
    """Made-up images: smooth random colors."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (n, 6, 6, 3), np.uint8)
    return np.stack([np.asarray(Image.fromarray(s).resize((size, size), Image.BICUBIC)) for s in small])


def saved_again(image: np.ndarray, size: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).resize((120, 90), Image.LANCZOS).save(file, "JPEG", quality=30)
    return np.asarray(Image.open(file).convert("RGB").resize((size, size), Image.BICUBIC))


def data(n: int, captions: list[str] | None = None, split: str = "test", name: str = "p{}") -> CaptionDataset:
    captions = captions or [f"caption {i} of {split}" for i in range(n)]
    return CaptionDataset("made-up", split, [name.format(i) for i in range(n)], [None] * n, [[c] for c in captions])


def test_an_image_is_recognized_at_another_size_and_compression_and_others_are_not():
    known = images(40)
    again = np.stack([saved_again(image, 80) for image in known])
    same, nearest = find_duplicates(image_fingerprints(again), image_fingerprints(known))
    assert same.tolist() == list(range(40)) and nearest > contamination.MIN_COSINE
    same, nearest = find_duplicates(image_fingerprints(images(40, seed=1)), image_fingerprints(known))
    assert (same == -1).all() and nearest < 0.95


def test_the_same_thing_in_another_color_is_another_image():
    colors = [COLORS[name] for name in ("red", "green", "yellow")]  # the blue is as bright as the background
    shirts = np.stack([draw(color, "cross", np.random.default_rng(0)) for color in colors])
    assert find_duplicates(image_fingerprints(shirts), image_fingerprints(shirts))[0].tolist() == [0, 1, 2]
    for i in range(len(shirts)):
        others = image_fingerprints(np.delete(shirts, i, 0))
        assert find_duplicates(image_fingerprints(shirts[[i]]), others)[0].tolist() == [-1]


def test_images_of_one_color_are_never_taken_for_another():
    plain = np.full((2, 96, 96, 3), 128, np.uint8)
    assert (find_duplicates(image_fingerprints(plain), image_fingerprints(plain))[0] == -1).all()
    plain[:, :, 48:] += 1  # hardly any contrast
    assert (find_duplicates(image_fingerprints(plain), image_fingerprints(plain))[0] == -1).all()


def test_a_test_on_a_training_image_is_refused_and_names_it():
    seen = Fingerprints(image_fingerprints(images(6)), np.empty(0, np.int64))
    others = images(4, seed=1)
    kept = seen.require_disjoint(data(4), others, "runs/mine was trained on")
    assert kept["images"] == kept["captions"] == 0 and 0 < kept["nearest"] < 0.95
    others[2] = images(6)[5]
    with pytest.raises(InputError, match=r"runs/mine was trained on 1 of the 4 test images of made-up, e\.g\. p2"):
        seen.require_disjoint(data(4), others, "runs/mine was trained on")
    others[3] = saved_again(others[2], 96)
    names = [f"pics/{i}.jpg" for i in range(6)]
    with pytest.raises(InputError, match=r"2 of .*e\.g\. p2, which looks like the training image pics/5\.jpg \(if it"):
        seen.require_disjoint(data(4), others, "this run would train on", "leave them out", names)


def test_of_several_similar_images_the_most_similar_one_is_named():
    image = images(1)[0]
    known = np.stack([saved_again(image, 96), image, saved_again(image, 96)])
    assert find_duplicates(image_fingerprints(image[None]), image_fingerprints(known))[0].tolist() == [1]


def test_words_learned_from_a_test_caption_are_refused():
    seen = Fingerprints(image_fingerprints(images(6)), np.unique(caption_hashes(["A dog runs.", "a cat"])))
    assert seen.require_disjoint(data(2, ["two dogs run", "dog"]), images(2, seed=1), "it")["captions"] == 0
    with pytest.raises(InputError, match=r"captions of the 2 test images .*1, e\.g\. of p1"):
        seen.require_disjoint(data(2, ["two dogs", "a DOG runs"]), images(2, seed=1), "it")


def test_a_saturated_color_is_recognized_after_compression():
    image = np.repeat(np.linspace(0, 255, 96).astype(np.uint8)[None, :, None], 96, 0).repeat(3, 2)
    image[:, :48] = (255, 0, 0)
    again = image.copy()
    again[:, :48] = (254, 0, 0)  # as JPEG decodes it
    assert find_duplicates(image_fingerprints(again[None]), image_fingerprints(image[None]))[0].tolist() == [0]
