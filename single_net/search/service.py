"""What the server answers: searches by sentence, image, sound or what the index holds, and its images as JPEG."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.data.image import read_image
from single_net.search.embedding_model import (
    EmbeddingModel,
    caption_encoder,
    check_model,
    encode_captions,
    encode_images,
    encode_sound,
    read_image_for,
    read_sound_for,
    takes_sound,
)
from single_net.search.indexes import Header, Hit, Index, Item, Kind
from single_net.search.query import default_kind, require_query, split_words
from single_net.search.source import SourceImages

THUMBNAIL = 384  # pixels of the longer side
LARGEST = 4096  # the same of an image that is opened


class Unavailable(Exception):
    """The index, its server or its images cannot be reached. The message is one line."""


class Missing(Exception):
    """The index holds no such item, or its image is gone. The message is one line."""


class Service:
    """An index with its model. Several threads may use it at once.

    Args:
        index: what is searched.
        model: that of the index.
        images: of the index.

    Raises:
        InputError: the index was made by another model.
    """

    def __init__(self, index: Index, model: EmbeddingModel, images: SourceImages) -> None:
        check_model(index, model)
        self._index, self._model, self._images = index, model, images
        self._source = index.header.source
        self._embedding = threading.Lock()  # one at a time: together they would not be faster, and take more memory
        self._decoding = threading.Semaphore(2)  # the largest image takes 900 MB
        self._loading = threading.Lock()
        self._sound = takes_sound(model)
        self._encoder = caption_encoder(model)

    def info(self) -> dict[str, Any]:
        """What is searched: its label, the numbers of images, of images expected and of captions, and whether by sound
        as well."""
        with self._reached():
            expected = self._look_again().expected
            source = self._source
            counts = {kind: self._index.count(kind) for kind in ("images", "captions")}
        counts["expected"] = expected
        counts["sound"] = self._sound
        return {"label": source.label, **counts}

    def by_text(self, text: str, kind: Kind | None, k: int) -> dict[str, Any]:
        """Search by a sentence. Raises InputError if no word of it is known."""
        require_query(text)
        words = split_words(self._model, text)
        with self._embedding:
            vector = encode_captions(self._model, [text])
        answer = self._nearest(vector, kind or "images", k)
        split = {"words": words.encoded, "unknown": words.unknown, "cut_off": words.cut_off}
        return {"query": text, **split, "encoded_caption": self._encoded(text), **answer}

    def by_image(self, data: bytes, kind: Kind | None, k: int) -> dict[str, Any]:
        """Search by the bytes of an image file. Raises InputError if it is no readable image."""
        with self._decoding:
            image = read_image_for(self._model, data, label="the image")
        with self._embedding:
            vector = encode_images(self._model, [image])
        return self._nearest(vector, kind, k)

    def by_sound(self, data: bytes, kind: Kind | None, k: int) -> dict[str, Any]:
        """Search by the bytes of a sound file. Raises InputError if it is none, or the model takes no sound."""
        if not self._sound:
            raise InputError(
                "this server takes no sound: it serves a model that was trained without, or lacks packages"
            )
        with self._decoding:
            clip = read_sound_for(self._model, data)
        with self._embedding:
            vector, encoded = encode_sound(self._model, clip)
        return {"encoded_sound": _data_address(encoded), **self._nearest(vector, kind or "images", k)}

    def like(self, shown: Kind, number: int, kind: Kind | None, k: int) -> dict[str, Any]:
        """Search by an item of the index, which is not among the results. Raises Missing."""
        item = self.item(shown, number)
        with self._reached():
            vector = self._index.vectors(shown, [item])
        answer = self._nearest(vector, kind or "images", k, without=item)
        encoded = self._encoded(item.text) if shown == "captions" else None
        return {"query": item.text or None, "encoded_caption": encoded, **answer}

    def item(self, kind: Kind, number: int) -> Item:
        """An item of the index. Raises Missing."""
        with self._reached():
            found = self._index.find(kind, number)
        if found is None:
            raise Missing(f"the index holds no such {kind[:-1]}")
        return found

    def jpeg(self, number: int, side: int) -> bytes:
        """An image of the index, drawn anew: nothing but its pixels leaves this machine. Raises Missing.

        Args:
            number: its id.
            side: the most pixels of its longer side.
        """
        item = self.item("images", number)
        with self._reached():
            self._look_again()
        images = self._images  # another request may find that the index has another source
        try:
            with self._loading:  # a data set is loaded by the first call
                source = images[item.name]
            with self._decoding:
                images.check_indexed(item, source)
                image = read_image(source, side, square=False)
        except InputError as error:
            raise Missing(f"{item.name} is not there any more as it was indexed") from error
        with io.BytesIO() as file:
            Image.fromarray(image).save(file, format="JPEG", quality=85)
            return file.getvalue()

    def encoded_caption(self, number: int) -> bytes:
        """A caption of the index as the network sees it, PNG. Raises Missing."""
        pixels = self._pixels(self.item("captions", number).text)
        if pixels is None:
            raise Missing("this model does not encode captions as images")
        return _png(pixels)

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """What an index raises while it is searched is no mistake of whoever asks, who is not told where it is."""
        try:
            yield
        except (InputError, OSError) as error:
            line = " ".join(str(error).split())
            place = str(self._index.place)
            known = os.path.isabs(place) or "://" in place
            raise Unavailable(line.replace(place, "the index") if known else line) from error

    def _nearest(self, vector: np.ndarray, kind: Kind | None, k: int, without: Item | None = None) -> dict[str, Any]:
        with self._reached():
            kind = kind or default_kind(self._index, is_image=True)
            try:
                [hits] = self._index.nearest(kind, vector, k + 1 if without else k)
            finally:
                self._look_again()  # after the search: in what was found nothing is of another model
        if not hits and kind == "captions":
            raise InputError("this index holds no captions: look for images")
        hits = [hit for hit in hits if hit.item != without][:k]
        return {"found": kind, "results": [self._record(kind, hit) for hit in hits]}

    def _look_again(self) -> Header:
        """Notice that the index was made anew: where its images are now. Raises Unavailable if by another model."""
        header = self._index.stored_header()
        if header.model != self._index.header.model:
            raise Unavailable("the index has been made anew by another model: start the server again")
        if header.source != self._source:
            self._source, self._images = header.source, SourceImages(header.source)
        return header

    def _record(self, kind: Kind, hit: Hit) -> dict[str, Any]:
        item, own = hit.item, f"/api/{kind}/{hit.item.id}"
        encoded = f"{own}/encoded" if self._encoder is not None else None
        return {
            "id": str(item.id),  # more digits than a number of JavaScript holds
            "distance": round(hit.distance, 6),
            "name": item.name,
            "caption": item.text or None,
            "images": item.count,
            "preview": f"{own}/thumbnail" if kind == "images" else encoded,
            "file": own if kind == "images" else None,
        }

    def _encoded(self, text: str) -> str | None:
        pixels = self._pixels(text)
        return None if pixels is None else _data_address(pixels)

    def _pixels(self, text: str) -> np.ndarray | None:
        if self._encoder is None:
            return None
        ids = self._encoder.look_up([text]).lay_out(self._encoder.layout.capacity, self._encoder.layout.fill)
        return self._encoder.draw(ids)[0]


def _png(pixels: np.ndarray) -> bytes:
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, format="PNG")
        return file.getvalue()


def _data_address(pixels: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(_png(pixels)).decode()
