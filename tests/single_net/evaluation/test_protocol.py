"""The protocol: which images and captions of a split are scored."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
import torch

from encoded_text import InputError, Layout
from encoded_text.tokenizer import tokenize
from encoded_text.word_ids import WordIds
from single_net.config import RunConfig
from single_net.data.dataset import CaptionDataset
from single_net.evaluation import protocol
from single_net.evaluation.diagnostics import diagnostics
from single_net.evaluation.hubness import hubness
from single_net.evaluation.modality_mix import modality_mix
from single_net.retrieval.embeddings import normalize
from single_net.retrieval.recall import evaluate_retrieval


class FakeEncoder:
    layout = Layout.paper()
    vocabulary: ClassVar = {str(number): number + 1 for number in range(1000)}
    tokenize = staticmethod(tokenize)

    def look_up(self, captions):
        return WordIds.look_up(captions, self.vocabulary, tokenize)

    def coverage(self, captions):
        from encoded_text.encoder import Coverage

        return Coverage(len(captions), 0, 0, 0, 0)


class FakeModel:
    """Embeds an image as its pixels' first values and a caption as the numbers it is made of."""

    image_size, config, encoder, fingerprints = 8, RunConfig(), FakeEncoder(), None
    device = torch.device("cpu")

    def embed_images(self, images: np.ndarray) -> np.ndarray:
        return images[:, 0, :, 0].astype(np.float32)

    def embed_captions(self, captions: list[str]) -> np.ndarray:
        return np.array([[float(value) for value in caption.split()] for caption in captions], np.float32)


def data(captions_per_image: list[int]) -> CaptionDataset:
    rng = np.random.default_rng(0)
    images = [np.full((8, 8, 3), 0, np.uint8) + rng.integers(0, 255, (1, 8, 1), np.uint8) for _ in captions_per_image]
    captions = [
        [" ".join(map(str, image[0, :, 0] + rng.normal(0, 60, 8).round(3))) for _ in range(count)]
        for image, count in zip(images, captions_per_image, strict=True)
    ]
    return CaptionDataset("made-up", "test", [f"p{i}" for i in range(len(images))], images, captions)


def test_the_papers_protocol_is_a_thousand_images_with_five_captions_each():
    part = protocol.evaluated(data([6] * 1001))
    assert len(part) == 1000 and len(part.flat_captions) == 5000


def test_a_split_within_the_protocol_is_scored_whole():
    whole = data([5] * 20)
    result = protocol.evaluate_split(FakeModel(), whole)
    model = FakeModel()
    expected = evaluate_retrieval(
        model.embed_images(np.stack(list(whole.images))),
        model.embed_captions(whole.flat_captions),
        whole.image_of_caption,
    )
    assert result["metrics"] == expected
    assert result["full_split"] is None
    assert result["dataset"]["images"] == 20 and result["dataset"]["captions"] == 100
    assert result["dataset"]["sha256"] == whole.checksums()


def test_the_first_images_and_their_first_five_captions_are_scored_and_the_whole_split_beside_them(monkeypatch):
    monkeypatch.setattr(protocol, "IMAGES", 12)
    whole = data([5, 7, 6] * 6)
    result = protocol.evaluate_split(FakeModel(), whole)
    first = whole.first(12)
    alone = protocol.evaluate_split(FakeModel(), first)
    assert result["metrics"] == alone["metrics"]
    assert result["dataset"] == alone["dataset"]
    assert result["dataset"]["images"] == 12 and result["dataset"]["captions"] == 60
    assert result["full_split"]["images"] == 18 and result["full_split"]["captions"] == 90
    assert result["full_split"]["metrics"]["sentence_to_image"]["queries"] == 90


@pytest.mark.parametrize("count", [3, 8])
def test_first_keeps_order_and_all_there_is(count):
    few = data([2, 6, 5, 1]).first(count, 5)
    assert [len(c) for c in few.captions] == [2, 5, 5, 1][:count]
    assert list(few.ids) == ["p0", "p1", "p2", "p3"][:count]


def test_diagnostics_are_measured_on_the_protocols_part(monkeypatch):
    monkeypatch.setattr(protocol, "IMAGES", 12)
    whole = data([5, 7, 6] * 6)
    measured = protocol.evaluate_split(FakeModel(), whole)["diagnostics"]
    assert measured == protocol.evaluate_split(FakeModel(), whole.first(12))["diagnostics"]
    assert set(measured) == {"modality", "hubness", "semantic", "human_judgements", "eccv"}
    assert measured["human_judgements"] is None and measured["eccv"] is None


