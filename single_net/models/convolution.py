"""Convolutions whose weight gradients are matrix products: faster with small maps in bfloat16 on CPUs with AMX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

# Largest height of a feature map that is treated so. On small maps oneDNN's kernel for weight gradients (torch 2.15,
# CPU with AMX) is much slower than one matrix product; on large ones copying the windows costs more than it saves.
SMALL = 9


class Convolution(nn.Conv2d):
    """nn.Conv2d with another way to compute the gradient of its weights where that is faster: in bfloat16 on a CPU."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """As nn.Conv2d."""
        fast = input.device.type == "cpu" and torch.is_autocast_enabled("cpu") and torch.is_grad_enabled()
        if not fast or self._height(input) > SMALL:
            return super().forward(input)
        dtype = torch.get_autocast_dtype("cpu")
        stride, padding = _pair(self.stride), _pair(self.padding)
        found: torch.Tensor = _Convolve.apply(input.to(dtype), self.weight.to(dtype), stride, padding)
        return found if self.bias is None else found + self.bias.to(dtype)[:, None, None]

    def _height(self, input: torch.Tensor) -> int:
        """Of the output."""
        return (input.shape[2] + 2 * _pair(self.padding)[0] - self.kernel_size[0]) // self.stride[0] + 1


def use_convolutions(network: nn.Module) -> None:
    """Turn every plain nn.Conv2d of a network into a `Convolution`; weights, names and results stay."""
    for module in network.modules():
        plain = type(module) is nn.Conv2d and module.groups == 1 and module.padding_mode == "zeros"
        if plain and module.dilation == (1, 1) and not isinstance(module.padding, str):
            module.__class__ = Convolution


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, stride: tuple[int, int], padding: tuple[int, int]
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.geometry = stride, padding
        return F.conv2d(x, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        stride, padding = ctx.geometry
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            of_x, _, _ = torch.ops.aten.convolution_backward(
                gradient, x, weight, None, stride, padding, (1, 1), False, (0, 0), 1, (True, False, False)
            )
        if ctx.needs_input_grad[1]:
            # Uncompiled, an operator's way through torch only costs time.
            compute = _operator if torch.compiler.is_compiling() else weight_gradient
            of_weight = compute(x, gradient, (weight.shape[2], weight.shape[3]), stride, padding)
        return of_x, of_weight, None, None


def weight_gradient(
    x: torch.Tensor, gradient: torch.Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> torch.Tensor:
    """The gradient of a convolution's weights: one product of all output gradients with all windows of the input.

    Args:
        x: float (n, c, height, width), the input.
        gradient: float (n, o, h, w), of the output.
        kernel, stride, padding: (rows, columns).

    Returns:
        float (o, c, *kernel).
    """
    n, o, h, w = gradient.shape
    c = x.shape[1]
    if any(padding):
        x = F.pad(x, (padding[1], padding[1], padding[0], padding[0]))
    pixels = x.permute(0, 2, 3, 1).contiguous()
    image, row, column, channel = pixels.stride()
    windows = pixels.as_strided(
        (n, h, w, *kernel, c), (image, row * stride[0], column * stride[1], row, column, channel)
    ).reshape(n * h * w, -1)
    product = gradient.permute(0, 2, 3, 1).reshape(-1, o).T @ windows
    return product.view(o, *kernel, c).permute(0, 3, 1, 2)


# As an operator: torch.compile, which would write the windows element by element, leaves it as it is.
_operator = torch.library.custom_op("single_net::weight_gradient", weight_gradient, mutates_args=())


@_operator.register_fake
def _(
    x: torch.Tensor, gradient: torch.Tensor, kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> torch.Tensor:
    return x.new_empty(gradient.shape[1], *kernel, x.shape[1]).permute(0, 3, 1, 2)


def _pair(value: Any) -> tuple[int, int]:
    return (value[0], value[1])
