from __future__ import annotations

import warnings

import pytest

from encoded_text import TextImageEncoder
from encoded_text.tokenizer import tokenize
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
    with pytest.warns(ScriptWarning, match="of 2 captions are written without blanks .*put blanks between the words"):
        TextImageEncoder.fit(RAW[language], epochs=1)


@pytest.mark.parametrize("language", SEGMENTED)
def test_segmented_captions_are_not(language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unspaced([tokenize(caption) for caption in SEGMENTED[language]])
