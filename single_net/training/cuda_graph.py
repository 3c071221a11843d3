"""A training step launched as one CUDA graph.

The paper's batch of 45 is less than a millisecond of arithmetic on a current GPU, and more than a thousand kernel
launches: without a graph the GPU waits for Python.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from single_net.training.batches import Batch
from single_net.training.step import Losses, TrainingStep

WARM_UP = 3  # steps taken without a graph before one is captured (torch/cuda/graphs.py)
MARGIN = 0.1  # of memory, beyond the peak of a step, that a graph needs


class GraphedStep:
    """Calls a TrainingStep, and once a batch shape has been seen WARM_UP times, replays a graph of it.

    One shape is captured; batches of other shapes run without the graph. If there is too little memory or the capture
    fails, one line says so and training goes on without.

    Args:
        step: on a GPU, in one process.
        graphs: what captures work and repeats it.
    """

    def __init__(self, step: TrainingStep, graphs: CudaGraphs | None = None):
        self._step = step
        device = next(step.parameters()).device
        self._graphs = graphs or CudaGraphs(device)
        self._contrastive = torch.ones((), device=device)
        self._seen: Counter[tuple[int, ...]] = Counter()
        self._shape: tuple[int, ...] | None = None
        self._replay: Callable[[], None] | None = None
        self._failed = False
        self.replays = 0

    def __call__(self, batch: Batch, rate: float, *, contrastive: float = 1.0) -> Losses:
        """One optimizer step, see TrainingStep."""
        with self._graphs.running():
            return self._take(batch, rate, contrastive)

    @property
    def reserved(self) -> int:
        """Bytes of GPU memory that the graph keeps for itself, beside what other steps need."""
        return self._graphs.reserved

    def _take(self, batch: Batch, rate: float, contrastive: float) -> Losses:
        # A tensor also without the graph: then the first steps run every kernel that is captured.
        self._contrastive.fill_(contrastive)
        shape = self._shape_of(batch)
        if shape == self._shape and self._replay is not None:
            return self._replayed(batch, rate)
        self._seen[shape] += 1
        if self._seen[shape] == WARM_UP:  # cuDNN has chosen its kernels by then
            self._graphs.watch()
        if self._shape is None and not self._failed and self._seen[shape] > WARM_UP:
            self._prepare(batch, shape)
            if self._replay is not None:
                return self._replayed(batch, rate)
        return self._step(batch, rate, contrastive=self._contrastive)

    def _shape_of(self, batch: Batch) -> tuple[int, ...]:
        """What a graph has burnt in; how many images there are only if network or loss depend on it."""
        counts = (batch.own_images, batch.num_images, batch.num_third) if self._step.depends_on_counts else ()
        return (*batch.inputs.shape, *counts)

    def _prepare(self, batch: Batch, shape: tuple[int, ...]) -> None:
        step = self._step
        self._batch = Batch._make(value.clone() if isinstance(value, torch.Tensor) else value for value in batch)
        step.optimizer.zero_grad(set_to_none=True)  # the graph allocates the gradients it refills

        def work() -> None:
            self._losses = step.compute(self._batch, self._contrastive)

        try:
            if not self._graphs.fits():
                raise RuntimeError("too little GPU memory for it")
            self._replay = self._graphs.capture(work)
            self._shape = shape
        except RuntimeError as error:  # what cannot be captured, or no memory for it
            # The end of a capture that went wrong raises an error of its own, which says nothing of the cause.
            reason = str(error.__context__ or error).strip().partition("\n")[0]
            print(f"the step runs without a CUDA graph: {reason}", file=sys.stderr)
            step.optimizer.zero_grad(set_to_none=True)
            self._failed = True
            del self._batch

    def _replayed(self, batch: Batch, rate: float) -> Losses:
        assert self._replay is not None
        self._step.set_rate(rate)
        for own, given in zip(self._batch, batch, strict=True):
            if isinstance(own, torch.Tensor) and isinstance(given, torch.Tensor):
                own.copy_(given)
        self._replay()
        self.replays += 1
        total, terms = self._losses
        return total.clone(), {name: term.clone() for name, term in terms.items()}


class CudaGraphs:
    """torch's CUDA graphs, on a stream of their own: gradients stay tied to the stream of the first steps.

    Args:
        device: of the step.

    Attributes:
        reserved: bytes of GPU memory that a graph keeps for itself.
    """

    def __init__(self, device: torch.device) -> None:
        self._device, self.reserved = device, 0
        self._stream = torch.cuda.Stream(device)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within the block steps run where they can be captured."""
        outside = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(outside)
        with torch.cuda.stream(self._stream):  # also makes the stream's GPU the current one
            yield
        outside.wait_stream(self._stream)

    def watch(self) -> None:
        """Measure the memory of the work that runs next."""
        torch.cuda.reset_peak_memory_stats(self._device)

    def fits(self) -> bool:
        """Whether there is memory for a graph of the work since `watch`."""
        # The graph has a pool of its own, as large as the peak of a step. Not tried: a capture that runs out of memory
        # leaves a part of its pool behind.
        held = torch.cuda.memory_allocated(self._device)
        room = torch.cuda.mem_get_info(self._device)[0] + torch.cuda.memory_reserved(self._device) - held
        return room > (1 + MARGIN) * (torch.cuda.max_memory_allocated(self._device) - held)

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Record the kernels that `work` launches, without running them; returns what runs them."""
        graph = torch.cuda.CUDAGraph()
        gc.collect()
        torch.cuda.empty_cache()
        before = torch.cuda.memory_reserved(self._device)
        collecting = gc.isenabled()
        gc.disable()  # an object freed in the middle of a capture ends it
        try:
            # Other threads (prefetching pins memory) may use CUDA meanwhile.
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                work()
        finally:
            if collecting:
                gc.enable()
        self.reserved = torch.cuda.memory_reserved(self._device) - before
        return graph.replay
