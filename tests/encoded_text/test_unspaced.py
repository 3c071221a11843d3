from __future__ import annotations

import pickle
import sys
import warnings

import numpy as np
import pytest

from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.tokenizer import TOKENIZERS, tokenize, tokenizer_by_name
from encoded_text.unspaced import ScriptWarning, warn_of_unspaced

RAW = {
    "Chinese": ["一只红色的狗在沙滩上跑", "两个人在海边散步，天空很蓝"],
    "Japanese": ["赤い犬が浜辺を走っている", "二人の子供が海で遊んでいる"],
    "Thai": ["สุนัขสีแดงวิ่งบนชายหาด", "เด็กสองคนเล่นน้ำในทะเล"],
}
SEGMENTED = {
    "Chinese": ["一 只 红色 的 狗 在 沙滩 上 跑", "两 个 人 在 海边 散步"],
    "Japanese": ["赤い 犬 が 浜辺 を 走っ て いる", "インターネット の 写真"],
    "Thai": ["สุนัข สี แดง วิ่ง บน ชายหาด", "เด็ก สอง คน เล่น น้ำ ใน มหาวิทยาลัย"],
    "Korean": ["빨간 개가 해변에서 달린다", "두 아이가 바다에서 논다"],
    "English": ["a red dog runs on the beach", "a sign that says 一只红色的狗在沙滩上跑"] * 2 + ["a dog"] * 20,
}


@pytest.mark.parametrize("language", RAW)
def test_phrases_without_blanks_are_told_at_the_start(language):
    with pytest.warns(ScriptWarning, match="of 2 captions are written without blanks .*choose the tokenizer icu"):
        TextImageEncoder.fit(RAW[language], epochs=1)


@pytest.mark.parametrize("language", SEGMENTED)
def test_segmented_captions_are_not(language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unspaced([tokenize(caption) for caption in SEGMENTED[language]])


ICU = {
    "一只红色的狗在沙滩上跑": "一只 红色 的 狗 在 沙滩 上 跑",
    "犬が砂浜を走っている": "犬 が 砂浜 を 走 って いる",
    "สุนัขสองตัววิ่งบนชายหาด": "สุนัข สอง ตัว วิ่ง บน ชายหาด",
}


@pytest.mark.parametrize("caption", ICU)
def test_icu_finds_the_words_of_scripts_without_spaces(caption):
    pytest.importorskip("icu4py")
    split = tokenizer_by_name("icu")
    assert split(caption) == ICU[caption].split()
    assert split(f"T-Shirt, {caption}!") == ["t-shirt", *ICU[caption].split()]
    assert split(" ".join(split(caption))) == split(caption)


@pytest.mark.parametrize("caption", ["A dog's T-shirt, e-mail & café", "빨간 개가 해변에서", "", "…"])
def test_icu_leaves_the_words_of_other_scripts_alone(caption):
    pytest.importorskip("icu4py")
    assert tokenizer_by_name("icu")(caption) == tokenize(caption)


def test_an_encoder_keeps_its_tokenizer(tmp_path):
    pytest.importorskip("icu4py")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # segmented: nothing to warn of
        encoder = TextImageEncoder.fit(RAW["Chinese"], Layout.figure(), tokenizer="icu", epochs=1)
    encoder.save(tmp_path / "encoder.safetensors")
    again = TextImageEncoder.load(tmp_path / "encoder.safetensors")
    compact, _ = encoder.compact(encoder.ids(RAW["Chinese"]))
    for same in (again, encoder.with_layout(Layout.figure()), compact):
        assert same.tokenizer == "icu"
    np.testing.assert_array_equal(again.ids(["狗在海边跑"]), encoder.ids(["狗 在 海边 跑"]))
    assert np.count_nonzero(again.ids(["狗在海边跑"])) == 4
    assert again.coverage(["狗在山上跑"]).unknown_words == 1
    assert encoder.inverse_transform(encoder.transform(["狗在海边跑"])) == ["狗 在 海边 跑"]


def test_without_its_package_icu_is_refused_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "icu4py.breakers", None)
    with pytest.raises(InputError, match=r"pip install 'single-net\[icu\]'"):
        TextImageEncoder.fit(RAW["Thai"], tokenizer="icu")


def test_an_unknown_tokenizer_is_refused():
    with pytest.raises(InputError, match=", ".join(TOKENIZERS)):
        tokenizer_by_name("bpe")


def test_the_tokenizer_icu_is_not_advised_to_those_who_have_it():
    pytest.importorskip("icu4py")
    captions = ["มหาวิทยาลัย"] * 3  # a long word, in the dictionary
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TextImageEncoder.fit(captions, Layout.figure(), tokenizer="icu", epochs=1)


def test_a_third_of_the_captions_is_enough_to_be_told():
    english = [["a", "dog"]] * 4
    with pytest.warns(ScriptWarning, match="2 of 6 captions"):
        warn_of_unspaced([*english, *([caption] for caption in RAW["Chinese"])])


def test_an_encoder_that_was_used_can_be_pickled():
    pytest.importorskip("icu4py")
    encoder = TextImageEncoder.fit(["a dog"], Layout.figure(), tokenizer="icu", epochs=1)
    ids = encoder.ids(["a dog"])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(encoder)).ids(["a dog"]), ids)
