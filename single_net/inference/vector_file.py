"""Vectors of a data set as one file for other programs: Parquet, NumPy or safetensors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.files import replacing, write_atomic
from encoded_text.common.text import as_utf8
from single_net.inference.embedding import normalize_rows
from single_net.inference.embedding_cache import Embedded

SUFFIXES = (".parquet", ".npz", ".safetensors")
_MOST_TEXT = 1 << 30  # bytes


def check_vector_file(path: Path) -> None:
    """Check the name of a file to be written, and that no model or other safetensors file is replaced.

    Raises:
        InputError: its ending says no known format, the package for it is missing, or another file is there.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: vectors are written as {', '.join(SUFFIXES)}: name the file so")
    if suffix == ".safetensors" and path.is_file() and path.stat().st_size and not _holds_vectors(path):
        raise InputError(f"{path} holds no vectors of a data set and is not replaced by them: name another file")
    if suffix == ".parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise InputError("Parquet needs its package: pip install 'single-net[parquet]', or write .npz") from None


def write_vectors(path: Path, embedded: Embedded, origin: dict[str, Any]) -> None:
    """Write ids, captions and L2-normalized vectors, atomically.

    Args:
        path: .parquet: a line for each image and each caption with the columns kind ("image" or "caption"), image (its
            id), caption (empty for an image) and vector (list of float32). .npz and .safetensors: the arrays
            image_vectors float32 (n, d), caption_vectors float32 (m, d) and image_of_caption int64 (m,); with them
            ids (n,) and captions (m,), as arrays of text or as JSON in the metadata.
        embedded: the data set and its embeddings.
        origin: JSON-able; what the vectors are made from.

    Raises:
        InputError: the file cannot be written there, or a caption is too long for .npz.
    """
    data, suffix = embedded.data, path.suffix.lower()
    arrays = {
        "image_vectors": normalize_rows(embedded.images),
        "caption_vectors": normalize_rows(embedded.captions),
        "image_of_caption": data.image_of_caption.astype(np.int64),
    }
    text = {"ids": [as_utf8(id) for id in data.ids], "captions": data.flat_captions}
    if suffix == ".parquet":
        _write_parquet(path, arrays, text, origin)
    elif suffix == ".npz":
        for name, values in text.items():
            if (needed := 4 * len(values) * max(map(len, values), default=0)) > _MOST_TEXT:
                raise InputError(
                    f"{path}: the longest of the {name} would make a text array of {needed / 2**30:.1f} GiB, where all "
                    "have its length: write .parquet or .safetensors"
                )
        as_text = {name: np.array(values, dtype=np.str_) for name, values in text.items()}
        contents: dict[str, Any] = {**arrays, **as_text, "origin": np.array(json.dumps(origin))}
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **contents)
    else:
        from safetensors.numpy import save

        metadata = {name: json.dumps(value, ensure_ascii=False) for name, value in {**text, "origin": origin}.items()}
        write_atomic(path, save(arrays, metadata))


def _holds_vectors(path: Path) -> bool:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return "image_vectors" in file.keys()  # noqa: SIM118
    except SafetensorError:
        return False


def _write_parquet(
    path: Path, arrays: dict[str, np.ndarray], text: dict[str, list[str]], origin: dict[str, Any]
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    owners = [text["ids"][owner] for owner in arrays["image_of_caption"]]
    table = pa.table(
        {
            "kind": ["image"] * len(text["ids"]) + ["caption"] * len(owners),
            "image": text["ids"] + owners,
            "caption": [""] * len(text["ids"]) + text["captions"],
            # Plain lists: not every program reads those of fixed size.
            "vector": pa.array(
                [*arrays["image_vectors"], *arrays["caption_vectors"]],
                type=pa.list_(pa.float32()),
            ),
        }
    ).replace_schema_metadata({"single_net": json.dumps(origin)})
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)