def test_human_judgements_are_used_where_there_are_some(tmp_path):
    few = dataclasses.replace(data([5] * 6), judgements_folder=tmp_path)
    assert protocol.evaluate_split(FakeModel(), few)["diagnostics"]["human_judgements"] is None
    (tmp_path / "ExpertAnnotations.txt").write_text("p0\tp1#2\t3\t4\t4\np0\tp2#2\t1\t1\t2\n")
    (tmp_path / "CrowdFlowerAnnotations.txt").write_text("p0\tp1#2\t1\t3\t0\n")
    judged = protocol.evaluate_split(FakeModel(), few)["diagnostics"]["human_judgements"]
    assert (judged["experts"]["pairs"], judged["crowd"]["pairs"], judged["accepted"]["pairs"]) == (2, 1, 1)
    (tmp_path / "ExpertAnnotations.txt").write_text("p0\tp1#2\t3\n")
    with pytest.raises(InputError, match="line 1"):
        protocol.evaluate_split(FakeModel(), few)


def test_numbers_of_captions_follow_their_images():
    few = dataclasses.replace(data([2, 6]), numbers=[(7, [70, 71]), (8, [80, 81, 82, 83, 84, 85])])
    assert few.select([1, 0]).numbers == [(8, [80, 81, 82, 83, 84, 85]), (7, [70, 71])]
    assert few.first(2, 5).numbers == [(7, [70, 71]), (8, [80, 81, 82, 83, 84])]


def test_the_record_tells_what_the_split_has_beyond_the_protocol(monkeypatch):
    monkeypatch.setattr(protocol, "IMAGES", 12)
    result = protocol.evaluate_split(FakeModel(), data([5, 7, 6] * 6))
    assert result["available"] == {"images": 18, "captions": 108, "captions_of_these": 72}


def test_captions_that_images_share_are_counted_in_the_protocols_part():
    few = data([2] * 6)
    few.captions[1][0] = few.captions[0][0].replace(" ", "  ")  # the same words
    shared = protocol.evaluate_split(FakeModel(), few)["shared_captions"]
    assert (shared["captions"], shared["images"]) == (2, 0)
    assert shared["ceiling"]["image_to_sentence"]["1"] == 100
    assert shared["ceiling"]["sentence_to_image"] == pytest.approx({"1": 1100 / 12, "5": 100, "10": 100})


class Teacher:
    def measure(self, images, captions, part):
        return {"images": images, "captions": captions, "part": len(part)}


def test_the_part_alone_is_counted_and_compared_with_the_teachers(monkeypatch):
    monkeypatch.setattr(protocol, "IMAGES", 12)
    whole, model = data([5, 7, 6] * 6), FakeModel()
    result = protocol.evaluate_split(model, whole, teacher=Teacher())
    part = whole.first(12, 5)
    assert result["coverage"]["captions"] == 60 and result["teacher"]["part"] == 12
    np.testing.assert_array_equal(result["teacher"]["images"], model.embed_images(np.stack(list(part.images))))
    np.testing.assert_array_equal(result["teacher"]["captions"], model.embed_captions(part.flat_captions))


def test_captions_that_begin_alike_are_not_alike():
    few = data([2] * 6)
    word = few.captions[0][0].split()[0]
    few.captions[1][0] = " ".join([word, *few.captions[1][0].split()[1:]])
    words = sorted({word for caption in few.flat_captions for word in tokenize(caption)})

    class Known(FakeEncoder):
        vocabulary: ClassVar = {word: number for number, word in enumerate(words, 1)}

    class Knowing(FakeModel):
        encoder = Known()

    assert protocol.evaluate_split(Knowing(), few)["shared_captions"]["captions"] == 0


def test_diagnostics_are_of_normalized_embeddings_and_first_captions():
    split = data([3] * 30)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(30, 6)).astype(np.float32)
    captions = (np.repeat(images, 3, axis=0) + rng.normal(size=(90, 6))).astype(np.float32)
    lengths = rng.uniform(1, 9, (30, 1)).astype(np.float32), rng.uniform(1, 9, (90, 1)).astype(np.float32)
    found = diagnostics(images * lengths[0], captions * lengths[1], split, split, tokenize)
    unit = normalize(images).numpy(), normalize(captions).numpy()
    assert found["modality"] == pytest.approx(modality_mix(unit[0], unit[1][::3]))
    assert found["hubness"]["image_to_sentence"] == hubness(*unit, split.image_of_caption)["image_to_sentence"]
