"""A model that is loaded when it first has to embed something: asking what it is takes no torch."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from encoded_text.common.errors import InputError
from single_net.inference.identity import Described, describe
from single_net.inference.load import load
from single_net.inference.run_files import model_file, require_model

if TYPE_CHECKING:
    from encoded_text import TextImageEncoder
    from single_net.inference.model import Model
    from single_net.inference.onnx_model import OnnxModel


class LazyModel:
    """A run whose network is loaded by the first call that needs it.

    Args:
        run: the run's folder, a model file or an exported .onnx file.
        device: "cpu", "cuda" or None, see `choose_device`.

    Raises:
        InputError: there is no such model.
    """

    def __init__(self, run: str | os.PathLike[str], device: str | None = None) -> None:
        self.run, self._device = str(run), device
        self.file = model_file(run)
        require_model(self.file)

    @cached_property
    def _described(self) -> Described:
        if self.file.suffix.lower() == ".onnx":
            return Described(self.model.identity, self.model.image_size)
        with self.file.open("rb") as file:
            return describe(file)

    @property
    def identity(self) -> str:
        """See `identity.describe`."""
        return self._described.identity

    @property
    def image_size(self) -> int:
        """Side of an input in pixels."""
        return self._described.image_size

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding."""
        return self.model.embedding_dim

    @property
    def encoder(self) -> TextImageEncoder:
        """The encoder of captions, see `Model`."""
        return self.model.encoder

    @cached_property
    def model(self) -> Model | OnnxModel:
        """The loaded model. Raises InputError if the file has become another model meanwhile."""
        loaded = load(self.run, self._device)
        if "_described" in self.__dict__ and loaded.identity != self.identity:
            raise InputError(f"{self.file}: it has become another model meanwhile: start again")
        return loaded

    def encode_image(self, images: Any) -> Any:
        """As `Model.encode_image`."""
        return self.model.encode_image(images)

    def encode_text(self, captions: Any) -> Any:
        """As `Model.encode_text`."""
        return self.model.encode_text(captions)
