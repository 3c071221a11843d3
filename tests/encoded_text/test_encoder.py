from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.encoder import CaptionWarning, Coverage
from encoded_text.tokenizer import tokenise

SIZES = (96, 160, 224, 227, 256)
FIT = """
import sys
from encoded_text import TextImageEncoder
captions = open(sys.argv[1], encoding="utf-8").read().splitlines()
TextImageEncoder.fit(captions, seed=5, epochs=2).save(sys.argv[2])
"""
LOAD = """
import sys
from encoded_text import TextImageEncoder
encoder = TextImageEncoder.load(sys.argv[1])
encoder.inverse_transform(encoder.transform(["a red dog"]))
assert not {"gensim", "sklearn", "matplotlib", "torch"} & set(sys.modules), "heavy imports"
"""


@pytest.mark.parametrize("preset", ["paper", "figure"])
@pytest.mark.parametrize("fill", ["blank", "repeat"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_words_are_read_back_exactly(encoders, preset, fill, data):
    fitted = encoders[preset]
    size = data.draw(st.sampled_from(SIZES))
    encoder = fitted.with_layout(replace(fitted.layout.scaled_to(size), fill=fill))
    words = st.lists(st.sampled_from(encoder.words), min_size=1, max_size=encoder.layout.capacity)
    captions = [" ".join(caption) for caption in data.draw(st.lists(words, min_size=1, max_size=3))]
    assert encoder.inverse_transform(encoder.transform(captions)) == captions


def test_repeated_words_are_told_from_repeated_captions(encoders):
    encoder = encoders["paper"].with_layout(replace(Layout.paper(), fill="repeat"))
    captions = ["dog", "dog dog", "dog dog dog", " ".join(["dog"] * 63), " ".join(["dog"] * 64)]
    pictures = encoder.transform(captions)
    assert len({picture.tobytes() for picture in pictures}) == len(captions)
    assert encoder.inverse_transform(pictures) == captions


def test_word_numbers(encoders):
    encoder = encoders["paper"]
    ids = encoder.ids(["A red dog zebra!", "cat"])
    assert ids.dtype == np.int32
    assert ids.shape == (2, 64)
    number = encoder.vocabulary
    assert ids[0, :4].tolist() == [number["a"], number["red"], number["dog"], 0]
    assert encoder.words[number["cat"] - 1] == "cat"
    assert ids[1, 0] == number["cat"]
    assert not ids[1, 1:].any()


def test_repeat_puts_one_blank_place_behind_each_copy(encoders):
    encoder = encoders["paper"].with_layout(replace(Layout.paper(), fill="repeat"))
    red, dog = encoder.vocabulary["red"], encoder.vocabulary["dog"]
    assert encoder.ids(["red dog"])[0].tolist() == ([red, dog, 0] * 22)[:64]


def test_no_captions_at_all(encoders):
    encoder = encoders["paper"]
    assert encoder.ids([]).shape == (0, 64)
    assert encoder.transform([]).shape == (0, 256, 256, 3)
    assert encoder.inverse_transform(np.empty((0, 256, 256, 3), np.uint8)) == []


def test_many_captions_are_laid_out_in_parts_alike(encoders, monkeypatch):
    encoder = encoders["figure"].with_layout(replace(Layout.figure(), fill="repeat"))
    captions = ["a red dog", "cat", "the horse runs", "bird in the snow", "at a farm"]
    whole = encoder.ids(captions)
    monkeypatch.setattr("encoded_text.encoder._CHUNK", 2)
    np.testing.assert_array_equal(encoder.ids(captions), whole)


def test_a_caption_without_known_words_is_blank_and_warned_about(encoders):
    encoder = encoders["paper"]
    with pytest.warns(CaptionWarning, match=r"of 3 captions 2 hold no known word .*'zyx wvu'"):
        pictures = encoder.transform(["a dog", "zyx wvu", ""])
    assert not pictures[1:].any()
    assert encoder.inverse_transform(pictures) == ["a dog", "", ""]


def test_known_captions_are_not_warned_about(encoders, captions):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoders["paper"].ids(captions)


def test_captions_too_long_are_cut_and_warned_about(encoders):
    encoder = encoders["paper"]
    with pytest.warns(CaptionWarning, match="of 2 captions 1 are cut after 64 words"):
        pictures = encoder.transform(["dog " * 65, "cat " * 64])
    assert [len(caption.split()) for caption in encoder.inverse_transform(pictures)] == [64, 64]


def test_captions_too_long_can_be_an_error(encoders):
    encoder = encoders["paper"].with_layout(replace(Layout.paper(), overflow="error"))
    with pytest.raises(InputError, match="caption 1 has 65 known words"):
        encoder.ids(["cat", "dog " * 65])
    assert encoder.ids(["zebra " + "dog " * 64]).all()  # unknown words take no place


def test_coverage_counts(encoders):
    coverage = encoders["paper"].coverage(["a dog", "a purple dog", "zyx", "dog " * 70])
    assert coverage == Coverage(captions=4, words=76, unknown_words=2, truncated_captions=1, blank_captions=1)


def test_the_vocabulary_is_that_of_the_fitted_captions_only(captions):
    encoder = TextImageEncoder.fit(captions, epochs=1)
    assert set(encoder.words) == {word for caption in captions for word in tokenise(caption)}
    assert encoder.parameters["captions"] == len(captions)
    assert encoder.parameters["tokens"] == sum(len(tokenise(caption)) for caption in captions)


def test_rare_words_can_be_left_out():
    encoder = TextImageEncoder.fit(["a dog", "a cat", "a dog"], epochs=1, min_count=2)
    assert encoder.words == ["a", "dog"]


@pytest.mark.parametrize("normalisation", ["zscore", "per_feature", "global"])
def test_every_normalisation_uses_its_range_and_is_recorded(captions, normalisation):
    encoder = TextImageEncoder.fit(captions, epochs=1, normalisation=normalisation)
    assert encoder.normalisation == encoder.parameters["colours"]["method"] == normalisation
    lowest, highest = encoder.colours.min(axis=0), encoder.colours.max(axis=0)
    if normalisation == "per_feature":
        assert (lowest == 0).all() and (highest == 255).all()
    elif normalisation == "global":
        assert lowest.min() == 0 and highest.max() == 255
    else:
        assert abs(encoder.colours.mean() - 127.5) < 2


def test_equal_vectors_are_separated_and_read_back(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"{word} {' '.join(['1.5'] * 36)}\n" for word in ("dog", "cat", "cow")))
    encoder = TextImageEncoder.from_published(path, Layout.figure())
    assert encoder.parameters["colours"]["separated"] == 2
    assert encoder.inverse_transform(encoder.transform(["cow dog cat"])) == ["cow dog cat"]


def test_words_that_cannot_be_told_apart_are_refused(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"w{i} {' '.join(['1.5'] * 36)}\n" for i in range(100)))
    with pytest.raises(InputError, match="cannot be told apart"):
        TextImageEncoder.from_published(path, Layout.figure())


