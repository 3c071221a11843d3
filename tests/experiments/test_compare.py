"""Two runs compared by a paired bootstrap."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from experiments import compare
from experiments.records import DIRECTIONS, read_record
from single_net.retrieval.recall import KS


@pytest.fixture
def read(write_record):
    """A record whose number of images is that of its made-up metrics."""

    def made(dataset):
        record = read_record(write_record(dataset, "nested"))
        record.data["dataset"]["images"] = len(record["metrics.reached.image_to_sentence"])
        return record

    return made


def test_a_run_does_not_differ_from_itself(read):
    record = read("coco")
    lines = compare.compare(record, record)
    assert lines[0].count(f"({record.path})") == 2  # two runs of one variant and seed are told apart
    assert len(lines) == 3 and lines[1].count("+0.00 [+0.00, +0.00]") == lines[2].count("+0.00 [+0.00, +0.00]") == 3


def test_the_difference_is_that_of_the_recalls_and_its_interval_holds_it(read):
    first, second = read("coco"), read("coco")
    images = first["dataset.images"]
    rng = np.random.default_rng(0)
    recall = {}
    for record, chance in ((first, 0.3), (second, 0.5)):
        digits = 3 * (rng.random((images, 6)) < chance)
        of_captions = [[str(d) for d in row[1:]] for row in digits]
        record.data["metrics"]["reached"] = {
            "image_to_sentence": "".join(map(str, digits[:, 0])),
            "sentence_to_image": " ".join(map("".join, of_captions)),
        }
        recall[chance] = 100 * (digits > 0)[:, 0].mean(), 100 * (digits > 0)[:, 1:].mean()
    for line, i in zip(compare.compare(first, second)[1:], (0, 1), strict=True):
        middle = recall[0.5][i] - recall[0.3][i]
        found = line.split("R@10 ")[1].replace("[", "").replace("]", "").replace(",", "").split()
        value, low, high = map(float, found)
        assert value == pytest.approx(middle, abs=0.006)
        assert low < value < high


def test_pairing_narrows_the_interval():
    """Two models that fail on nearly the same images."""
    rng = np.random.default_rng(0)
    hits = (rng.random((500, 1)) < 0.5).astype(int)
    other = hits.copy()
    other[:10] = 1
    ones = np.ones(500, int)
    [[value, low, high]] = compare.difference_intervals(hits, other, ones)
    [[_, wide_low, wide_high]] = compare.difference_intervals(hits, other[rng.permutation(500)], ones)
    assert value == pytest.approx(100 * (other - hits).mean())
    assert high - low < 0.3 * (wide_high - wide_low)


def test_what_cannot_be_compared_is_told(read):
    first, second = read("coco"), read("scenes")
    second.data["dataset"]["sha256"] = {"ids": "other", "captions": "other"}
    with pytest.raises(InputError, match="evaluated on other images or captions"):
        compare.compare(first, second)
    second.data["dataset"]["sha256"] = first["dataset.sha256"]
    reached = dict(first["metrics.reached"])
    for direction in reached:
        second.data["metrics"]["reached"] = reached | {direction: reached[direction] + " 3"}
        with pytest.raises(InputError, match="does not fit"):
            compare.compare(first, second)
    second.data["metrics"]["reached"] = reached | {"image_to_sentence": "3 " * (first["dataset.images"] // 2)}
    with pytest.raises(InputError, match="does not fit"):
        compare.compare(first, second)
    one_each = " ".join(of[:1] for of in reached["sentence_to_image"].split(" "))
    second.data["metrics"]["reached"] = reached | {"sentence_to_image": one_each}
    with pytest.raises(InputError, match="other queries"):
        compare.compare(first, second)
    del second.data["metrics"]["reached"]
    with pytest.raises(InputError, match="write it anew"):
        compare.compare(first, second)


def test_the_command(read, tmp_path, monkeypatch, capsys):
    (tmp_path / "a.json").write_text(json.dumps(read("coco").data))
    monkeypatch.setattr(sys, "argv", ["compare", str(tmp_path / "a.json"), str(tmp_path / "a.json")])
    compare.main()
    assert "i2t: R@1 +0.00" in capsys.readouterr().out


def reached(rng, images: int) -> dict[str, str]:
    digits = rng.integers(0, 4, (images, 6)).astype(str)
    return {DIRECTIONS[0]: "".join(digits[:, 0]), DIRECTIONS[1]: " ".join(map("".join, digits[:, 1:]))}


def test_every_k_has_its_own_difference(write_record):
    first, second = (read_record(write_record("coco", "nested")) for _ in range(2))
    rng = np.random.default_rng(0)
    for record in (first, second):
        record.data["metrics"]["reached"] = reached(rng, 1000)
    found = compare.differences(first, second)
    for direction in DIRECTIONS:
        one, other = (np.array(list(r["metrics.reached"][direction].replace(" ", "")), int) for r in (first, second))
        for k, needed in zip(KS, (3, 2, 1), strict=True):
            assert found[direction][k][0] == pytest.approx(100 * ((other >= needed).mean() - (one >= needed).mean()))
