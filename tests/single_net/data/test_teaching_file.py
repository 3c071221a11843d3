"""The teaching file: read back as written, in the order of the data, and refused where it does not fit."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.teaching_file import TeachingFile, describe_training_split, pack_vectors, unpack_vectors

IDS = ["a", "b", "c"]
CAPTIONS = [["a dog", "a cat"], ["a cow"], ["a hen", "an owl", "a rat"]]


def data(order=(0, 1, 2), name="table") -> CaptionDataset:
    images = [np.full((2, 2, 3), i, np.uint8) for i in order]
    return CaptionDataset(name, "train", [IDS[i] for i in order], images, [CAPTIONS[i] for i in order])


def made(views: int = 4) -> TeachingFile:
    torch.manual_seed(0)

    def codes(*shape: int) -> torch.Tensor:
        return torch.randint(-127, 128, (*shape, 8), dtype=torch.int8)

    extra = data(name="other")
    return TeachingFile(
        codes(3, views),
        torch.rand(3, views, 4).half(),
        torch.rand(3, views) < 0.5,
        codes(6),
        codes(6),
        {"val.images": codes(2), "val.captions": codes(4)},
        {
            "train": describe_training_split(data()),
            "extra": {"name": "other", "sha256": extra.checksums()["captions"]},
            "splits": {"val": {}},
            "views": views,
            "seed": 0,
            "teachers": {},
        },
    )


@pytest.fixture
def file(tmp_path) -> Path:
    made().save(tmp_path / "teaching.safetensors")
    return tmp_path / "teaching.safetensors"


def test_it_is_read_as_it_was_written(file):
    written, read = made(), TeachingFile.load(file)
    for name in ("views", "boxes", "mirrored", "captions", "extra"):
        assert torch.equal(getattr(written, name), getattr(read, name)), name
    assert torch.equal(written.tested["val.captions"], read.tested["val.captions"])
    assert read.meta == written.meta and len(read.file_sha256) == 64
    assert (read.dim, read.num_views) == (8, 4)


def test_images_and_captions_come_in_the_order_of_the_run(file):
    teaching = TeachingFile.load(file)
    chosen = teaching.of(data([2, 0]), data(name="other"), "t")
    assert torch.equal(chosen.views, teaching.views[[2, 0]])
    assert torch.equal(chosen.captions, teaching.captions[[3, 4, 5, 0, 1]])
    assert len(chosen.extra) == 6 and len(teaching.of(data(), None, "t").extra) == 0


def test_a_part_has_the_first_views_and_no_captions_without_images(file):
    part = TeachingFile.load(file).part(2)
    assert torch.equal(part.views, made().views[:, :2]) and len(part.extra) == 0
    part.save(file)
    assert TeachingFile.load(file).num_views == 2
    assert len(TeachingFile.load(file).of(data(), data(name="other"), "t").extra) == 0


def test_other_data_are_refused(file):
    teaching = TeachingFile.load(file)
    with pytest.raises(InputError, match="does not know the image z"):
        teaching.of(dataclasses.replace(data(), ids=["a", "b", "z"]), None, "t")
    with pytest.raises(InputError, match="other captions of b"):
        teaching.of(dataclasses.replace(data(), captions=[CAPTIONS[0], ["a bull"], CAPTIONS[2]]), None, "t")
    with pytest.raises(InputError, match="other captions of other"):
        teaching.of(data(), data([1, 0, 2], name="other"), "t")
    with pytest.raises(InputError, match="another image of the name a: prepare it anew"):
        teaching.of(dataclasses.replace(data(), images=data((1, 1, 2)).images), None, "t")
    del teaching.meta["train"]["images"]  # as in older files
    assert len(teaching.of(dataclasses.replace(data(), images=data((1, 1, 2)).images), None, "t").captions) == 6


def test_missing_foreign_and_damaged_files_are_one_line(file, tmp_path):
    with pytest.raises(InputError, match=r"prepare it first \(python -m single_net\.teach"):
        TeachingFile.load(tmp_path / "none.safetensors")
    whole = made()
    train = whole.meta["train"]
    for wrong in (
        {"boxes": torch.zeros(3, 2, 4)},
        {"meta": whole.meta | {"train": train | {"counts": [sum(train["counts"])]}}},
    ):
        dataclasses.replace(whole, **wrong).save(file)
        with pytest.raises(InputError, match="do not fit each other"):
            TeachingFile.load(file)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(InputError, match="damaged"):
        TeachingFile.load(file)


def test_another_image_of_the_same_name_may_be_tested_on(file):
    teaching = TeachingFile.load(file)
    tested = CaptionDataset("table", "test", ["a"], [None], [["another dog", "another cat"]])
    teaching.require_disjoint(tested, "t")
    with pytest.raises(InputError, match="when a was a training image"):
        teaching.require_disjoint(CaptionDataset("table", "test", ["a"], [None], [CAPTIONS[0]]), "t")


def test_what_comes_back_points_the_same_way():
    torch.manual_seed(0)
    values = F.normalize(torch.randn(50, 3, 256), dim=-1)
    packed = pack_vectors(values)
    assert packed.dtype == torch.int8 and packed.shape == values.shape
    back = unpack_vectors(packed)
    assert back.dtype == torch.float32
    assert (back * values).sum(-1).min() > 0.9999
    torch.testing.assert_close(back.norm(dim=-1), torch.ones(50, 3))


def test_a_vector_of_zeros_stays_one():
    assert not unpack_vectors(pack_vectors(torch.zeros(2, 8))).any()
