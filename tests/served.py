"""A served index of colored shapes, with hostile names and captions."""

from __future__ import annotations

import contextlib
import csv
import io
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from color_model import COLORS, ColorModel
from shapes import HOSTILE, write_shapes
from starlette.testclient import TestClient

from encoded_sound import SoundImageEncoder
from encoded_text import Layout, TextImageEncoder
from single_net.search.guard import hosts
from single_net.search.indexes import Source, open_index
from single_net.search.indexing import update_index
from single_net.search.server import create_app
from single_net.search.service import Service
from single_net.search.source import SourceImages, folder_source
from single_net.serve import _listen

HOST = "127.0.0.1:8420"
BAD_NAME = "<img src=x onerror=document.title='taken'>.png"
SHARED = "a red square"


class EncodingModel(ColorModel):
    """A color model with this project's encoder of captions."""

    def __init__(self) -> None:
        super().__init__()
        words = ["a", "red", "green", "blue", "yellow", "square", "bar", "cross"]
        layout = Layout.paper()
        colors = np.random.default_rng(0).integers(1, 255, (len(words), layout.features), dtype=np.uint8)
        self.encoder = TextImageEncoder(words, colors, layout, "zscore", {})


class HearingModel(EncodingModel):
    """Hears high tones as blue and low ones as red, and keeps the clips that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.sound = SoundImageEncoder(96)
        self.heard: list[np.ndarray] = []

    def encode_sound(self, clips: list[np.ndarray]) -> np.ndarray:
        self.heard += clips
        colors = [COLORS["blue" if pitch(clip) > 1000 else "red"] for clip in clips]
        return np.array([[*color, 30.0] for color in colors])


def pitch(clip: np.ndarray) -> float:
    """The loudest frequency, Hz."""
    return float(np.abs(np.fft.rfft(clip)).argmax() * 16_000 / len(clip))


def tone(frequency: float, rate: int = 16_000, seconds: float = 1.0) -> bytes:
    """A wav file."""
    samples = 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
    with io.BytesIO() as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((samples * 32767).astype("<i2").tobytes())
        sound.close()
        return file.getvalue()


def captioned_service(folder: Path, model: ColorModel | None = None) -> Service:
    """12 images with captions; one caption is HOSTILE, and one is that of several images."""
    root = write_shapes(folder / "shapes", {"test": 12})
    with open(root / "captions.csv", "a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("test0.png", HOSTILE, "test")] + [(f"test{i}.png", SHARED, "test") for i in (1, 2)]
        )
    return _service(folder / "captioned.index", Source("table", str(root), "test"), model)


def folder_service(folder: Path, model: ColorModel | None = None) -> Service:
    """9 images without captions; two have hostile names."""
    root = write_shapes(folder / "photos", {"test": 9})
    (root / "captions.csv").unlink()
    (root / "test0.png").rename(root / BAD_NAME)
    (root / "test1.png").rename(root / "50%25 #1?.png")
    return _service(folder / "folder.index", folder_source(root), model)


def _service(place: Path, source: Source, model: ColorModel | None) -> Service:
    model = model or EncodingModel()
    update_index(place, model, source)
    return Service(open_index(place), model, SourceImages(source))


def client_of(service: Service) -> TestClient:
    """A client of the application as it answers on HOST."""
    return TestClient(create_app(service, [HOST]), base_url=f"http://{HOST}", raise_server_exceptions=False)


@contextlib.contextmanager
def running(service: Service) -> Iterator[str]:
    """Serve on a free port of this machine; gives the address of the page."""
    import uvicorn

    with contextlib.closing(_listen("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(create_app(service, hosts("127.0.0.1", port)), http="h11", log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.should_exit = True
            thread.join(20)
