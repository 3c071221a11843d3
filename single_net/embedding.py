"""Pictures and captions through a trained network: a model file alone suffices."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from encoded_text import TextImageEncoder
from encoded_text.errors import InputError
from encoded_text.layout import PRESETS, Layout
from encoded_text.progress import progress
from encoded_text.renderer import Renderer

from . import checkpoint, processes
from .ahead import ahead, pinned
from .augmentation import Views, view
from .configuration import RunConfig
from .network import SingleNet
from .overlap import Seen
from .retrieval import normalise
from .twin import CaptionLSTM, TwinNet

BATCH = 128  # inputs at once, without gradients
CORNER = 0.85  # of the width and height, tried on Flickr8k's development split


def choose_device(name: str | None = None) -> torch.device:
    """The named kind of device, or the GPU where there is one; under torchrun each process has its own GPU.

    Raises InputError for a GPU that is not there.
    """
    available = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "cpu" or (name is None and not available):
        return torch.device("cpu")
    if processes.local_rank() >= available:
        missing = "no CUDA device" if not available else f"only {available} CUDA devices"
        raise InputError(f"torch sees {missing} here: leave --device out, start fewer processes, or use --device cpu")
    return torch.device("cuda", processes.local_rank())


@dataclass
class Model:
    """A trained network with everything its inputs need: the encoder of captions and the configuration."""

    network: SingleNet | TwinNet
    encoder: TextImageEncoder
    config: RunConfig
    meta: dict[str, Any]  # how it was trained: steps, seconds, data, development scores
    seen: Seen | None = None  # what it was trained on, to refuse a test on that; None: not known
    file: Path | None = None  # where it was loaded from

    @classmethod
    def load(cls, run: str | Path, device: torch.device | None = None) -> Model:
        """`run`: a run's folder or its model.safetensors. Raises InputError where it cannot be used."""
        path = Path(run)
        file = path / "model.safetensors" if path.is_dir() or not path.suffix else path
        tensors, meta = checkpoint.load(file, "model")
        config = RunConfig.from_dict(meta["config"], where=str(path))
        encoder = encoder_from(tensors, meta)
        with torch.device("meta"):  # no weights by lot that the loaded ones would replace
            network = build_network(config, pretrained=False)
        network.load_state_dict(checkpoint.without_prefix("network", tensors), assign=True)
        network = network.to(device or choose_device(), memory_format=torch.channels_last).eval()
        seen = checkpoint.without_prefix("seen", tensors)
        known = Seen(seen["photographs"].numpy(), seen["captions"].numpy()) if seen else None
        return cls(network, encoder, config, meta, known, file)

    def save(self, path: Path) -> None:
        """Write network, encoder, configuration and meta as one file."""
        arrays, encoder_meta = self.encoder.state()
        tensors = checkpoint.with_prefix("network", self.network.state_dict())
        tensors |= checkpoint.with_prefix("encoder", {name: torch.from_numpy(a) for name, a in arrays.items()})
        if self.seen:
            arrays = {"photographs": self.seen.photographs, "captions": self.seen.captions}
            tensors |= checkpoint.with_prefix("seen", {name: torch.from_numpy(a) for name, a in arrays.items()})
        checkpoint.save(path, "model", tensors, self.meta | {"config": self.config.to_dict(), "encoder": encoder_meta})

    @property
    def image_size(self) -> int:
        return self.config.network.image_size

    def embed_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """uint8 (n, size, size, 3), size as `image_size` -> float32 (n, dim), not yet of length one.

        With network.average_mirrored or average_corners it is the mean over several views of a picture (`_views`), each
        embedding first brought to length one. images.read_image(path, model.image_size) makes such pictures.
        Raises InputError for other shapes or types.
        """
        size = self.image_size
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (size, size, 3):
            raise InputError(
                f"pictures are {pictures.dtype} {pictures.shape}: this model takes uint8 (n, {size}, {size}, 3)"
            )
        views = self._views()
        if len(views) == 1 or not len(pictures):
            return self._embed(pictures, views[0], is_caption=False, what="embedding pictures")
        mean = np.zeros((len(pictures), self.network.embedding_dim), np.float32)
        for number, draw in enumerate(views, 1):
            of_view = self._embed(
                pictures, draw, is_caption=False, what=f"embedding pictures, view {number} of {len(views)}"
            )
            mean += normalise(of_view).numpy() / len(views)
        return mean

    def _views(self) -> list[Callable[[torch.Tensor], torch.Tensor]]:
        """What a photograph is seen as, each from uint8 (n, size, size, 3) to (n, 3, size, size): whole, with
        average_corners also its four corner crops of CORNER times its width and height, and with average_mirrored the
        mirror image of each (Krizhevsky et al. 2012 average predictions over corners, centre and mirror images)."""
        near, far = CORNER / 2, 1 - CORNER / 2
        centres = [(x, y) for x in (near, far) for y in (near, far)] if self.config.network.average_corners else []
        corners = [torch.tensor([[CORNER, CORNER, *centre]], device=self.device) for centre in centres]

        def draw(part: torch.Tensor, box: torch.Tensor | None, mirrored: bool) -> torch.Tensor:
            part = part.permute(0, 3, 1, 2)
            if box is not None:
                part = view(part, Views(box.expand(len(part), 4), None, None))
            return part.flip(3) if mirrored else part

        both = (False, True) if self.config.network.average_mirrored else (False,)
        return [partial(draw, box=box, mirrored=mirrored) for box in (None, *corners) for mirrored in both]

    def embed_captions(self, captions: Sequence[str]) -> np.ndarray:
        """Sentences -> float32 (n, dim), not yet of length one."""
        renderer = Renderer(self.encoder).to(self.device)
        return self._embed(self.encoder.ids(captions), renderer, is_caption=True, what="embedding captions")

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def _embed(
        self, values: np.ndarray, draw: Callable[[torch.Tensor], torch.Tensor], *, is_caption: bool, what: str
    ) -> np.ndarray:
        """Rows of `values`, which `draw` makes pictures of on the device. Each process embeds its share of the rows;
        all of them get the whole."""
        self.network.eval()
        rows = np.arange(len(values))[processes.own_rows(len(values))]
        parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        own = torch.empty(len(rows), self.network.embedding_dim, device=self.device)
        done = 0
        with progress(what=what, total=len(rows), unit="input") as bar:
            for read in ahead(pinned(values[part], self.device) for part in parts):
                pictures = draw(read.to(self.device, non_blocking=True))
                with autocast(self.config, self.device):
                    embedded = self.network(pictures, 0 if is_caption else len(pictures))
                own[done : done + len(pictures)] = embedded  # float32, and on a GPU not waited for
                done += len(pictures)
                bar.update(len(pictures))
        return processes.gather_rows(own, len(values)).cpu().numpy()


