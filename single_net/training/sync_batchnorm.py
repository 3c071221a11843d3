"""Batch norm whose statistics are those of the whole batch, shared by several processes."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from single_net.common import distributed


def synchronize_norms(network: nn.Module, device: torch.device) -> nn.Module:
    """Replace every batch norm by a synchronized one with the same state.

    Args:
        network: changed in place, and returned.
        device: on GPUs torch's SyncBatchNorm is used, which does not run on CPUs; there CPUSyncBatchNorm is.
    """
    if device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(network)
    for name, child in network.named_children():
        if isinstance(child, _BatchNorm):
            norm = CPUSyncBatchNorm(child.num_features, eps=child.eps, momentum=child.momentum)
            norm.load_state_dict(child.state_dict())
            setattr(network, name, norm)
        else:
            synchronize_norms(child, device)
    return network


def average_statistics(norms: list[_BatchNorm]) -> None:
    """Replace running statistics by their mean over the processes; synchronized ones are equal already."""
    if distributed.world_size() == 1:
        return
    for norm in norms:
        for statistic in (norm.running_mean, norm.running_var):
            assert statistic is not None
            dist.all_reduce(statistic)
            statistic.div_(distributed.world_size())


class CPUSyncBatchNorm(_BatchNorm):
    """Batch norm of inputs (n, channels, ...) spread over the processes (Ioffe and Szegedy 2015, Algorithm 1).

    Sums are in float32. In training every process must call it, with at least one row each.
    """

    running_mean: torch.Tensor
    running_var: torch.Tensor
    num_batches_tracked: torch.Tensor

    def _check_input_dim(self, x: torch.Tensor) -> None:
        pass  # any number of dimensions from two on

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, channels, ...) -> the same shape and dtype."""
        if not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
        values, over = x.float(), [0, *range(2, x.ndim)]
        shape = (1, -1, *[1] * (x.ndim - 2))
        here = torch.tensor([float(x.numel() // x.shape[1])])
        dist.all_reduce(here)
        number = here.item()
        mean = _Sum.apply(values.sum(over)) / number
        centered = values - mean.view(shape)
        variance = _Sum.apply(centered.square().sum(over)) / number
        with torch.no_grad():
            self.num_batches_tracked += 1
            assert self.momentum is not None
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * number / (number - 1), self.momentum)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centered * scale.view(shape) + self.bias.view(shape)).to(x.dtype)


class _Sum(torch.autograd.Function):
    """The sum over the processes. Every process's loss depends on it, so the gradients are summed as well."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor) -> torch.Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        return total
