"""One network or two: our own row, and the same with a second network for captions. python -m experiments.twin"""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.common.errors import run_command
from experiments.records import Record
from experiments.studies import Study, Variant, make_study
from experiments.tables import MISSING


def _parameters(record: Record) -> str:
    return f"{record['parameters']:,}"


def _minutes(record: Record) -> str:
    return f"{record['training.seconds'] / 60:.1f} min"


def _memory(record: Record) -> str:
    value = record.get("training.memory_gib")
    return MISSING if value is None else f"{value:.2f} GiB"


STUDY = Study(
    name="twin",
    title="One network or two: captions embedded by the network for photographs, or by one of their own",
    what="Captions embedded by",
    rows={
        "nested": Variant("the network for photographs (the paper)", "nested"),
        "twin-inception": Variant("a second InceptionResNet-V1", "nested", ("network.caption_network=inception",)),
        "twin-lstm": Variant("an LSTM on word vectors", "nested", ("network.caption_network=lstm",)),
    },
    columns={"Parameters": _parameters, "Training": _minutes, "Memory": _memory},
    notes=(
        "Data, drawing, losses, augmentation, number of inputs, seed and everything else are the same in all rows. The "
        "LSTM (256 values, as in the tutorial this is compared with) is given the word vectors as they are drawn.",
        "Memory is what the whole training process held at most.",
    ),
    command="make reproduce-twin",
)


def main(arguments: Sequence[str] | None = None) -> None:
    make_study(STUDY, arguments)


if __name__ == "__main__":
    run_command(main)
