"""Each half of a student against the other half of its teachers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.teaching_file import pack_vectors
from single_net.evaluation.teacher_comparison import TeacherComparison

IMAGES = 30
PART = CaptionDataset("table", "val", [str(i) for i in range(IMAGES)], [None] * IMAGES, [["a", "b"]] * IMAGES)
I2T, T2I = "image_to_sentence", "sentence_to_image"


@pytest.fixture
def comparison() -> TeacherComparison:
    torch.manual_seed(0)
    images = F.normalize(torch.randn(IMAGES, 16), dim=1)
    tested = {"val.images": pack_vectors(images), "val.captions": pack_vectors(images.repeat_interleave(2, 0))}
    splits = {"val": {"sha256": PART.checksums(), "recall": {I2T: {"1": 100.0}, T2I: {"1": 100.0}}}}
    return TeacherComparison(torch.linalg.qr(torch.randn(16, 8))[0], tested, splits)


def test_a_branch_that_sees_as_the_teacher_is_told_from_one_that_guesses(comparison):
    # The student reads as the teachers do, as far as its 8 values allow, and sees nothing.
    reads = (comparison.tested["val.captions"].float() @ comparison.head).numpy()
    sees = np.random.default_rng(0).standard_normal((IMAGES, 8)).astype(np.float32)
    found = comparison.measure(sees, reads, PART)
    assert found is not None and set(found) == {"teachers", "captions", "images", "student"}
    assert found["teachers"][T2I]["1"] == 100.0
    assert found["captions"][T2I]["1"] > 80 > 30 > found["images"][T2I]["1"]
    assert set(found["images"][I2T]) == {"1", "5", "10"}


def test_what_the_teachers_have_not_seen_is_not_compared(comparison):
    embeddings = np.ones((IMAGES, 8), np.float32)
    assert comparison.measure(embeddings, embeddings, dataclasses.replace(PART, split="test")) is None
    other = dataclasses.replace(PART, captions=[["a", "c"]] * IMAGES)
    assert comparison.measure(embeddings, embeddings, other) is None


def test_it_is_kept_beside_the_model_file(comparison, tmp_path):
    model: Path = tmp_path / "best.safetensors"
    assert TeacherComparison.load(model) is None
    comparison.save(model)
    assert TeacherComparison.place(model) == tmp_path / "best.teacher.safetensors"
    read = TeacherComparison.load(model)
    assert read is not None and torch.equal(read.head, comparison.head) and read.splits == comparison.splits
    assert torch.equal(read.tested["val.images"], comparison.tested["val.images"])
    for lacking in ({}, {"val.images": comparison.tested["val.images"]}):
        dataclasses.replace(comparison, tested=lacking).save(model)
        with pytest.raises(InputError, match="is damaged: delete it"):
            TeacherComparison.load(model)
    dataclasses.replace(comparison, splits=5).save(model)
    with pytest.raises(InputError, match="is damaged: delete it"):
        TeacherComparison.load(model)
    TeacherComparison.place(model).write_bytes(b"x")
    with pytest.raises(InputError):
        TeacherComparison.load(model)
