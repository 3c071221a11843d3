"""python -m experiments.gpu_check.weights: a model that came back in parts, joined to a model file again.

A model file of 91 MB becomes parts below 16 MiB that can be sent one by one: weights of convolutions and linear layers
as float16, everything else as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialize

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import check_output, write_atomic
from single_net.common import tensor_file

LIMIT = 63 << 18  # bytes of tensors in a part, 15.75 MiB; the header comes on top
FORMAT = "single-net model in parts 1"
EXAMPLE = """example:
  python -m experiments.gpu_check.weights found/flickr8k-nested -o runs/flickr8k-nested/model.safetensors
"""


def split(model: Path, folder: Path, limit: int = LIMIT) -> list[Path]:
    """Write a model file as parts.

    Args:
        model: the file.
        folder: of the parts, weights-1-of-4.safetensors and so on.
        limit: bytes of tensors in a part.

    Returns:
        The parts.
    """
    tensors, meta = tensor_file.load(model, "model")
    parts: list[dict[str, torch.Tensor]] = [{}]
    room = limit
    for name, value in tensors.items():
        stored = value.half() if _is_halved(name, value) else value
        if parts[-1] and stored.nbytes > room:
            parts.append({})
            room = limit
        parts[-1][name] = stored.contiguous()
        room -= stored.nbytes
    paths = [folder / f"weights-{number}-of-{len(parts)}.safetensors" for number in range(1, len(parts) + 1)]
    for number, (path, part) in enumerate(zip(paths, parts, strict=True), 1):
        header = {"format": FORMAT, "part": f"{number} of {len(parts)}"}
        if number == 1:
            header["meta"] = json.dumps(meta | {"weights": "float16, stored in parts"})
        write_atomic(path, serialize(part, metadata=header))
    return paths


def join(folder: Path, model: Path) -> None:
    """Write a model file from its parts; its weights have the precision of float16.

    Args:
        folder: of the parts.
        model: the file to write.

    Raises:
        InputError: parts are missing, damaged, or of something else; or `model` is one of them.
    """
    paths = sorted(folder.glob("weights-*-of-*.safetensors"))
    check_output(model, paths)
    tensor_file.check_replaced(model, "model")
    tensors: dict[str, torch.Tensor] = {}
    meta: dict[str, Any] = {}
    found = set()
    for path in paths:
        try:
            with safe_open(path, framework="pt") as file:
                header = file.metadata() or {}
                own = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            meta |= json.loads(header.get("meta", "{}"))
        except (SafetensorError, TypeError, ValueError) as error:
            raise InputError(f"{path}: damaged ({error}): copy it again") from None
        if header.get("format") != FORMAT or "part" not in header:
            raise InputError(f"{path}: no part of a model (format {header.get('format')!r})")
        tensors |= own
        found.add(header["part"])
    wanted = {f"{number} of {len(paths)}" for number in range(1, len(paths) + 1)}
    if not paths or found != wanted:
        raise InputError(f"{folder}: parts of the model are missing: found {', '.join(sorted(found)) or 'none'}")
    if not meta:
        raise InputError(f"{paths[0]}: damaged (it does not describe the model): copy it again")
    whole = {name: value.float() if value.dtype == torch.float16 else value for name, value in tensors.items()}
    tensor_file.save(model, "model", whole, meta)


def _is_halved(name: str, value: torch.Tensor) -> bool:
    """Batch norms keep float32: variances can be larger than float16 holds."""
    return name.startswith("network.") and value.dtype == torch.float32 and value.ndim > 1


def _main() -> None:
    parser = CommandParser(
        prog="python -m experiments.gpu_check.weights",
        description="Join the parts of a model to a model file.",
        epilog=EXAMPLE,
    )
    parser.add_argument("folder", type=Path, help="with weights-1-of-N.safetensors and the others")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the model file to write")
    args = parser.parse_args()
    join(args.folder, args.output)
    print(f"{args.output}: evaluate it with python -m single_net.evaluate {args.output}")


if __name__ == "__main__":
    run_command(_main)
