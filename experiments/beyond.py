"""The measures beside Recall@K as tables: do the modalities mix, do the words agree, do people agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from experiments.markdown import markdown_table
from experiments.records import DIRECTIONS, Record, titles

I2T, T2I = DIRECTIONS
_MIX, _HUBS, _WORDS, _PEOPLE, _ECCV = (
    f"beyond_recall.{name}" for name in ("modality", "hubness", "semantic", "judgements", "eccv")
)
_SHORT = {"i2t": I2T, "t2i": T2I}

# Column of the CSV files -> where in a record; empty where a record has no such value.
COLUMNS = {
    "modality_gap": "metrics.extra.modality_gap",
    **{
        name: f"{_MIX}.{name}"
        for name in ("other_modality_of_pictures", "other_modality_of_captions", "probe_accuracy")
    },
    **{
        f"{short}_{name.replace('.', '_r').replace('_recall', '')}": f"{_HUBS}.{direction}.{name}"
        for short, direction in _SHORT.items()
        for name in ("never_found", "skewness", "csls_recall.1", "csls_recall.5", "csls_recall.10")
    },
    **{
        f"{short}_cider_{name.replace('.', '')}": f"{_WORDS}.{direction}.{name}"
        for short, direction in _SHORT.items()
        for name in ("all.1", "all.5", "all.10", "others.1", "others.5", "others.10", "random", "true")
    },
    **{f"{of}_{name}": f"{_PEOPLE}.{of}.{name}" for of in ("experts", "crowd") for name in ("kendall_tau_c", "auc")},
    **{
        f"{short}_accepted_r{k}": f"{_PEOPLE}.accepted.recall.{direction}.{k}"
        for short, direction in _SHORT.items()
        for k in (1, 5, 10)
    },
    **{
        f"{short}_{name}": f"{_ECCV}.{direction}.{name}"
        for short, direction in _SHORT.items()
        for name in ("cxc_r1", "cxc_r5", "cxc_r10", "eccv_r1", "eccv_map_at_r", "eccv_rprecision")
    },
}


def tables(records: Sequence[Record]) -> list[str]:
    """Paragraphs and Markdown tables of the records; those of people's judgements only for data that have some."""
    parts = [
        "Other modality: of the 10 nearest neighbours of a picture / of a caption, the percentage that is of the "
        "other modality (as many captions as pictures; 50 if they were mixed at random). Linear probe: percentage "
        "of items whose modality a linear classifier tells from the embedding (50: it can only guess). Never "
        "found: percentage of the captions / pictures that are among the 10 nearest of no query (by chance 13.5 / 0.0 "
        "with 1,000 pictures of five captions; above that, hubs crowd them out). CIDEr-D: how much alike the words of "
        "the first five results and of the query are, 0 to 10; in "
        "brackets without the query's own items, that is of what Recall@5 calls errors; beside it what results "
        "drawn by lot and a query's own items reach.",
        _table(records, _MODALITY),
    ]
    judged = [r for r in records if r.get(_PEOPLE)]
    if judged:
        parts += [
            "People's judgements (Flickr8k's own). Kendall's tau-c, times 100 (chance 0), between distance and what "
            "people said of a picture and a caption of another one; AUC: percentage of fitting and unfitting pairs in "
            "the right order (chance 50). R@10 accepted: every caption that people accept counts as well.",
            _table(judged, _JUDGED),
        ]
    verified = [r for r in records if r.get(_ECCV)]
    if verified:
        parts += [
            "ECCV Caption and CxC: COCO's 5,000 test pictures with fitting pairs that COCO does not list, in percent.",
            _table(verified, _VERIFIED),
        ]
    return parts


def _number(dotted: str, digits: int) -> Callable[[Record], str]:
    def cell(record: Record) -> str:
        value = record.get(dotted)
        return "–" if value is None else f"{value:.{digits}f}"

    return cell


def _both(format: str, *columns: Callable[[Record], str]) -> Callable[[Record], str]:
    def cell(record: Record) -> str:
        cells = [column(record) for column in columns]
        return "–" if "–" in cells else format.format(*cells)

    return cell


def _cider(direction: str) -> Callable[[Record], str]:
    return _both("{} ({})", *(_number(f"{_WORDS}.{direction}.{name}.5", 2) for name in ("all", "others")))


_R10 = {
    "Image-to-Sentence R@10": _number(f"metrics.{I2T}.recall.10", 1),
    "Sentence-to-Image R@10": _number(f"metrics.{T2I}.recall.10", 2),
}
_MODALITY = _R10 | {
    "Modality gap": _number("metrics.extra.modality_gap", 2),
    "Other modality": _both(
        "{} / {}", *(_number(f"{_MIX}.other_modality_of_{of}", 1) for of in ("pictures", "captions"))
    ),
    "Linear probe": _number(f"{_MIX}.probe_accuracy", 1),
    "Never found": _both("{} / {}", *(_number(f"{_HUBS}.{d}.never_found", 1) for d in DIRECTIONS)),
    "CIDEr-D i2t": _cider(I2T),
    "CIDEr-D t2i": _cider(T2I),
    "By lot": _number(f"{_WORDS}.{I2T}.random", 2),
    "Own items": _number(f"{_WORDS}.{I2T}.true", 2),
}
_JUDGED = _R10 | {
    **{
        f"{of.capitalize()} {label}": _number(f"{_PEOPLE}.{of}.{name}", 1)
        for of in ("experts", "crowd")
        for name, label in (("kendall_tau_c", "tau-c"), ("auc", "AUC"))
    },
    "R@10 accepted i2t": _number(f"{_PEOPLE}.accepted.recall.{I2T}.10", 1),
    "R@10 accepted t2i": _number(f"{_PEOPLE}.accepted.recall.{T2I}.10", 2),
}
_VERIFIED = {
    f"{label} {short}": _number(f"{_ECCV}.{direction}.{name}", 1)
    for name, label in (
        *(("cxc_r1", "CxC R@1"), ("eccv_r1", "ECCV R@1")),
        *(("eccv_map_at_r", "ECCV mAP@R"), ("eccv_rprecision", "ECCV R-Precision")),
    )
    for short, direction in _SHORT.items()
}


def _table(records: Sequence[Record], columns: dict[str, Callable[[Record], str]]) -> str:
    named = zip(titles(records), records, strict=True)
    rows = [(title, r.where, *(cell(r) for cell in columns.values())) for title, r in named]
    return markdown_table(("Model", "Data", *columns), rows, "ll" + "r" * len(columns))
