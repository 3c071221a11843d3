"""Evaluation at the size of COCO's test split, search in a gallery on the disk, and embedding."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from experiments.bench import synthetic
from experiments.bench.timing import in_own_process, in_turn, seconds, watching_memory
from experiments.bench.training_step import flops
from single_net.common.batches import batches
from single_net.retrieval.neighbors import nearest
from single_net.retrieval.recall import evaluate_retrieval

DIM = 128
IMAGES, CAPTIONS = 5_000, 25_000  # COCO's test split
GALLERY, QUERIES, K = 1_000_000, 1_000, 10
EMBEDDED, SIZE = 512, 96  # so many images and as many captions, px
CPU = torch.device("cpu")  # embeddings are NumPy arrays: retrieval runs there


def measure(device: torch.device, *, quick: bool) -> dict:
    """{"retrieval": `measure_retrieval`, "nearest": `measure_nearest`, "embedding": `measure_embedding`}.

    The first runs in a process of its own.
    """
    small = 100 if quick else 1
    return {
        "retrieval": in_own_process(measure_retrieval, IMAGES // small, CAPTIONS // small),
        "nearest": measure_nearest(GALLERY // small, QUERIES // small),
        "embedding": measure_embedding(device, quick=quick),
    }


def measure_retrieval(images: int, captions: int) -> dict:
    """evaluate_retrieval with 1,000 bootstrap draws: "seconds", "extra_bytes" of memory above the embeddings, and
    "product_seconds" of the bare float32 matrix product of the same size."""
    of_images, of_captions, image_of_caption = synthetic.embeddings(images, captions, DIM)
    few = max(2, images // 100)
    fewer = image_of_caption < few
    evaluate_retrieval(of_images[:few], of_captions[fewer], image_of_caption[fewer])  # loads what it needs
    with watching_memory() as peak:
        taken = seconds(lambda: evaluate_retrieval(of_images, of_captions, image_of_caption), CPU)
    product = _product_seconds(of_images, of_captions)
    return {
        "images": images,
        "captions": captions,
        "seconds": taken,
        "extra_bytes": peak.extra,
        "product_seconds": product,
    }


def measure_nearest(gallery: int, queries: int) -> dict:
    """nearest() in a memory-mapped file (float32), warm, that is in the page cache: "seconds", "product_seconds"."""
    rng = np.random.default_rng(4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gallery.npy"
        written = np.lib.format.open_memmap(path, "w+", np.float32, (gallery, DIM))
        for start in range(0, gallery, 10_000):
            written[start : start + 10_000] = rng.standard_normal(written[start : start + 10_000].shape, np.float32)
        del written
        items = np.load(path, mmap_mode="r")
        asked = rng.standard_normal((queries, DIM), dtype=np.float32)
        taken = in_turn({"nearest": lambda: nearest(asked, items, K)}, CPU, rounds=3)["nearest"]
        return {
            "gallery": gallery,
            "queries": queries,
            "k": K,
            "seconds": taken,
            "product_seconds": _product_seconds(asked, items),
        }


def measure_embedding(device: torch.device, *, quick: bool) -> dict:
    """Model.embed_images and embed_captions in bfloat16: samples a second, "flops_per_sample" (forward alone)."""
    number = 8 if quick else EMBEDDED
    model = synthetic.model(SIZE, device)
    images = synthetic.images(number, SIZE)
    captions = synthetic.sentences(synthetic.word_ids(number, model.encoder.layout.capacity))
    works: dict[str, Callable[[], object]] = {
        "images": lambda: model.embed_images(images),
        "captions": lambda: model.embed_captions(captions),
    }
    taken = in_turn(works, device, rounds=1 if quick else 3)
    per_second = {name: number / of_all for name, of_all in taken.items()}
    return {
        "size": SIZE,
        "samples_per_second": per_second,
        "flops_per_sample": flops(SIZE, backward=False),
    }


def _product_seconds(a: np.ndarray, b: np.ndarray) -> float:
    """Of a @ b.T, block by block into the same memory."""
    rows = torch.from_numpy(a)
    columns = [torch.from_numpy(np.array(block)) for block in batches(b, 4096)]
    out = torch.empty(len(rows), max(map(len, columns)))

    def product() -> None:
        for block in columns:
            torch.mm(rows, block.T, out=out[:, : len(block)])

    return in_turn({"product": product}, CPU, rounds=3)["product"]
