from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import encoded_text
from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.tokenizer import tokenize
from encoded_text.unspaced import ScriptWarning
from encoded_text.word_ids import CaptionWarning

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


def test_no_captions_at_all(encoders):
    encoder = encoders["paper"]
    assert encoder.ids([]).shape == (0, 64)
    assert encoder.transform([]).shape == (0, 256, 256, 3)
    assert encoder.inverse_transform(np.empty((0, 256, 256, 3), np.uint8)) == []


def test_a_caption_without_known_words_is_blank_and_warned_about(encoders):
    encoder = encoders["paper"]
    with pytest.warns(CaptionWarning, match=r"of 3 captions 2 hold no known word .*'zyx wvu'"):
        images = encoder.transform(["a dog", "zyx wvu", ""])
    assert not images[1:].any()
    assert encoder.inverse_transform(images) == ["a dog", "", ""]


def test_a_warning_points_at_the_caller_of_ids(encoders):
    with pytest.warns(CaptionWarning) as caught:
        encoders["paper"].ids(["zyx"])
    assert caught[0].filename == __file__


def test_known_captions_are_not_warned_about(encoders, captions):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoders["paper"].ids(captions)


def test_captions_too_long_are_cut_and_warned_about(encoders):
    encoder = encoders["paper"]
    with pytest.warns(CaptionWarning, match="of 2 captions 1 are cut after 64 words"):
        images = encoder.transform(["dog " * 65, "cat " * 64])
    assert [len(caption.split()) for caption in encoder.inverse_transform(images)] == [64, 64]


def test_the_vocabulary_is_that_of_the_fitted_captions_only(captions):
    encoder = TextImageEncoder.fit(captions, epochs=1)
    assert set(encoder.words) == {word for caption in captions for word in tokenize(caption)}
    assert encoder.parameters["captions"] == len(captions)
    assert encoder.parameters["tokens"] == sum(len(tokenize(caption)) for caption in captions)


def test_rare_words_can_be_left_out():
    encoder = TextImageEncoder.fit(["a dog", "a cat", "a dog"], epochs=1, min_count=2)
    assert encoder.words == ["a", "dog"]


@pytest.mark.parametrize("normalization", ["zscore", "per_feature", "global"])
def test_every_normalization_uses_its_range_and_is_recorded(captions, normalization):
    encoder = TextImageEncoder.fit(captions, epochs=1, normalization=normalization)
    assert encoder.normalization == encoder.parameters["colors"]["method"] == normalization
    lowest, highest = encoder.colors.min(axis=0), encoder.colors.max(axis=0)
    if normalization == "per_feature":
        assert (lowest == 0).all() and (highest == 255).all()
    elif normalization == "global":
        assert lowest.min() == 0 and highest.max() == 255
    else:
        assert abs(encoder.colors.mean() - 127.5) < 2


def test_equal_vectors_are_separated_and_read_back(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"{word} {' '.join(['1.5'] * 36)}\n" for word in ("dog", "cat", "cow")))
    encoder = TextImageEncoder.from_published(path, Layout.figure())
    assert encoder.parameters["colors"]["separated"] == 2
    assert encoder.inverse_transform(encoder.transform(["cow dog cat"])) == ["cow dog cat"]


def test_words_that_cannot_be_told_apart_are_refused(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"w{i} {' '.join(['1.5'] * 36)}\n" for i in range(100)))
    with pytest.raises(InputError, match="cannot be told apart"):
        TextImageEncoder.from_published(path, Layout.figure())


def test_one_word_is_enough():
    encoder = TextImageEncoder.fit(["Dog"])
    assert encoder.inverse_transform(encoder.transform(["dog dog"])) == ["dog dog"]


def test_a_word_may_not_look_like_a_blank_slot(encoders):
    encoder = encoders["figure"]
    words, colors = ["dog", "cat"], np.array([[255] * 36, [1] * 36], np.uint8)
    with pytest.raises(InputError, match="blank"):
        TextImageEncoder(words, colors, encoder.layout, "zscore", {})
    black = replace(encoder.layout, blank=(0, 0, 0))
    safe = TextImageEncoder(words, colors, black, "zscore", {})
    assert safe.inverse_transform(safe.transform(["dog cat"])) == ["dog cat"]
    with pytest.raises(InputError, match="blank"):
        safe.with_layout(encoder.layout)


def test_another_layout_needs_as_many_features(encoders):
    with pytest.raises(InputError, match="36"):
        encoders["paper"].with_layout(Layout.figure())


@pytest.mark.slow
def test_the_same_seed_gives_the_same_file_in_every_process(tmp_path, captions):
    text = tmp_path / "captions.txt"
    text.write_text("\n".join(captions), encoding="utf-8")
    files = [tmp_path / f"{hash_seed}.safetensors" for hash_seed in ("1", "2")]
    for file in files:
        environment = {**os.environ, "PYTHONHASHSEED": file.stem}
        subprocess.run([sys.executable, "-c", FIT, text, file], check=True, env=environment)
    assert files[0].read_bytes() == files[1].read_bytes()
    other = TextImageEncoder.fit(captions, seed=6, epochs=2)
    assert (other.colors != TextImageEncoder.load(files[0]).colors).any()


@pytest.mark.parametrize("preset", ["paper", "figure"])
def test_saving_and_loading_changes_nothing(encoders, tmp_path, preset):
    encoder = encoders[preset]
    encoder.save(tmp_path / "new" / "encoder.safetensors")
    for same in (TextImageEncoder.load(tmp_path / "new" / "encoder.safetensors"), _through_state(encoder)):
        assert same.words == encoder.words
        assert same.layout == encoder.layout
        assert same.normalization == encoder.normalization
        assert same.parameters == encoder.parameters
        np.testing.assert_array_equal(same.colors, encoder.colors)
        np.testing.assert_array_equal(same.transform(["a red dog"]), encoder.transform(["a red dog"]))