def test_one_word_is_enough():
    encoder = TextImageEncoder.fit(["Dog"])
    assert encoder.inverse_transform(encoder.transform(["dog dog"])) == ["dog dog"]


def test_a_word_may_not_look_like_a_blank_place(encoders):
    encoder = encoders["figure"]
    words, colours = ["dog", "cat"], np.array([[255] * 36, [1] * 36], np.uint8)
    with pytest.raises(InputError, match="blank"):
        TextImageEncoder(words, colours, encoder.layout, "zscore", {})
    black = replace(encoder.layout, blank=(0, 0, 0))
    safe = TextImageEncoder(words, colours, black, "zscore", {})
    assert safe.inverse_transform(safe.transform(["dog cat"])) == ["dog cat"]
    with pytest.raises(InputError, match="blank"):
        safe.with_layout(encoder.layout)


def test_another_layout_needs_as_many_features(encoders):
    with pytest.raises(InputError, match="36"):
        encoders["paper"].with_layout(Layout.figure())


def test_the_same_seed_gives_the_same_file_in_every_process(tmp_path, captions):
    text = tmp_path / "captions.txt"
    text.write_text("\n".join(captions), encoding="utf-8")
    files = [tmp_path / f"{hash_seed}.safetensors" for hash_seed in ("1", "2")]
    for file in files:
        environment = {**os.environ, "PYTHONHASHSEED": file.stem}
        subprocess.run([sys.executable, "-c", FIT, text, file], check=True, env=environment)
    assert files[0].read_bytes() == files[1].read_bytes()
    other = TextImageEncoder.fit(captions, seed=6, epochs=2)
    assert (other.colours != TextImageEncoder.load(files[0]).colours).any()


@pytest.mark.parametrize("preset", ["paper", "figure"])
def test_saved_and_loaded_it_is_the_same(encoders, tmp_path, preset):
    encoder = encoders[preset]
    encoder.save(tmp_path / "new" / "encoder.safetensors")
    for same in (TextImageEncoder.load(tmp_path / "new" / "encoder.safetensors"), _through_state(encoder)):
        assert same.words == encoder.words
        assert same.layout == encoder.layout
        assert same.normalisation == encoder.normalisation
        assert same.parameters == encoder.parameters
        np.testing.assert_array_equal(same.colours, encoder.colours)
        np.testing.assert_array_equal(same.transform(["a red dog"]), encoder.transform(["a red dog"]))


def _through_state(encoder: TextImageEncoder) -> TextImageEncoder:
    arrays, meta = encoder.state()
    return TextImageEncoder.from_state(arrays, meta)


def test_loading_imports_nothing_heavy(encoders, tmp_path):
    encoders["paper"].save(tmp_path / "encoder.safetensors")
    subprocess.run([sys.executable, "-c", LOAD, tmp_path / "encoder.safetensors"], check=True)


