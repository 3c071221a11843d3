"""SingleNet: the paper's network with a bottleneck of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from facenet_pytorch import InceptionResnetV1
from torch import nn

from encoded_text import InputError
from single_net.models.single_net import SingleNet


@pytest.fixture(scope="module")
def network() -> SingleNet:
    torch.manual_seed(0)
    return SingleNet().eval()


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_the_parameter_count_of_the_paper(network):
    assert parameters(network) == 22_793_728


@pytest.mark.parametrize("height, width", [(75, 75), (96, 96), (80, 131), (160, 160)])
def test_any_size_from_75_pixels_gives_one_embedding_an_input(network, height, width):
    images = torch.randint(0, 256, (2, 3, height, width), dtype=torch.uint8)
    with torch.no_grad():
        assert network(images).shape == (2, 128)


@pytest.mark.parametrize("size, whole", [(75, True), (96, False), (107, True), (139, True), (160, False), (256, False)])
def test_at_some_sizes_no_layer_that_halves_the_map_leaves_an_edge_out(network, size, whole):
    rests = []
    halving = [m for m in network.backbone.modules() if getattr(m, "stride", None) in (2, (2, 2))]
    hooks = [m.register_forward_pre_hook(lambda _, x: rests.append((x[0].shape[-1] - 3) % 2)) for m in halving]
    with torch.no_grad():
        network(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    assert len(rests) == 10 and any(rests) != whole


@pytest.mark.parametrize("shape", [(2, 3, 74, 96), (2, 1, 96, 96), (3, 96, 96)])
def test_other_shapes_are_refused_in_one_line(network, shape):
    with pytest.raises(InputError):
        network(torch.zeros(shape))


def test_agrees_with_facenet_pytorch_on_standardized_images(network):
    theirs = InceptionResnetV1(classify=False)
    theirs.last_linear = nn.Linear(1792, 128, bias=False)
    theirs.last_bn = nn.BatchNorm1d(128, eps=0.001)
    theirs.logits = None
    theirs.load_state_dict(network.backbone.state_dict())
    theirs.eval()
    images = torch.randint(0, 256, (2, 3, 96, 96), dtype=torch.uint8)
    with torch.no_grad():
        expected = theirs((images.float() - 127.5) / 128)
        ours = nn.functional.normalize(network(images), dim=1)
    torch.testing.assert_close(ours, expected)


def test_uint8_and_float_images_agree(network):
    images = torch.randint(0, 256, (2, 3, 80, 80), dtype=torch.uint8)
    with torch.no_grad():
        assert torch.equal(network(images), network(images.float()))


def test_unknown_weights_are_named():
    with pytest.raises(InputError, match="pretrained"):
        SingleNet(pretrained="imagenet")


def test_weights_that_cannot_be_downloaded_are_one_line(monkeypatch, tmp_path):
    import requests

    def offline(*_, **__):
        raise requests.exceptions.ConnectionError("no network")

    monkeypatch.setattr(requests.Session, "get", offline)
    monkeypatch.setattr(requests.Session, "request", offline)
    monkeypatch.setattr("urllib.request.urlopen", offline)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(InputError, match="vggface2"):
        SingleNet(pretrained="vggface2")


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04" + bytes(500)])
def test_weights_whose_download_broke_off_are_one_line(monkeypatch, tmp_path, content):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "20180402-114759-vggface2.pt").write_bytes(content)
    with pytest.raises(InputError, match=r"checkpoints are damaged .*: delete the file") as refused:
        SingleNet(pretrained="vggface2")
    assert "\n" not in str(refused.value)


@pytest.mark.slow
def test_the_face_detector_of_facenet_pytorch_is_not_loaded_until_somebody_asks_for_it():
    code = (
        "import sys; from single_net.models.single_net import InceptionResnetV1 as ours; "
        "assert 'torchvision' not in sys.modules; from facenet_pytorch import MTCNN, InceptionResnetV1 as theirs; "
        "assert ours is theirs"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
