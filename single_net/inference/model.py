"""Model: a trained network with its encoder; images and captions in, embeddings out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch
from torch.nn import functional

from encoded_sound import SoundImageEncoder
from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.renderer import Renderer
from single_net.common import distributed, tensor_file
from single_net.common.device import autocast, choose_device, supported_precision, without_autotuning
from single_net.common.prefetch import pinned, prefetch
from single_net.config import RunConfig
from single_net.data.checksums import file_state
from single_net.data.contamination import Fingerprints
from single_net.data.modality import State
from single_net.inference import encoder_state
from single_net.inference.fingerprint_state import fingerprints_from_tensors, fingerprints_to_tensors
from single_net.inference.identity import describe, model_file
from single_net.inference.images import ImageLike, read_images
from single_net.inference.sounds import SoundLike, draw_sounds, sound_encoder
from single_net.inference.test_time_augmentation import image_views
from single_net.models.build import restore_network
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower
from single_net.retrieval.embeddings import normalize

BATCH = 128  # inputs at once


@dataclass
class Model:
    """A trained network with everything it needs to embed images and captions.

    Attributes:
        network: in evaluation mode.
        encoder: of captions.
        config: of the run.
        meta: how it was trained: steps, seconds, data, validation scores.
        fingerprints: of what it was trained on, to refuse a test on that; None: not known.
        third: state of the encoder of a third modality.
        file: where it was loaded from.
    """

    network: SingleNet | TwoTower
    encoder: TextImageEncoder
    config: RunConfig
    meta: dict[str, Any]
    fingerprints: Fingerprints | None = None
    third: State | None = None
    file: Path | None = None
    _loaded: tuple[int, ...] | None = None  # state of the file before it was read

    @classmethod
    def load(cls, run: str | PathLike[str], device: torch.device | None = None) -> Model:
        """Load a run.

        Args:
            run: the run's folder, or a model file.
            device: the GPU if there is one, by default.

        Raises:
            InputError: the file is missing, damaged or not a model, or its parts do not fit each other.
        """
        file = model_file(run)
        if file.suffix.lower() == ".onnx":
            raise InputError(
                f"{file}: an exported model, which only search, index and serve take: name the run's folder"
            )
        state = file_state(file)
        tensors, meta = tensor_file.load(file, "model")
        try:
            config = RunConfig.from_dict(meta.get("config", {}))
            encoder = encoder_state.encoder_from_tensors(tensors, meta)
            network = restore_network(config.network, encoder.layout, tensor_file.without_prefix("network", tensors))
            known = fingerprints_from_tensors(tensors), encoder_state.third_from_tensors(tensors, meta)
        except InputError as error:
            raise InputError(f"{file}: not a model as training writes it: {error}") from None
        network = network.to(memory_format=torch.channels_last).to(choose_device(device)).eval()
        return cls(network, encoder, config, meta, *known, file, state)

    @cached_property
    def identity(self) -> str:
        """SHA-256 of weights and encoder: an index knows by it which model its vectors are from.

        Raises:
            InputError: the file is another one than was loaded.
        """
        if self.file is not None:
            with self.file.open("rb") as file:
                if self._loaded and file_state(file.fileno()) != self._loaded:
                    raise InputError(f"{self.file}: it has changed since it was loaded: start again")
                return describe(file).identity
        with tempfile.TemporaryDirectory() as folder:
            self.save(path := Path(folder) / "model.safetensors")
            with path.open("rb") as file:
                return describe(file).identity

    def save(self, path: Path) -> None:
        """Write network, encoder, configuration and meta as one file."""
        encoder_tensors, encoder_meta = encoder_state.encoder_to_tensors(self.encoder)
        encoder_tensors |= encoder_state.third_to_tensors(self.third)
        tensors = tensor_file.with_prefix("network", self.network.state_dict()) | encoder_tensors
        tensors |= fingerprints_to_tensors(self.fingerprints) if self.fingerprints else {}
        meta = self.meta | {"config": self.config.to_dict(), "encoder": encoder_meta}
        tensor_file.save(path, "model", tensors, meta)

    @property
    def image_size(self) -> int:
        """Side of an input in pixels."""
        return self.config.network.image_size

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding."""
        return self.network.embedding_dim

    @property
    def device(self) -> torch.device:
        """Of the network."""
        return next(self.network.parameters()).device

    @property
    def precision(self) -> str:
        """What the network computes in on this device, "float32" or "bfloat16"."""
        return supported_precision(self.config.training.precision, self.device)

    def preprocess(self, image: ImageLike) -> torch.Tensor:
        """One image as `encode_image` takes it in a batch: uint8 tensor (3, image_size, image_size), RGB, on the CPU.

        Args:
            image: path, PIL image or uint8 array (height, width, 3).

        Raises:
            InputError: an image that cannot be read.
        """
        return torch.from_numpy(read_images([image], self.image_size)[0]).permute(2, 0, 1)

    def tokenizer(self, captions: Sequence[str]) -> torch.Tensor:
        """Captions as `encode_text` takes them in a batch: word ids, int32 (n, capacity)."""
        return torch.from_numpy(self.encoder.ids(captions))

    @overload
    def encode_image(self, images: torch.Tensor) -> torch.Tensor: ...

    @overload
    def encode_image(self, images: Iterable[ImageLike]) -> np.ndarray: ...

    def encode_image(self, images: Iterable[ImageLike] | torch.Tensor) -> np.ndarray | torch.Tensor:
        """Embed images.

        Args:
            images: paths, PIL images or uint8 arrays (height, width, 3) of any size; or a batch of preprocessed ones,
                uint8 tensor (n, 3, size, size).

        Returns:
            float32 (n, embedding_dim), L2-normalized; a tensor for a tensor, else an array.

        Raises:
            InputError: one image instead of a list of them, one that cannot be read, or a tensor of another shape or
                type.
        """
        if isinstance(images, torch.Tensor):
            if images.ndim != 4 or images.dtype != torch.uint8:
                shape = f"{images.dtype} {tuple(images.shape)}"
                raise InputError(f"images are {shape}: this model takes uint8 (n, 3, size, size)")
            embedded = normalize_rows(self.embed_images(images.movedim(1, -1).cpu().numpy()))
            return torch.from_numpy(embedded).to(images.device)
        return normalize_rows(self.embed_images(read_images(images, self.image_size)))

    @overload
    def encode_text(self, captions: torch.Tensor) -> torch.Tensor: ...

    @overload
    def encode_text(self, captions: Sequence[str]) -> np.ndarray: ...

    def encode_text(self, captions: Sequence[str] | torch.Tensor) -> np.ndarray | torch.Tensor:
        """Embed captions.

        Args:
            captions: sentences; or word ids from `tokenizer`, int32 tensor (n, capacity).

        Returns:
            float32 (n, embedding_dim), L2-normalized; a tensor for a tensor, else an array.

        Raises:
            InputError: one string instead of a list of them, or a tensor of another shape or type.
        """
        if isinstance(captions, torch.Tensor):
            capacity = self.encoder.layout.capacity
            if captions.dtype not in (torch.int32, torch.int64) or captions.shape[1:] != (capacity,):
                shape = f"{captions.dtype} {tuple(captions.shape)}"
                raise InputError(f"word ids are {shape}: this model takes int32 (n, {capacity}), see `tokenizer`")
            return torch.from_numpy(normalize_rows(self._embed_ids(captions.cpu().numpy()))).to(captions.device)
        return normalize_rows(self.embed_captions(captions))

    def encode_sound(self, sounds: Iterable[SoundLike]) -> np.ndarray:
        """Embed sounds.

        Args:
            sounds: paths or contents of sound files, or float arrays (samples,) at 16 kHz.

        Returns:
            float32 (n, embedding_dim), L2-normalized.

        Raises:
            InputError: the model was trained without sound, or a sound cannot be read.
        """
        return normalize_rows(self.embed_drawn(draw_sounds(self.sound, sounds)))

    @cached_property
    def sound(self) -> SoundImageEncoder:
        """Draws sound as the model was trained on it. Raises InputError if it was trained without."""
        return sound_encoder(self.meta.get("third"), self.file)

    def embed_drawn(self, images: np.ndarray) -> np.ndarray:
        """Embed what the encoder of a third modality drew: uint8 (n, size, size, 3), or gray without the last axis ->
        float32 (n, embedding_dim), not L2-normalized. In several processes as `embed_images`."""
        return self._embed(images, [_as_drawn], are_images=False, what="embedding a third modality")

    def embed_images(self, images: np.ndarray) -> np.ndarray:
        """Embed decoded images, memory-mapped or not; each process embeds its share, all get the whole.

        Args:
            images: uint8 (n, size, size, 3), with `image_size` as size.

        Returns:
            float32 (n, embedding_dim), not L2-normalized; with test-time augmentation the mean of the views'
            L2-normalized embeddings.

        Raises:
            InputError: another shape or type.
        """
        size = self.image_size
        if images.dtype != np.uint8 or images.shape[1:] != (size, size, 3):
            raise InputError(f"images are {images.dtype} {images.shape}: this model takes uint8 (n, {size}, {size}, 3)")
        views = image_views(self.config.network.test_time_augmentation)
        return self._embed(images, views, are_images=True, what="embedding images")

    def embed_captions(self, captions: Sequence[str]) -> np.ndarray:
        """Embed captions: float32 (n, embedding_dim), not L2-normalized. In several processes as `embed_images`."""
        return self._embed_ids(self.encoder.ids(captions))

    def _embed_ids(self, ids: np.ndarray) -> np.ndarray:
        encoder, ids = self.encoder.compact(ids)
        renderer = Renderer(encoder).to(self.device)
        return self._embed(ids, [renderer], are_images=False, what="embedding captions")

    @torch.inference_mode()
    def _embed(
        self,
        values: np.ndarray,
        views: Sequence[Callable[[torch.Tensor], torch.Tensor]],
        *,
        are_images: bool,
        what: str,
    ) -> np.ndarray:
        """Embed what `views` make of the rows of `values` on the device; of several the mean of the L2-normalized."""
        self.network.eval()
        rows = np.arange(len(values))[distributed.shard(len(values))]
        parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        own = torch.empty(len(rows), self.embedding_dim, device=self.device)
        done = 0
        # One batch needs no bar.
        with without_autotuning(), progress(what=what, total=len(rows), unit="input", shown=len(parts) > 1) as bar:
            for read in prefetch(pinned(values[part], self.device) for part in parts):
                shown = read.to(self.device, non_blocking=True)
                place = own[done : done + len(shown)].zero_()  # float32, and on a GPU not waited for
                for view in views:
                    with autocast(self.precision, self.device):
                        embedded = self.network(view(shown), len(shown) if are_images else 0)
                    place += (
                        embedded if len(views) == 1 else functional.normalize(embedded.double()).float() / len(views)
                    )
                done += len(shown)
                bar.update(len(shown))
        return distributed.gather_rows(own, len(values)).cpu().numpy()


def _as_drawn(images: torch.Tensor) -> torch.Tensor:
    gray = images.ndim == 3
    return images[:, None].expand(-1, 3, -1, -1) if gray else images.permute(0, 3, 1, 2)


def normalize_rows(embeddings: np.ndarray) -> np.ndarray:
    """L2-normalized rows of an array; of none, an empty array."""
    return np.asarray(normalize(embeddings)) if len(embeddings) else embeddings
