"""Model: a trained network with its encoder; images and captions in, embeddings out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch

from encoded_sound import SoundImageEncoder
from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from encoded_text.renderer import Renderer
from single_net.common.device import choose_device, supported_precision
from single_net.config import RunConfig
from single_net.data.contamination import Fingerprints
from single_net.data.modality import State
from single_net.inference.embedding import embed, normalize_rows
from single_net.inference.images import ImageLike, read_images, read_one, require_list
from single_net.inference.model_state import Parts, identity_of, read_model, write_model
from single_net.inference.run_files import model_file, require_model
from single_net.inference.sounds import SoundLike, draw_sounds, sound_encoder
from single_net.inference.test_time_augmentation import View, image_views
from single_net.models.single_net import SingleNet
from single_net.models.two_tower import TwoTower


@dataclass(repr=False)
class Model:
    """A trained network with everything it needs to embed images and captions.

    Embedding is always done in evaluation mode and without gradients; a network in training mode is in it afterwards.

    Attributes:
        network: in evaluation mode, as it was loaded.
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
    _loaded: tuple[Parts, str] | None = None  # with its identity

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
            raise InputError(f"{file}: an exported model, which only search, index and serve take: name the run")
        require_model(file)
        model = cls(*read_model(file), file)
        model.network = model.network.to(memory_format=torch.channels_last).to(choose_device(device)).eval()
        model._loaded = model._parts(), model.identity
        return model

    def __repr__(self) -> str:
        about = f"{self.config.variant}, {self.image_size} px, {self.embedding_dim} values, {self.device}"
        return f"Model({self.file or 'of no file'}: {about})"

    @property
    def identity(self) -> str:
        """SHA-256 of weights and encoder: an index knows by it which model its vectors are from.

        Of a model that was changed after it was loaded, e.g. by further training, it is that of the model as it is now.
        """
        return identity_of(self._parts())

    def save(self, path: str | PathLike[str]) -> None:
        """Write network, encoder, configuration and meta as one file.

        Where the weights were changed after they were loaded, the file says so under "modified" in its meta, with the
        identity of the model that they are from, and no longer says what it was trained on, which is not known.
        """
        parts = self._parts()
        if self._loaded:
            loaded, identity = self._loaded
            if identity_of(loaded._replace(network=self.network)) != identity:
                parts = parts._replace(meta=self.meta | {"modified": {"from": identity}}, fingerprints=None)
        write_model(Path(path), parts)

    def _parts(self) -> Parts:
        return Parts(self.network, self.encoder, self.config, self.meta, self.fingerprints, self.third)

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
            image: path, contents of an image file, PIL image or uint8 array (height, width, 3).

        Raises:
            InputError: an image that cannot be read.
        """
        return torch.from_numpy(read_one(image, self.image_size)).permute(2, 0, 1)

    def tokenizer(self, captions: Sequence[str]) -> torch.Tensor:
        """Captions as `encode_text` takes them in a batch: word ids, int32 (n, capacity)."""
        return torch.from_numpy(self.encoder.ids(captions))

    @overload
    def encode_image(self, images: torch.Tensor) -> torch.Tensor: ...

    @overload
    def encode_image(self, images: Iterable[ImageLike]) -> np.ndarray: ...

    def encode_image(self, images: Iterable[ImageLike] | torch.Tensor) -> np.ndarray | torch.Tensor:
        """Embed images, read a few thousand at a time.

        Args:
            images: paths, contents of image files, PIL images or uint8 arrays (height, width, 3), of any size; or a
                batch of preprocessed ones, uint8 tensor (n, 3, size, size).

        Returns:
            float32 (n, embedding_dim), L2-normalized; a tensor for a tensor, else an array.

        Raises:
            InputError: no list of images, one that cannot be read, or a tensor of another shape or type.
        """
        if isinstance(images, torch.Tensor):
            if images.ndim != 4 or images.dtype != torch.uint8:
                shape = f"{images.dtype} {tuple(images.shape)}"
                raise InputError(f"images are {shape}: this model takes uint8 (n, 3, size, size)")
            embedded = normalize_rows(self.embed_images(images.movedim(1, -1).cpu().numpy()))
            return torch.from_numpy(embedded).to(images.device)
        require_list(images, "image", ndim=3)
        total = len(images) if isinstance(images, Sized) else None
        return normalize_rows(self._embed_images(read_images(images, self.image_size), total))

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
            InputError: no list of strings, or a tensor of another shape or type.
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
        return normalize_rows(self.embed_third(draw_sounds(self.sound, sounds)))

    @cached_property
    def sound(self) -> SoundImageEncoder:
        """Draws sound as the model was trained on it. Raises InputError if it was trained without."""
        return sound_encoder(self.meta.get("third"), self.file)

    def embed_third(self, images: np.ndarray) -> np.ndarray:
        """Embed what the encoder of a third modality drew. In several processes as `embed_images`.

        Args:
            images: uint8 (n, size, size, 3), with `image_size` as size, or gray without the last axis.

        Returns:
            float32 (n, embedding_dim), not L2-normalized.

        Raises:
            InputError: another shape or type.
        """
        self._check(images, gray=True)
        return self._embed(
            [images], [_as_drawn], are_images=False, what="embedding a third modality", total=len(images)
        )

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
        self._check(images)
        return self._embed_images([images], len(images))

    def embed_captions(self, captions: Sequence[str]) -> np.ndarray:
        """Embed captions: float32 (n, embedding_dim), not L2-normalized. In several processes as `embed_images`."""
        return self._embed_ids(self.encoder.ids(captions))

    def _embed_ids(self, ids: np.ndarray) -> np.ndarray:
        encoder, ids = self.encoder.compact(ids)
        renderer = Renderer(encoder).to(self.device)
        return self._embed([ids], [renderer], are_images=False, what="embedding captions", total=len(ids))

    def _embed_images(self, pieces: Iterable[np.ndarray], total: int | None) -> np.ndarray:
        views = image_views(self.config.network.test_time_augmentation)
        return self._embed(pieces, views, are_images=True, what="embedding images", total=total)

    def _embed(self, pieces: Iterable[np.ndarray], views: Sequence[View], **about: Any) -> np.ndarray:
        return embed(self.network, pieces, views, precision=self.precision, **about)

    def _check(self, images: np.ndarray, *, gray: bool = False) -> None:
        side = self.image_size
        is_array = isinstance(images, np.ndarray)
        shapes = [(side, side, 3), *([(side, side)] if gray else [])]
        if not is_array or images.dtype != np.uint8 or images.shape[1:] not in shapes:
            given = f"{images.dtype} {images.shape}" if is_array else f"no array but {type(images).__name__}"
            raise InputError(f"images are {given}: this model takes uint8 (n, {side}, {side}, 3)")


def _as_drawn(images: torch.Tensor) -> torch.Tensor:
    gray = images.ndim == 3
    return images[:, None].expand(-1, 3, -1, -1) if gray else images.permute(0, 3, 1, 2)