def _through_state(encoder: TextImageEncoder) -> TextImageEncoder:
    arrays, meta = encoder.state()
    return TextImageEncoder.from_state(arrays, meta)


def test_a_state_without_tokenizer_splits_at_spaces(encoders):
    arrays, meta = encoders["figure"].state()
    older = {key: value for key, value in meta.items() if key != "tokenizer"}
    assert TextImageEncoder.from_state(arrays, older).tokenizer == "spaces"


def test_loading_imports_nothing_heavy(encoders, tmp_path):
    encoders["paper"].save(tmp_path / "encoder.safetensors")
    subprocess.run([sys.executable, "-c", LOAD, tmp_path / "encoder.safetensors"], check=True)


def test_damaged_and_foreign_files_are_refused_in_one_line(encoders, tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "encoder.safetensors"
    encoders["paper"].save(path)
    whole = path.read_bytes()
    foreign = tmp_path / "network.safetensors"
    save_file({"colors": np.zeros((2, 3), np.uint8)}, foreign)
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
        (arrays, {**meta, "normalization": "minmax"}),
        (arrays, {**meta, "tokenizer": "bpe"}),
        (arrays, []),
        (arrays, {**meta, "layout": {}}),
        (arrays, {**meta, "layout": Layout.paper().to_dict()}),
        ({"colors": arrays["colors"].astype(np.float32)}, meta),
        ({"colors": np.repeat(arrays["colors"][:1], len(meta["words"]), axis=0)}, meta),
    ]
    for state in wrong:
        with pytest.raises(InputError):
            TextImageEncoder.from_state(*state)


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
        (["a dog"], {"normalization": "minmax"}),
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
    assert encoder.inverse_transform(encoder.transform(some)) == [" ".join(tokenize(caption)) for caption in some]


@pytest.mark.parametrize("preset", ["paper", "figure"])
def test_a_compact_encoder_draws_the_same_images(encoders, captions, preset):
    encoder = encoders[preset]
    ids = encoder.ids(captions[:3])
    small, renumbered = encoder.compact(ids)
    assert len(small.words) == len(np.unique(ids)) - 1 < len(encoder.words)
    assert renumbered.dtype == np.int32 and small.inverse_transform(encoder.transform(captions[:3])) == [
        " ".join(tokenize(caption)) for caption in captions[:3]
    ]
    np.testing.assert_array_equal(renumbered, small.ids(captions[:3]))
    np.testing.assert_array_equal(small.transform(captions[:3]), encoder.transform(captions[:3]))
    blank, zeros = encoder.compact(np.zeros((2, 5), np.int32))
    assert len(blank.words) == 1 and not zeros.any()
    for wrong in (-1, len(encoder.words) + 1):
        with pytest.raises(InputError, match="word ids from"):
            encoder.compact(np.array([[1, wrong]]))


def test_colors_cannot_be_changed_from_outside():
    colors = np.array([[1] * 128, [2] * 128], np.uint8)
    encoder = TextImageEncoder(["dog", "cat"], colors, Layout.paper(), "zscore", {})
    colors[:] = 6
    assert encoder.colors[:, 0].tolist() == [1, 2]
    encoder.state()[0]["colors"][:] = 6  # a copy
    assert encoder.colors[:, 0].tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        encoder.colors[0] = 6


def test_a_file_name_that_is_not_utf8_is_recorded(encoders, tmp_path):
    fitted = encoders["figure"]
    record = {"source": "a\udcff.txt"}
    encoder = TextImageEncoder(fitted.words, fitted.colors, fitted.layout, "zscore", record)
    encoder.save(tmp_path / "encoder.safetensors")
    assert TextImageEncoder.load(tmp_path / "encoder.safetensors").parameters == record


def test_warnings_can_be_named():
    assert encoded_text.CaptionWarning is CaptionWarning and encoded_text.ScriptWarning is ScriptWarning


def made(**settings) -> TextImageEncoder:
    colors = np.random.default_rng(0).integers(4, 250, (3, 128), dtype=np.uint8)
    return TextImageEncoder(["dog", "red", "runs"], colors, replace(Layout.paper(), **settings), "zscore", {})


def test_ids_are_laid_out_as_the_layout_fills():
    assert made(fill="repeat").ids(["red dog"])[0, :7].tolist() == [2, 1, 0, 2, 1, 0, 2]
    assert made().ids(["red dog"])[0, :7].tolist() == [2, 1, 0, 0, 0, 0, 0]


def test_another_layout_keeps_everything_else():
    one = TextImageEncoder(["dog"], np.full((1, 128), 9, np.uint8), Layout.paper(), "global", {"a": 1}, "icu")
    other = one.with_layout(Layout.paper().scaled_to(96))
    assert (other.tokenizer, other.normalization, other.parameters, other.words) == ("icu", "global", {"a": 1}, ["dog"])


def test_arguments_of_another_type_are_told(encoders):
    with pytest.raises(InputError, match="captions are NoneType: give a list of captions"):
        TextImageEncoder.fit(None)
    with pytest.raises(InputError, match=r"the layout is 'paper': give a Layout, such as Layout\.paper\(\)"):
        TextImageEncoder.fit(["a dog"], layout="paper")
    with pytest.raises(InputError, match="the layout is 'figure'"):
        encoders["paper"].with_layout("figure")
    for call in (encoders["paper"].save, TextImageEncoder.load):
        with pytest.raises(InputError, match="None: give its path"):
            call(None)