def drawing_layout(config: RunConfig) -> Layout:
    """How a configuration draws captions."""
    layout = PRESETS[config.encoder.layout]().scaled_to(config.network.image_size)
    return dataclasses.replace(layout, fill=config.encoder.fill, overflow=config.encoder.overflow)


def build_network(config: RunConfig, *, pretrained: bool) -> SingleNet | TwinNet:
    """The network of a configuration, with published weights below the bottleneck only where asked for."""
    own = config.network

    def single() -> SingleNet:
        weights = (own.pretrained or None) if pretrained else None
        return SingleNet(own.embedding_dim, batchnorm=own.batchnorm, dropout=own.dropout, pretrained=weights)

    if own.caption_network == "same":
        return single()
    of_photographs = single()
    if own.caption_network == "inception":
        return TwinNet(of_photographs, single(), own.embedding_dim)
    return TwinNet(of_photographs, CaptionLSTM(drawing_layout(config), own.embedding_dim), own.embedding_dim)


def encoder_from(tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> TextImageEncoder:
    arrays = {name: value.numpy() for name, value in checkpoint.without_prefix("encoder", tensors).items()}
    return TextImageEncoder.from_state(arrays, meta["encoder"])


def precision(config: RunConfig, device: torch.device) -> str:
    """The arithmetic inside the network: the configuration's, or float32 where the processor only emulates bfloat16."""
    wanted = config.training.precision
    return wanted if wanted == "float32" or _has_bfloat16(device) else "float32"


def autocast(config: RunConfig, device: torch.device) -> torch.autocast:
    """bfloat16 inside the network where `precision` says so; weights and loss stay float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision(config, device) == "bfloat16")


@cache
def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    try:
        processor = Path("/proc/cpuinfo").read_text().split()
    except FileNotFoundError:  # no Linux
        return False
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(processor)
