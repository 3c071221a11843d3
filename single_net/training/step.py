"""One step of the optimiser: a batch through network and loss in one pass, backward, and new weights."""

from __future__ import annotations

import sys
import warnings

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from single_net.common import distributed
from single_net.config import RunConfig
from single_net.losses.retrieval import RetrievalLoss
from single_net.models.build import autocast
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwinNet
from single_net.training.batches import Batch
from single_net.training.sync_batchnorm import synchronise_norms


class TrainingStep(nn.Module):
    """Network, loss and optimiser on `device`; with several processes their gradients are averaged.

    step(batch, rate) -> (total loss, its parts), scalars on the device. Nothing in it waits for a GPU, save torch's
    SyncBatchNorm with several of them.

    The network runs in the configuration's precision; weights, loss, centres and optimiser state are float32. With
    training.compile the network is compiled by torch, for so many `inputs` and `photographs` among them (this process's
    share of a batch); where that fails one line says so and it runs uncompiled.
    """

    def __init__(
        self,
        network: SingleNet | TwinNet,
        loss: RetrievalLoss,
        config: RunConfig,
        device: torch.device,
        inputs: int = 0,
        photographs: int = 0,
    ):
        super().__init__()
        synchronised = distributed.count() > 1 and config.training.sync_batchnorm
        if synchronised:
            synchronise_norms(network, device)
        self.network = network.to(device, memory_format=torch.channels_last)
        self.loss = loss.to(device)
        self._config, self._device = config, device
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.training.optimizer]
        self.parameter_list = [*network.parameters(), *loss.parameters()]
        self.optimizer = kind(
            self.parameter_list,
            lr=config.training.learning_rate,
            weight_decay=config.training.weight_decay,
            fused=True,
        )
        run: nn.Module = self.network
        if config.training.compile and synchronised:
            _tell("training.compile is left out: synchronised batch norms cannot be compiled")
        elif config.training.compile:
            run = _compiled(self.network, inputs, photographs, config, device)
        objective: nn.Module = _Objective(run, self.loss, config, device)
        if distributed.count() > 1:
            with warnings.catch_warnings():  # the option's new name does not exist before torch 2.15
                warnings.filterwarnings("ignore", message=".*broadcast_buffers")
                # Batch norms' statistics are synchronised or meant to differ, centres move alike: no buffer is sent.
                objective = DistributedDataParallel(
                    objective, device_ids=[device.index] if device.type == "cuda" else None, broadcast_buffers=False
                )
        self._objective = [objective]  # in a list: not a module of its own in the state

    def forward(
        self, batch: Batch, rate: float, *, contrastive: float = 1.0
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """One step with learning rate `rate`."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        total, parts = self._objective[0](batch, contrastive)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.optimizer.step()
        return total.detach(), {name: part.detach() for name, part in parts.items()}

    def see(self, batch: Batch) -> None:
        """A batch through the network alone, in its present mode, without gradients (for batch norm statistics)."""
        with torch.no_grad(), autocast(self._config, self._device):
            self.network(batch.pictures, batch.photographs)


class _Objective(nn.Module):
    """Network and loss as one module: DistributedDataParallel averages the gradients of what runs inside it."""

    def __init__(self, network: nn.Module, loss: RetrievalLoss, config: RunConfig, device: torch.device):
        super().__init__()
        self.network, self.loss = network, loss
        self._config, self._device = config, device

    def forward(self, batch: Batch, contrastive: float) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        with autocast(self._config, self._device):
            own = self.network(batch.pictures, batch.photographs)
        features = distributed.gather_rows(own.float(), len(batch.group))
        rows = distributed.own_rows(len(batch.group)) if distributed.count() > 1 else slice(None)
        return self.loss(features, batch.group, batch.whole_photographs, contrastive=contrastive, own=rows)


def _compiled(network: SingleNet, inputs: int, photographs: int, config: RunConfig, device: torch.device) -> nn.Module:
    """`network` compiled, or as it is where a forward and backward pass of the compiled one fails in any process."""
    _tell("compiling the network: this takes minutes")
    compiled = torch.compile(network)
    size = config.network.image_size
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    reason = ""
    try:
        network.train()
        with autocast(config, device):
            features = compiled(torch.zeros(inputs, 3, size, size, dtype=torch.uint8, device=device), photographs)
        features.float().sum().backward()
    except Exception as error:  # no compiler, an operation it cannot do, a defect of its own
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
    for name, buffer in network.named_buffers():
        buffer.copy_(before[name])
    network.zero_grad(set_to_none=True)
    [failed] = distributed.largest([bool(reason)])
    if failed:
        _tell(f"torch.compile does not work here, so the network runs uncompiled: {reason or 'in another process'}")
    return network if failed else compiled


def _tell(line: str) -> None:
    if distributed.rank() == 0:
        print(line, file=sys.stderr)
