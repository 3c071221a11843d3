"""One step of the optimizer: a batch through network and loss, backward, new weights."""

from __future__ import annotations

import warnings

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from single_net.common import distributed
from single_net.common.device import autocast, supported_precision
from single_net.losses.retrieval import RetrievalLoss
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower
from single_net.training.batches import Batch
from single_net.training.buffers import unchanged_buffers
from single_net.training.sync_batchnorm import synchronize_norms

Losses = tuple[torch.Tensor, dict[str, torch.Tensor]]  # the total and its terms, scalars on the device
OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


class TrainingStep(nn.Module):
    """Network, loss and optimizer on a device; several processes average their gradients.

    Nothing in a step waits for the GPU, except torch's SyncBatchNorm with several GPUs and an LSTM for captions. The
    network runs in `precision`; weights, loss, centers and optimizer state are float32.

    Args:
        network: of images and encoded captions.
        loss: of the embeddings.
        device: both are moved there.
        optimizer: "adam" or "adamw".
        weight_decay: of the optimizer.
        precision: "float32" or "bfloat16"; float32 if the device does not compute in bfloat16.
        sync_batchnorm: with several processes, batch-norm statistics of the whole batch.
        tune_for: how many inputs most batches have: for these cuDNN tries its kernels, which takes long for every other
            number. None: for all.
        compile_for: None, or (inputs, images among them, image size) to compile the network for with torch.compile;
            if that fails, one line says so and it runs uncompiled.
    """

    def __init__(
        self,
        network: SingleNet | TwoTower,
        loss: RetrievalLoss,
        device: torch.device,
        *,
        optimizer: str = "adam",
        weight_decay: float = 0.0,
        precision: str = "float32",
        sync_batchnorm: bool = True,
        tune_for: int | None = None,
        compile_for: tuple[int, int, int] | None = None,
    ):
        super().__init__()
        synchronized = distributed.world_size() > 1 and sync_batchnorm
        if synchronized:
            synchronize_norms(network, device)
        self.network = network.to(memory_format=torch.channels_last).to(device)
        self.loss = loss.to(device)
        self.precision, self._device = supported_precision(precision, device), device
        self.parameter_list = [*network.parameters(), *loss.parameters()]
        on_gpu = device.type == "cuda"
        self.optimizer = OPTIMIZERS[optimizer](
            self.parameter_list,
            lr=torch.zeros((), device=device) if on_gpu else 0.0,  # a CUDA graph burns in a plain number
            weight_decay=weight_decay,
            fused=True,
            capturable=on_gpu,
        )
        self.depends_on_counts = isinstance(network, TwoTower) or bool(loss.contrastive_weight or loss.teaching)
        self._tune_for = tune_for
        run: nn.Module = self.network
        if compile_for and synchronized:
            distributed.tell("training.compile is ignored: synchronized batch norms cannot be compiled")
        elif compile_for:
            run = _compiled(self.network, *compile_for, self.precision, device)
        objective: nn.Module = _Objective(run, self.loss, self.precision, device)
        if distributed.world_size() > 1:
            with warnings.catch_warnings():  # the option's new name does not exist before torch 2.15
                warnings.filterwarnings("ignore", message=".*broadcast_buffers")
                # Batch-norm statistics are synchronized or meant to differ, centers move alike: no buffer is sent.
                objective = DistributedDataParallel(
                    objective, device_ids=[device.index] if device.type == "cuda" else None, broadcast_buffers=False
                )
        self._objective = [objective]  # in a list: not a module of its own in the state

    def forward(self, batch: Batch, rate: float, *, contrastive: float | torch.Tensor = 1.0) -> Losses:
        """One optimizer step.

        Args:
            batch: on the device.
            rate: learning rate.
            contrastive: share of the contrastive term's weight in force.

        Returns:
            The total loss and its terms, scalars on the device.
        """
        self.set_rate(rate)
        self.optimizer.zero_grad(set_to_none=True)
        return self.compute(batch, contrastive)

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of the next step."""
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def compute(self, batch: Batch, contrastive: float | torch.Tensor) -> Losses:
        """Forward, backward (onto gradients that are None) and new weights; can be captured as a CUDA graph."""
        if self._device.type == "cuda":
            torch.backends.cudnn.benchmark = self._tune_for in (None, len(batch.inputs))
        total, terms = self._objective[0](batch, contrastive)
        total.backward()
        self.optimizer.step()
        return total.detach(), {name: term.detach() for name, term in terms.items()}


class _Compiled(nn.Module):
    """A network with its compiled form for batches of one shape; others run uncompiled.

    Given another shape, torch would compile anew for both, and a run that is resumed after that would go on with the
    first form: its weights would differ from those of an uninterrupted run.
    """

    def __init__(self, network: SingleNet | TwoTower, compiled: nn.Module, inputs: int, images: int):
        super().__init__()
        self.network, self.compiled = network, compiled
        self._inputs, self._images = inputs, images if isinstance(network, TwoTower) else None

    def forward(self, inputs: torch.Tensor, images: int) -> torch.Tensor:
        planned = len(inputs) == self._inputs and self._images in (None, images)
        features: torch.Tensor = (self.compiled if planned else self.network)(inputs, images)
        return features


class _Objective(nn.Module):
    """Network and loss as one module: DistributedDataParallel averages the gradients of what runs inside it."""

    def __init__(self, network: nn.Module, loss: RetrievalLoss, precision: str, device: torch.device):
        super().__init__()
        self.network, self.loss = network, loss
        self._precision, self._device = precision, device

    def forward(self, batch: Batch, contrastive: float | torch.Tensor) -> Losses:
        with autocast(self._precision, self._device):
            own = self.network(batch.inputs, batch.own_images)
        n = len(batch.image_index)
        features = distributed.gather_rows(own.float(), n)
        rows = distributed.shard(n) if distributed.world_size() > 1 else slice(None)
        return self.loss(
            features,
            batch.image_index,
            batch.num_images,
            contrastive=contrastive,
            own=rows,
            teacher_vectors=batch.teacher_vectors,
            own_images=batch.own_images,
            num_third=batch.num_third,
        )


def _compiled(
    network: SingleNet | TwoTower, inputs: int, images: int, size: int, precision: str, device: torch.device
) -> nn.Module:
    """The network compiled, or as it is if a forward and backward pass of the compiled one fails in any process."""
    distributed.tell("compiling the network: this takes minutes")
    compiled: nn.Module = torch.compile(network)  # type: ignore[assignment]  # of a module it makes a module
    reason = ""
    with unchanged_buffers(network):
        try:
            network.train()
            with autocast(precision, device):
                features = compiled(torch.zeros(inputs, 3, size, size, dtype=torch.uint8, device=device), images)
            features.float().sum().backward()
        except Exception as error:  # no compiler, an unsupported operation, a defect of torch.compile
            if isinstance(error, getattr(torch, "AcceleratorError", ())):
                raise  # nothing can run on that GPU any more
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
    network.zero_grad(set_to_none=True)
    [failed] = distributed.all_reduce_max([bool(reason)])
    if failed:
        if device.type == "cuda":
            torch.cuda.empty_cache()  # it may have been too little memory
        why = reason or "in another process"
        distributed.tell(f"torch.compile does not work here, so the network runs uncompiled: {why}")
    return network if failed else _Compiled(network, compiled, inputs, images)
