"""A trained network with its encoder: images and captions to embeddings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.renderer import Renderer
from single_net.common import distributed, tensor_file
from single_net.common.device import choose_device
from single_net.common.prefetch import ahead, pinned
from single_net.config import RunConfig
from single_net.data.augmentation import Views, view
from single_net.data.contamination import Seen
from single_net.models.build import autocast, build_network, encoder_from
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwinNet
from single_net.retrieval.neighbors import normalise

BATCH = 128  # inputs at once, without gradients


CORNER = 0.85  # of the width and height, tried on Flickr8k's development split


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
        tensors, meta = tensor_file.load(file, "model")
        config = RunConfig.from_dict(meta["config"], where=str(path))
        encoder = encoder_from(tensors, meta)
        with torch.device("meta"):  # no weights by lot that the loaded ones would replace
            network = build_network(config, pretrained=False)
        network.load_state_dict(tensor_file.without_prefix("network", tensors), assign=True)
        network = network.to(device or choose_device(), memory_format=torch.channels_last).eval()
        seen = tensor_file.without_prefix("seen", tensors)
        known = Seen(seen["photographs"].numpy(), seen["captions"].numpy()) if seen else None
        return cls(network, encoder, config, meta, known, file)

    def save(self, path: Path) -> None:
        """Write network, encoder, configuration and meta as one file."""
        arrays, encoder_meta = self.encoder.state()
        tensors = tensor_file.with_prefix("network", self.network.state_dict())
        tensors |= tensor_file.with_prefix("encoder", {name: torch.from_numpy(a) for name, a in arrays.items()})
        if self.seen:
            arrays = {"photographs": self.seen.photographs, "captions": self.seen.captions}
            tensors |= tensor_file.with_prefix("seen", {name: torch.from_numpy(a) for name, a in arrays.items()})
        tensor_file.save(path, "model", tensors, self.meta | {"config": self.config.to_dict(), "encoder": encoder_meta})

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
        rows = np.arange(len(values))[distributed.own_rows(len(values))]
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
        return distributed.gather_rows(own, len(values)).cpu().numpy()