def test_damaged_and_foreign_files_are_refused_in_one_line(encoders, tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "encoder.safetensors"
    encoders["paper"].save(path)
    whole = path.read_bytes()
    foreign = tmp_path / "network.safetensors"
    save_file({"colours": np.zeros((2, 3), np.uint8)}, foreign)
    for content in (whole[:-1], whole[: len(whole) // 2], whole[:4], b"", b"not safetensors", foreign.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            TextImageEncoder.load(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="no such file"):
        TextImageEncoder.load(tmp_path / "missing.safetensors")


def test_states_that_do_not_fit_are_refused(encoders):
    arrays, meta = encoders["figure"].state()
    wrong = [
        ({}, meta),
        (arrays, {**meta, "extra": 1}),
        (arrays, {**meta, "words": meta["words"][1:]}),
        (arrays, {**meta, "words": [meta["words"][0], *meta["words"][:-1]]}),
        (arrays, {**meta, "words": ["two words", *meta["words"][1:]]}),
        (arrays, {**meta, "words": 5}),
        (arrays, {**meta, "normalisation": "minmax"}),
        (arrays, {**meta, "layout": {}}),
        (arrays, {**meta, "layout": Layout.paper().to_dict()}),
        ({"colours": arrays["colours"].astype(np.float32)}, meta),
        ({"colours": np.repeat(arrays["colours"][:1], len(meta["words"]), axis=0)}, meta),
    ]
    for state in wrong:
        with pytest.raises(InputError):
            TextImageEncoder.from_state(*state)


def test_a_strange_block_is_named(encoders):
    encoder = encoders["figure"]
    pictures = encoder.transform(["a dog", "the red dog runs in the snow near the street at a farm on"])
    top, left = encoder.layout.position(13)
    pictures[1, top : top + 4, left : left + 4] ^= 85
    with pytest.raises(InputError, match="picture 1: the block in row 1, column 1"):
        encoder.inverse_transform(pictures)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (5, 5), (3, 20), (255, 255), (100, 100)])
def test_a_single_changed_pixel_is_found(encoders, y, x):
    encoder = encoders["paper"]
    picture = encoder.transform(["a red dog"])
    picture[0, y, x, 1] ^= 1
    with pytest.raises(InputError, match="picture 0"):
        encoder.inverse_transform(picture)


def test_words_behind_a_blank_place_are_not_ignored(encoders):
    encoder = encoders["paper"]
    pictures = encoder.transform(["a dog", "a red dog"])
    top, left = encoder.layout.position(5)
    word = slice(top, top + 28), slice(left, left + 28)
    pictures[0][word] = pictures[1, 4:32, 4:32]
    with pytest.raises(InputError, match="picture 0: the pixel in row"):
        encoder.inverse_transform(pictures)


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((1, 255, 256, 3), np.uint8),
        np.zeros((256, 256, 3), np.uint8),
        np.zeros((1, 256, 256, 3), np.float32),
        np.zeros((1, 3, 256, 256), np.uint8),
    ],
)
def test_pictures_of_another_shape_are_refused(encoders, pictures):
    with pytest.raises(InputError, match="uint8"):
        encoders["paper"].inverse_transform(pictures)


def test_pictures_need_not_be_contiguous(encoders):
    encoder = encoders["paper"]
    pictures = encoder.transform(["a dog", "a cat", "a horse"])
    assert encoder.inverse_transform(pictures[::2]) == ["a dog", "a horse"]
    assert encoder.inverse_transform(np.asfortranarray(pictures)) == ["a dog", "a cat", "a horse"]


@pytest.mark.parametrize("wrong", ["one caption", b"bytes", ["fine", None], [3]])
def test_captions_must_be_texts(encoders, wrong):
    for method in (encoders["paper"].ids, encoders["paper"].coverage, TextImageEncoder.fit):
        with pytest.raises(InputError):
            method(wrong)


@pytest.mark.parametrize(
    ("captions", "options"),
    [
        ([], {}),
        (["", " . "], {}),
        (["a dog"], {"min_count": 2}),
        (["a dog"], {"epochs": 0}),
        (["a dog"], {"sample": 1.5}),
        (["a dog"], {"seed": -1}),
        (["a dog"], {"normalisation": "minmax"}),
        (["a dog"], {"vectors": "missing.txt"}),
        (["a dog"], {"vectors": "missing.txt", "epochs": 3}),
    ],
)
def test_what_cannot_be_fitted_is_refused(captions, options):
    with pytest.raises(InputError):
        TextImageEncoder.fit(captions, **options)


@pytest.mark.skipif("FLICKR8K_ROOT" not in os.environ, reason="set FLICKR8K_ROOT to the folder of Flickr8k")
def test_real_captions_are_read_back():
    lines = (Path(os.environ["FLICKR8K_ROOT"]) / "Flickr8k.token.txt").read_text(encoding="utf-8").splitlines()
    captions = [line.split("\t", 1)[1] for line in lines]
    encoder = TextImageEncoder.fit(captions, epochs=1).with_layout(Layout.paper().scaled_to(96))
    coverage = encoder.coverage(captions)
    assert (coverage.unknown_words, coverage.truncated_captions, coverage.blank_captions) == (0, 0, 0)
    some = captions[::40]
    assert encoder.inverse_transform(encoder.transform(some)) == [" ".join(tokenise(caption)) for caption in some]
