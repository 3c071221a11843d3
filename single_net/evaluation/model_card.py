"""What is to be known about an exported model, as Markdown."""

from __future__ import annotations

import json
from pathlib import Path

from encoded_text.common.errors import InputError
from single_net.data.image import GAP
from single_net.evaluation.record import portable_origin, require_trained
from single_net.inference.model import Model
from single_net.inference.views import view_boxes

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "model_card.md"


def model_card(model: Model, name: str, record: Path) -> str:
    """Data, method, recall, contamination and license of a model.

    Args:
        model: of a finished training.
        name: of the exported file.
        record: its run record, if there is one there.

    Raises:
        InputError: the training is not finished, or the record cannot be read or is of another training.
    """
    from jinja2 import Environment, StrictUndefined, UndefinedError

    require_trained(model)
    modified = "modified" in model.meta  # a record, if there is one, is of other weights
    found = _read(record, model) if record.is_file() and not modified else None
    environment = Environment(undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True)
    try:
        return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
            name=name,
            variant=model.config.variant,
            dim=model.embedding_dim,
            size=model.image_size,
            views=len(view_boxes(model.config.network.test_time_augmentation)),
            gap=GAP,
            modified=modified,
            words=f"{len(model.encoder.words):,}",
            data=model.meta["training_data"],
            training=model.meta["training"],
            start=(portable_origin(model.meta.get("init_from")) or {}).get("run"),
            metrics=found["metrics"] if found is not None else None,
            tested=found["dataset"] if found else None,
            contamination=found["contamination"] if found else None,
        )
    except (UndefinedError, TypeError, ValueError) as error:
        source = record if found else model.file or "the model"
        raise InputError(f"{source}: lacks what the card says ({error}): make it anew") from None


def is_model_card(text: str) -> bool:
    """Whether a file is a card that this project has written."""
    start = TEMPLATE.read_text(encoding="utf-8").partition("{{ name }}\n")[2].partition("{{")[0]
    return text.startswith("# ") and text.partition("\n")[2].startswith(start)


def _read(path: Path, model: Model) -> dict[str, dict[str, object]]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        of_this = all(record[key] == model.meta[key] for key in ("training", "training_data"))
        found = {key: record[key] for key in ("metrics", "dataset", "contamination")}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: not a run record ({error}): remove it, or write it anew by evaluating") from None
    if not of_this:
        raise InputError(f"{path}: the record of another training than {model.file}: evaluate again, or remove it")
    return found
