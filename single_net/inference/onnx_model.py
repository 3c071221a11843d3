"""OnnxModel: an exported network with its encoder, for onnxruntime; nothing imports torch."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from encoded_text import TextImageEncoder
from encoded_text.common.errors import InputError
from single_net.common.batches import batches
from single_net.common.parallel import usable_cores
from single_net.inference.images import ImageLike, read_images
from single_net.inference.sounds import SoundLike, draw_sounds, sound_encoder
from single_net.inference.views import view_boxes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from encoded_sound import SoundImageEncoder
    from single_net.config import RunConfig

KEY, FORMAT = "single_net", "single-net onnx 2"  # of the metadata of an exported file
BATCH = 32  # inputs at once: larger ones are not faster on a CPU, and take more memory


class OnnxModel:
    """An exported model. Make one with `load`.

    Attributes:
        encoder: of captions.
        identity: that of the model it was exported from, see `Model.identity`: its vectors are as good as equal.
        file: where it was loaded from.
    """

    def __init__(
        self, session: InferenceSession, encoder: TextImageEncoder, stored: dict[str, Any], file: Path
    ) -> None:
        self.encoder, self.identity, self.file = encoder, str(stored["identity"]), file
        self._session, self._config, self._third = session, stored["config"], stored["third"]
        network = self._config["network"]
        self._size, self._dimension = int(network["image_size"]), int(network["embedding_dim"])
        self._views = view_boxes(network["test_time_augmentation"])

    @classmethod
    def load(cls, path: str | PathLike[str]) -> OnnxModel:
        """Load a file that `python -m single_net.export` wrote.

        Raises:
            InputError: the file is missing, damaged or of something else, or onnxruntime is missing.
        """
        file = Path(path)
        if not file.is_file():
            raise InputError(f"{file}: no such model")
        try:
            import onnxruntime
        except ImportError as error:
            raise InputError("an .onnx model needs its package: pip install 'single-net[onnx]'") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _threads()
        # Else its threads spin after each answer, and hold the cores that the search in the index needs.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        options.enable_cpu_mem_arena = False  # it keeps the memory of the largest batch
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
            stored = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
            if stored["format"] != FORMAT:
                raise ValueError(f"its format is {stored['format']!r}")
            colors = np.frombuffer(base64.b64decode(stored["colors"]), np.uint8)
            colors = colors.reshape(len(stored["encoder"]["words"]), -1)
            encoder = TextImageEncoder.from_state({"colors": colors}, stored["encoder"])
            return cls(session, encoder, stored, file)
        except (InputError, KeyError, TypeError, ValueError, OverflowError, RecursionError, RuntimeError) as error:
            raise _unusable(file, error) from None
        except Exception as error:  # onnxruntime's own classes derive from Exception alone
            if type(error).__module__.startswith("onnxruntime"):
                raise _unusable(file, error) from None
            raise

    @cached_property
    def config(self) -> RunConfig:
        """Of the run. (A query needs little of it, and checking it all takes longer than a query.)"""
        from single_net.config import RunConfig

        return RunConfig.from_dict(self._config)

    @property
    def image_size(self) -> int:
        """Side of an input in pixels."""
        return self._size

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding."""
        return self._dimension

    def encode_image(self, images: Iterable[ImageLike]) -> np.ndarray:
        """Embed images, as `Model.encode_image`.

        Args:
            images: paths, contents of image files, PIL images, or uint8 arrays (height, width, 3), of any size.

        Returns:
            float32 (n, embedding_dim), L2-normalized.

        Raises:
            InputError: no list of images, or one that cannot be read; says which.
        """
        batches = read_images(images, self.image_size, BATCH)
        return self._normalized([sum(self._run(pixels, view) for view in self._views) for pixels in batches])

    def encode_text(self, captions: Sequence[str]) -> np.ndarray:
        """Embed captions, as `Model.encode_text`.

        Args:
            captions: sentences.

        Returns:
            float32 (n, embedding_dim), L2-normalized.

        Raises:
            InputError: no list of strings.
        """
        ids = self.encoder.ids(captions)  # warns once, of all captions
        [view] = view_boxes("none")
        encoder, ids = self.encoder.compact(ids)
        return self._normalized([self._run(encoder.draw(part), view) for part in batches(ids, BATCH)])

    def encode_sound(self, sounds: Iterable[SoundLike]) -> np.ndarray:
        """Embed sounds, as `Model.encode_sound`.

        Args:
            sounds: paths or contents of sound files, or float arrays (samples,) at 16 kHz.

        Returns:
            float32 (n, embedding_dim), L2-normalized.

        Raises:
            InputError: the model was trained without sound, or a sound cannot be read.
        """
        drawn = draw_sounds(self.sound, sounds)
        [view] = view_boxes("none")
        return self._normalized([self._run(part, view) for part in batches(drawn, BATCH)])

    @cached_property
    def sound(self) -> SoundImageEncoder:
        """Draws sound as the model was trained on it. Raises InputError if it was trained without."""
        return sound_encoder(self._third, self.file)

    def _run(self, pixels: np.ndarray, view: Sequence[float]) -> Any:
        [embedding] = self._session.run(None, {"pixels": pixels, "view": np.array(view, np.float32)})
        return embedding

    def _normalized(self, parts: list[Any]) -> np.ndarray:
        if not parts:
            return np.empty((0, self.embedding_dim), np.float32)
        rows = np.concatenate(parts).astype(np.float64)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _threads() -> int:
    """As many as OpenMP would take: onnxruntime fails where it may not use all cores and is not told so."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit() and int(given):
        return int(given)
    return usable_cores()


def _unusable(file: Path, error: Exception) -> InputError:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(f"{file}: damaged, or not exported by python -m single_net.export ({first})")
