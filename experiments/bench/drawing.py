"""Captions drawn on the training device, against drawing one by one and against a plain copy of as many bytes."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

from encoded_text.drawing import palette
from encoded_text.layout import Layout
from encoded_text.renderer import Renderer
from experiments.bench import synthetic
from experiments.bench.timing import in_turn

SIZES = (96, 160, 256)
BATCH = synthetic.SAMPLES * 5 // 6  # captions of a batch
COPIES = ("copy_batch", "copy_large", "clone_large")
LARGE = 256 << 20  # bytes, more than any cache holds


def measure(device: torch.device, *, quick: bool) -> dict:
    """For every size in px:

    batch                BATCH captions in one call, into memory that the last batch left: as in training
    captions_per_second  "batch"; "large": so many at once that neither the images nor a copy of them fit a cache, into
                         new memory; "one_by_one", "one_by_one_png" as `draw_one`, without and with a PNG file (in
                         memory) made of each
    bytes_per_second     written: "batch", "large"; and by plain copies of as many bytes: "copy_batch" (which
                         caches can hold) and "copy_large" into memory in use, "clone_large" into new memory
    """
    rounds = 3 if quick else 15
    return {str(size): _measure_size(size, device, rounds, LARGE // 64 if quick else LARGE) for size in SIZES}


def draw_one(numbers: np.ndarray, blocks: np.ndarray, layout: Layout) -> Image.Image:
    """One caption as an image, plainly: word by word, superpixel by superpixel into a NumPy array.

    The authors' code for this paper was never published. This follows what their group published for a sibling method
    (github.com/artelab/Multi-modal-classification, model/EncodingExtractor.py: Python loops over rows and columns of
    superpixels, then one image file each), and is kinder to it: a superpixel is one assignment, not one a pixel,
    and its color is looked up, not computed.
    """
    page = np.empty((layout.image_size, layout.image_size, 3), np.uint8)
    page[:] = layout.background
    s = layout.superpixel
    for place, number in enumerate(numbers):
        if number == 0:
            break
        top, left = layout.position(place)
        for row in range(layout.word_height):
            for column in range(layout.word_width):
                y, x = top + row * s, left + column * s
                page[y : y + s, x : x + s] = blocks[number, row, column]
    return Image.fromarray(page)


def _measure_size(size: int, device: torch.device, rounds: int, large: int) -> dict:
    encoder = synthetic.encoder(size)
    layout, renderer = encoder.layout, Renderer(encoder).to(device)
    per_image = 3 * size * size
    numbers = {
        "batch": synthetic.word_ids(BATCH, layout.capacity),
        "large": synthetic.word_ids(large // per_image, layout.capacity),
    }
    ids = {name: torch.from_numpy(values).to(device) for name, values in numbers.items()}
    source, everything = renderer(ids["batch"]), renderer(ids["large"])
    target, elsewhere = torch.empty_like(source), everything.clone()
    blocks = palette(encoder.colors, layout)
    some = numbers["batch"]
    drawn = in_turn(
        {
            "batch": lambda: renderer(ids["batch"]),
            "copy_batch": lambda: target.copy_(source),
            "copy_large": lambda: elsewhere.copy_(everything),
            "one_by_one": lambda: [draw_one(row, blocks, layout) for row in some],
            "one_by_one_png": lambda: [_png(draw_one(row, blocks, layout)) for row in some],
        },
        device,
        rounds=rounds,
        lasting=0.02,
    )
    drawn |= in_turn(
        {"large": lambda: renderer(ids["large"]), "clone_large": lambda: everything.clone()}, device, rounds=rounds // 3
    )
    of_each = {name: len(everything if "large" in name else some) for name in drawn}
    speed = {name: of_each[name] / drawn[name] for name in drawn}
    return {
        "batch": BATCH,
        "large": len(everything),
        "captions_per_second": {name: speed[name] for name in (*numbers, "one_by_one", "one_by_one_png")},
        "bytes_per_second": {name: speed[name] * per_image for name in (*numbers, *COPIES)},
    }


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
