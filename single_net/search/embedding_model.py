"""What an index needs of a model: two functions and a name. Models of this project have them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from encoded_sound import read_sound
from encoded_sound.audio import require_packages
from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from single_net.data.image import read_image
from single_net.search.indexes.index import Index

LONGER_SIDE = 1024  # more than models look at; a batch of whole images would fill the memory


class EmbeddingModel(Protocol):
    """A model that embeds images and captions in one space.

    More attributes are used where they exist: `image_size`, the side of the squares that `encode_image` is given
    instead of whole images of up to LONGER_SIDE pixels; `embedding_dim`, without which a caption is embedded to learn
    it; `encoder`, this project's encoder of captions, which knows which words it lacks; `encode_sound` and `sound`, see
    `encode_sound` of this module; and `file`, the Path of a model file, where commands find the model of an index.

    Attributes:
        identity: changes whenever the embeddings do, e.g. a checksum or the name of a published model.
    """

    @property
    def identity(self) -> str: ...

    def encode_image(self, images: list[np.ndarray]) -> Any:
        """Embed upright RGB images, uint8 (height, width, 3): floats (n, dimension), an array or a tensor."""

    def encode_text(self, captions: list[str]) -> Any:
        """Embed captions: floats (n, dimension), an array or a tensor."""


def read_image_for(
    model: EmbeddingModel, source: Path | bytes | Image.Image | np.ndarray, label: str = ""
) -> np.ndarray:
    """An image as `encode_image` is given it. Raises InputError as `read_image`."""
    size = getattr(model, "image_size", None)
    image = read_image(source, size, label=label)
    if size is not None or max(image.shape) <= LONGER_SIDE:
        return image
    small = Image.fromarray(image)
    small.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BICUBIC)
    return np.array(small)


def caption_encoder(model: EmbeddingModel) -> TextImageEncoder | None:
    """This project's encoder of captions, where a model has it; another model's `encoder` may be anything."""
    found = getattr(model, "encoder", None)
    return found if isinstance(found, TextImageEncoder) else None


def identity(model: EmbeddingModel) -> str:
    """The identity of a model.

    Raises:
        InputError: it has none, or a very long one.
    """
    name = getattr(model, "identity", None)
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise InputError(
            "an index must know whose vectors it holds: give the model an attribute `identity`, a text of up to 200 "
            "characters that changes whenever its embeddings do"
        )
    return name


def check_model(index: Index, model: EmbeddingModel) -> None:
    """Raise InputError if an index holds the vectors of another model."""
    own, asked = index.header.model, identity(model)
    if own != asked:
        where = f", which was {index.header.run}" if index.header.run else ""
        raise InputError(
            f"{index.place} was made by another model ({own[:12]}{where}), not by this one ({asked[:12]}): "
            "use that model, or make an index of this one in another place"
        )


def dimension(model: EmbeddingModel) -> int:
    """The length of an embedding."""
    known = getattr(model, "embedding_dim", None)
    if isinstance(known, int):
        return known
    return encode_captions(model, ["a photo"]).shape[1]


def encode_images(model: EmbeddingModel, images: Sequence[np.ndarray]) -> np.ndarray:
    """Embed images: float32 (n, dimension), L2-normalized. Raises InputError if the model gives anything else."""
    return _checked(model.encode_image(list(images)), len(images), "encode_image")


def encode_captions(model: EmbeddingModel, captions: Sequence[str]) -> np.ndarray:
    """Embed captions: float32 (n, dimension), L2-normalized. Raises InputError if the model gives anything else."""
    return _checked(model.encode_text(list(captions)), len(captions), "encode_text")


def read_sound_for(model: EmbeddingModel, file: Path | bytes) -> np.ndarray:
    """Read a sound for a model.

    Args:
        model: one that has `encode_sound` and `sound`, as inference.model.Model.
        file: path or contents of a sound file.

    Returns:
        float32 (samples,), at 16 kHz.

    Raises:
        InputError: the model takes no sound, or the sound cannot be read.
    """
    if getattr(model, "encode_sound", None) is None:
        raise InputError("this model takes no sound: use one that was trained with data.third=speech")
    _ = model.sound  # type: ignore[attr-defined]  # before the file: a model without sound needs no package
    return read_sound(file)


def encode_sound(model: EmbeddingModel, clip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Embed a sound.

    Args:
        model: one that has `encode_sound` and `sound`.
        clip: from `read_sound_for`.

    Returns:
        float32 (1, dimension), L2-normalized; and the encoded sound, uint8 (size, size, 3).
    """
    vector = _checked(model.encode_sound([clip]), 1, "encode_sound")  # type: ignore[attr-defined]
    gray, _ = model.sound.draw(clip)  # type: ignore[attr-defined]  # unlike `transform` without a second warning of a long clip
    return vector, np.repeat(gray[:, :, None], 3, axis=2)


def takes_sound(model: EmbeddingModel) -> bool:
    """Whether a model was trained on sound, and the packages that read sounds are here."""
    try:
        if getattr(model, "sound", None) is None:
            return False
        require_packages()
    except InputError:
        return False
    return True


def _checked(embeddings: Any, count: int, what: str) -> np.ndarray:
    if hasattr(embeddings, "detach"):
        embeddings = embeddings.detach().cpu().float().numpy()
    vectors = np.asarray(embeddings, np.float64)
    if vectors.ndim != 2 or len(vectors) != count:
        raise InputError(f"{what} of the model gave {vectors.shape} for {count} inputs: (inputs, dimension) is needed")
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(norms).all() and norms.all()):
        raise InputError(f"{what} of the model gave NaN, infinite values or zeros: an index cannot hold them")
    return (vectors / norms).astype(np.float32)
