"""What the ambiguities of the paper are worth: single changes from its row. python -m experiments.ambiguities"""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.common.errors import run_command
from experiments.records import DIRECTIONS, Record
from experiments.studies import Study, Variant, make_study
from experiments.tables import MISSING, interval_cell


def _gap(record: Record) -> str:
    return f"{record['metrics.extra.modality_gap']:.2f}"


CLASSES = 'loss.classes="nested"'
# Row -> what is changed, and how --set takes it.
CHANGES = {
    "centres-wen2016": ("centres moved as by Wen et al. 2016", "loss.centers=wen2016"),
    "centres-gradient": ("centres learnt by gradient", "loss.centers=gradient"),
    "centres-zero": ("centres never moved from zero (facenet before March 2018)", "loss.centers=zero"),
    "centres-random": ("centres never moved from random places", "loss.centers=fixed_random"),
    "centre-loss-stronger": ("centre loss 64 times as heavy (0.01)", "loss.center_weight=0.01"),
    "centre-loss-alone": ("centre loss alone, no softmax (Eq. 1 as printed)", "loss.softmax_weight=0.0"),
    "classes-nested": ("classes: groups of pictures whose captions mean alike", CLASSES),
    "batch-mixed": ("batches: inputs shuffled, pictures and captions apart", "batch.order=mixed"),
    "batch-groups": ("batches: 45 pictures with all their captions", "batch.counts=groups"),
    "config-2": ("augmented as config-2, crops enlarged again",),
    "config-2-pad": ("augmented as config-2, crops on the background", "augmentation.crop_handling=pad"),
    "features-36": ("36 features a word instead of 128", "encoder.layout=figure"),
    "colours-global": ("colours from one range for all features", "encoder.normalisation=global"),
    "colours-per-feature": ("colours from each feature's own range", "encoder.normalisation=per_feature"),
    "caption-repeated": ("caption repeated to fill the picture", "encoder.fill=repeat"),
}
# With a class for every picture nothing leaves chance in minutes, so that changes cannot be told apart; some are
# therefore also made where the classes are groups.
AGAIN = ("centres-wen2016", "centre-loss-stronger", "batch-mixed", "config-2", "features-36", "colours-global")
AGAIN += ("caption-repeated",)
RAW = "distance between embeddings as they are, not of length one"


def _variants() -> dict[str, Variant]:
    def base(row: str) -> str:
        return "config_2" if row.startswith("config-2") else "config_standard"

    rows = {"config-standard": Variant("nothing: config-standard as in Table 1", "config_standard")}
    rows |= {row: Variant(label, base(row), tuple(changes)) for row, (label, *changes) in CHANGES.items()}
    for row in AGAIN:
        label, *changes = CHANGES[row]
        rows[f"groups-{row}"] = Variant(f"groups as classes; {label}", base(row), (CLASSES, *changes))
    return rows


def _raw_distance(records: Sequence[Record]) -> list[list[str]]:
    """Lines without a training of their own: two rows by the distance between embeddings that are not of length one."""
    by_row = {r["row"]: r for r in records if r.get("metrics.extra.raw_euclidean_interval_95")}
    labels = {"config-standard": RAW, "classes-nested": f"groups as classes; {RAW}"}
    return [
        [label, *(_raw_interval(by_row[row], d) for d in DIRECTIONS), MISSING]
        for row, label in labels.items()
        if row in by_row
    ]


def _raw_interval(record: Record, direction: str) -> str:
    raw = "metrics.extra.raw_euclidean"
    return interval_cell(record[f"{raw}.{direction}.10"], record[f"{raw}_interval_95.{direction}.10"], direction)


STUDY = Study(
    name="ambiguities",
    title="What the ambiguities of the paper are worth: single changes from config-standard as it is read here",
    what="Changed from the first line",
    rows=_variants(),
    columns={"Modality gap": _gap},
    notes=(
        "R@10 in percent with its 95 % interval (bootstrap over pictures); chance is 1.0 both ways with 1,000 "
        "pictures. Every row is trained on as many inputs, to a batch, with one seed.",
    ),
    command="make reproduce-ambiguities",
    intervals=True,
    more_lines=_raw_distance,
)


def main(arguments: Sequence[str] | None = None) -> None:
    make_study(STUDY, arguments)


if __name__ == "__main__":
    run_command(main)
