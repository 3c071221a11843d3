"""Weight gradients as matrix products: those of torch's own convolution."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from single_net.common.device import supported_precision
from single_net.models import convolution
from single_net.models.convolution import Convolution, use_convolutions, weight_gradient
from single_net.models.single_net import SingleNet

CPU = torch.device("cpu")
# kernel, stride and padding of all convolutions of InceptionResNet-V1
GEOMETRIES = [
    ((1, 1), (1, 1), (0, 0)),
    ((3, 3), (1, 1), (1, 1)),
    ((3, 3), (1, 1), (0, 0)),
    ((3, 3), (2, 2), (0, 0)),
    ((1, 7), (1, 1), (0, 3)),
    ((7, 1), (1, 1), (3, 0)),
    ((1, 3), (1, 1), (0, 1)),
    ((3, 1), (1, 1), (1, 0)),
]


@pytest.mark.parametrize(("kernel", "stride", "padding"), GEOMETRIES)
@pytest.mark.parametrize("size", [(3, 3), (8, 5)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_weight_gradient_is_that_of_a_convolution(kernel, stride, padding, size, layout):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 4, *size, dtype=torch.float64, generator=generator).contiguous(memory_format=layout)
    weight = torch.randn(5, 4, *kernel, dtype=torch.float64, generator=generator, requires_grad=True)
    y = nn.functional.conv2d(x, weight, None, stride, padding)
    gradient = torch.randn(y.shape, dtype=torch.float64, generator=generator).contiguous(memory_format=layout)
    [expected] = torch.autograd.grad(y, weight, gradient)
    torch.testing.assert_close(weight_gradient(x, gradient, kernel, stride, padding), expected)


@pytest.mark.parametrize(("kernel", "stride", "padding"), GEOMETRIES)
def test_weight_gradient_in_bfloat16_is_exact_but_for_rounding(kernel, stride, padding):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(6, 64, 9, 9, generator=generator).bfloat16()
    weight = torch.randn(32, 64, *kernel, generator=generator).double().requires_grad_()
    y = nn.functional.conv2d(x.double(), weight, None, stride, padding)
    gradient = torch.randn(y.shape, generator=generator).bfloat16()
    [expected] = torch.autograd.grad(y, weight, gradient.double())
    found = weight_gradient(x, gradient, kernel, stride, padding).double()
    assert (found - expected).norm() < 2**-8 * expected.norm()  # bfloat16 keeps 8 bits


def test_it_covers_every_convolution_of_the_network():
    found = {(m.kernel_size, m.stride, m.padding) for m in SingleNet().modules() if isinstance(m, nn.Conv2d)}
    assert found <= set(GEOMETRIES)
    assert {type(m) for m in SingleNet().modules() if isinstance(m, nn.Conv2d)} == {Convolution}


@pytest.mark.skipif(supported_precision("bfloat16", CPU) != "bfloat16", reason="this CPU does not compute in bfloat16")
def test_gradients_of_the_network_in_bfloat16_are_as_good_as_torchs(monkeypatch):
    """Both are compared with float32. Rounding alone moves either by 0.02; which is ahead depends on the threads."""
    torch.manual_seed(0)
    network = SingleNet().to(memory_format=torch.channels_last).train()
    inputs = torch.randint(0, 256, (6, 3, 96, 96), dtype=torch.uint8)
    weights = torch.randn(6, 128)
    used = []

    def gradients(*, bfloat16: bool) -> torch.Tensor:
        own = copy.deepcopy(network)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            features = own(inputs)
        (features.float() * weights).sum().backward()
        return torch.cat([p.grad.flatten() for p in own.parameters()])

    original = convolution.weight_gradient
    monkeypatch.setattr(convolution, "weight_gradient", lambda *args: used.append(1) or original(*args))
    exact, ours = gradients(bfloat16=False), gradients(bfloat16=True)
    assert len(used) > 100
    monkeypatch.setattr(convolution, "SMALL", 0)
    torchs = gradients(bfloat16=True)
    assert len(used) < 150
    similar = [torch.cosine_similarity(exact, of, dim=0).item() for of in (ours, torchs)]
    assert similar[0] > similar[1] - 0.1
    assert torch.cosine_similarity(ours, torchs, dim=0) > 0.9


def test_other_convolutions_stay():
    kept = nn.Sequential(
        nn.Conv2d(4, 4, 3, groups=2),
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.Conv2d(4, 4, 3, padding="same"),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
    )
    use_convolutions(kept)
    assert {type(module) for module in kept} == {nn.Conv2d}


@pytest.mark.parametrize("bias", [True, False])
def test_a_convolution_with_a_bias(bias):
    torch.manual_seed(0)
    plain = nn.Conv2d(4, 5, 1, bias=bias)
    ours = copy.deepcopy(plain)
    use_convolutions(nn.Sequential(ours))
    x = torch.randn(2, 4, 3, 3)
    for module in (plain, ours):
        with torch.autocast("cpu", torch.bfloat16):
            module(x).float().square().sum().backward()
    for expected, found in zip(plain.parameters(), ours.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=0.05, atol=0.1)


def test_compiled_it_gives_the_same_gradients():
    torch.manual_seed(0)
    first = nn.Conv2d(3, 16, 3, padding=1, bias=False)
    plain = nn.Sequential(first, nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 8, (1, 3)))
    use_convolutions(plain)
    compiled = copy.deepcopy(plain)
    x = torch.randn(4, 3, 9, 9)
    for run in (plain, torch.compile(compiled, fullgraph=True, backend="aot_eager")):
        with torch.autocast("cpu", torch.bfloat16):
            run(x).float().square().sum().backward()
    for expected, found in zip(plain.parameters(), compiled.parameters(), strict=True):
        assert torch.cosine_similarity(found.grad.flatten(), expected.grad.flatten(), dim=0) > 0.999
