"""python -m single_net.export RUN: a trained network as ONNX, with its encoder in the same file and a model card."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import require_suffix, write_atomic
from single_net.common.outputs import check_outputs
from single_net.inference.load import export_file
from single_net.inference.run_files import model_file

EXAMPLE = """examples:
  python -m single_net.export runs/scenes-nested                    runs/scenes-nested/model.onnx, for search and serve
  python -m single_net.export runs/scenes-nested -o scenes.onnx
"""


def parser() -> CommandParser:
    """The command line."""
    p = CommandParser(
        prog="python -m single_net.export",
        description="Write a trained network as ONNX: one file with its encoder, and a model card beside it.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, or a model file in it")
    p.add_argument(
        "-o", "--output", type=Path, help="the .onnx file (default: RUN/model.onnx); the card has the suffix .md"
    )
    return p


def main() -> None:
    """The command."""
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    output = args.output or export_file(model_file(args.run))
    require_suffix(output, ".onnx", "a model")
    card = output.with_suffix(".md")

    import torch

    from single_net.evaluation.model_card import is_model_card, model_card
    from single_net.evaluation.record import record_file
    from single_net.inference.model import Model
    from single_net.inference.onnx_export import export_onnx

    record = record_file(args.run, "test")
    model = Model.load(args.run, torch.device("cpu"))
    check_outputs([output, card], [model.file, record])
    if card.exists() and not is_model_card(card.read_text(encoding="utf-8", errors="replace")):
        raise InputError(f"{card} is no model card and is not replaced: choose another --output")
    text = model_card(model, output.name, record)
    export_onnx(model, output)
    write_atomic(card, text)
    print(f"{output}: {output.stat().st_size / 2**20:.0f} MiB; {card}: its card")


if __name__ == "__main__":
    main()
