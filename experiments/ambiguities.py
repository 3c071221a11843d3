"""What the ambiguities of the paper are worth: single changes from its row. python -m experiments.ambiguities"""

from __future__ import annotations

from collections.abc import Sequence

from encoded_text.errors import run_command
from experiments.records import Record
from experiments.studies import Study, Variant, make_study, raw_distance


def _gap(record: Record) -> str:
    return f"{record['metrics.extra.modality_gap']:.2f}"


def _changed(label: str, *changes: str, base: str = "config_standard") -> Variant:
    return Variant(label, base, changes)


STUDY = Study(
    name="ambiguities",
    title="What the ambiguities of the paper are worth: single changes from config-standard as it is read here",
    what="Changed from the first line",
    rows={
        "config-standard": Variant("nothing: config-standard as in Table 1", "config_standard"),
        "centres-wen2016": _changed("centres moved as by Wen et al. 2016", "loss.centers=wen2016"),
        "centres-gradient": _changed("centres learnt by gradient", "loss.centers=gradient"),
        "centres-zero": _changed("centres never moved from zero (facenet before March 2018)", "loss.centers=zero"),
        "centres-random": _changed("centres never moved from random places", "loss.centers=fixed_random"),
        "centre-loss-stronger": _changed("centre loss 64 times as heavy (0.01)", "loss.center_weight=0.01"),
        "centre-loss-alone": _changed("centre loss alone, no softmax (Eq. 1 as printed)", "loss.softmax_weight=0.0"),
        "classes-nested": _changed("classes: groups of pictures whose captions mean alike", 'loss.classes="nested"'),
        "batch-mixed": _changed("batches: inputs shuffled, pictures and captions apart", "batch.order=mixed"),
        "batch-groups": _changed("batches: 45 pictures with all their captions", "batch.counts=groups"),
        "config-2": _changed("augmented as config-2, crops enlarged again", base="config_2"),
        "config-2-pad": _changed(
            "augmented as config-2, crops on the background", "augmentation.crop_handling=pad", base="config_2"
        ),
        "features-36": _changed("36 features a word instead of 128", "encoder.layout=figure"),
        "colours-global": _changed("colours from one range for all features", "encoder.normalisation=global"),
        "colours-per-feature": _changed("colours from each feature's own range", "encoder.normalisation=per_feature"),
        "caption-repeated": _changed("caption repeated to fill the picture", "encoder.fill=repeat"),
    },
    columns={"Modality gap": _gap},
    notes=(
        "R@10 in percent with its 95 % interval (bootstrap over pictures); chance is 1.0 both ways with 1,000 "
        "pictures. Every row is trained on as many inputs, to a batch.",
    ),
    command="make reproduce-ambiguities",
    intervals=True,
    more_lines=raw_distance("distance between embeddings as they are, not of length one", "config-standard"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    make_study(STUDY, arguments)


if __name__ == "__main__":
    run_command(main)
