"""python experiments/migrate_records.py: once, from run records and a log of format 1 to format 2.

Renames keys, values of the configuration and names of variants. Numbers, dates, commits and command lines stay. A run
that two tables held is kept once, where it was recorded most completely.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

RECORDS = Path("results/records")
LOG = Path("results/experiments.csv")
VARIANTS = {
    "classes-nested": "classes-clusters",
    "batch-groups": "batch-images",
    "twin-inception": "two-tower-inception",
    "twin-lstm": "two-tower-lstm",
}
# Kept once: the record that goes, and the one of the same run or of a repetition with the same metrics that stays.
TWICE = {
    "table1/scenes-config-standard.json": "ambiguities/scenes-config-standard.json",
    "table1/scenes-config-2.json": "ambiguities/scenes-config-2.json",
    "table2/scenes-config-standard.json": "ambiguities/scenes-config-standard.json",
    "table2/scenes-config-2.json": "ambiguities/scenes-config-2.json",
    "table2/scenes-nested.json": "table1/scenes-nested.json",
    "twin/flickr8k-nested.json": "flickr8k/flickr8k-nested.json",
}
MOVED = {f"ambiguities/scenes-{name}.json": f"table1/scenes-{name}.json" for name in ("config-standard", "config-2")}
NOT_USED = "engine"  # a comparison of two versions of the training loop; its validation scores stand in the log


def variant(name: str) -> str:
    for old, new in (("centre", "center"), ("colour", "color"), ("groups-", "clusters-")):
        name = name.replace(old, new) if old != "groups-" or name.startswith(old) else name
    return VARIANTS.get(name, name)


def configuration(old: dict) -> dict:
    new = {section: dict(values) for section, values in old.items() if isinstance(values, dict)}
    encoder, network, loss = (new.setdefault(name, {}) for name in ("encoder", "network", "loss"))
    augmentation, batch = (new.setdefault(name, {}) for name in ("augmentation", "batch"))
    _rename(encoder, {"normalisation": "normalization", "more_captions": "extra_captions"})
    mirrored, corners = network.pop("average_mirrored", None), network.pop("average_corners", None)
    if mirrored is not None or corners is not None:
        assert mirrored or not corners
        network["test_time_augmentation"] = "corners" if corners else "mirror" if mirrored else "none"
    _rename(network, {"caption_network": "captions"})
    _replace(network, "captions", {"same": "shared"})
    _rename(loss, {"meaning_weight": "prototype_weight", "meaning_temperature": "prototype_temperature"})
    _rename(loss, {"temperature": "contrastive_temperature"})
    _replace(loss, "classes", {"picture": "image", "nested": "clusters"})
    _rename(augmentation, {"smallest_crop": "min_crop", "colour": "color"})
    _replace(batch, "counts", {"inputs": "samples", "groups": "images"})
    gone = {"encoder.overflow": "truncate", "network.batchnorm": "shared", "network.dropout": 0.0}
    gone |= {"loss.meaning_dimensions": 128, "augmentation.erase": 0.0, "augmentation.word_order": "kept"}
    for key, default in (gone | {"batch.apart": 0.0}).items():
        section, name = key.split(".")
        assert new[section].pop(name, default) == default, key
    sections = {name: values for name, values in new.items() if values or name in old}
    return {"variant": variant(old["row"]), **sections}


def _rename(values: dict, names: dict[str, str]) -> None:
    """Rename keys in place; the order stays."""
    items = list(values.items())
    values.clear()
    values.update((names.get(key, key), value) for key, value in items)


def _replace(values: dict, key: str, by: dict[str, str]) -> None:
    if key in values:
        values[key] = by.get(values[key], values[key])


def record(old: dict) -> dict:
    new = dict(old)
    new.pop("table")
    new["format"] = "single-net run record 2"
    new["row"] = variant(old["row"])
    new["title"] = f"Single-Net ({new['row']})"
    names = {"row": "variant", "development": "validation", "more_captions": "extra_captions"}
    _scores(new)
    _rename(new, names)
    for key in ("dataset", "training_data", "extra_captions"):
        if new.get(key):
            new[key] = dict(new[key])
            _rename(new[key], {"pictures": "images"})
    if new["validation"]:
        new["validation"] = dict(new["validation"])
        _scores(new["validation"])
        _rename(new["validation"]["dataset"], {"pictures": "images"})
    new["protocol"] = {
        {"pictures": "images"}.get(key, key): text.replace("a picture", "an image")
        .replace("picture", "image")
        .replace("normalised", "normalized")
        for key, text in old["protocol"].items()
    }
    new["configuration"] = configuration(old["configuration"])
    _rename(new["encoder"], {"colours": "colors"})
    _rename(new["training"], {"inputs": "samples", "inputs_per_second": "samples_per_second"})
    return new


def _scores(values: dict) -> None:
    """What an evaluation measured, in place."""
    if values.get("overlap"):
        _rename(values["overlap"], {"photographs": "images"})
    if values.get("full_split"):
        _rename(values["full_split"], {"pictures": "images"})
    if beyond := values.get("beyond_recall"):
        _rename(beyond["modality"], {"other_modality_of_pictures": "other_modality_of_images"})
        for direction in beyond["hubness"].values():
            _rename(direction, {"never_found": "anti_hubs"})
        _rename(beyond, {"judgements": "human_judgements"})
    _rename(values, {"overlap": "contamination", "beyond_recall": "diagnostics"})


def numbers(value: object) -> list[float]:
    """Every number in nested values, in order."""
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


SETTINGS = {
    "loss.classes=nested": "loss.classes=clusters",
    "batch.counts=groups": "batch.counts=images",
    "network.average_corners=True": "network.test_time_augmentation=corners",
}
KEYS = {
    "loss.meaning_weight": "loss.prototype_weight",
    "augmentation.smallest_crop": "augmentation.min_crop",
    "augmentation.colour": "augmentation.color",
    "encoder.more_captions": "encoder.extra_captions",
    "network.caption_network": "network.captions",
}
REMOVED = ("network.dropout", "network.batchnorm", "batch.apart", "augmentation.erase")
NOTES = {
    "which engine, or chance? (the first)": "the version of the training loop, or chance? (the first)",
    "which engine, or chance? (the present)": "the version of the training loop, or chance? (the second)",
    "a softmax over all pictures made of words?": "a softmax over all images, against caption prototypes?",
    "the same on the embedded scenes?": "the same on the synthetic scenes?",
    "varied photographs and words as well?": "varied images and words as well?",
    "captions of other pictures in the first batches?": "captions of other images in the first batches?",
    "how much do drawn captions cost? (an LSTM instead)": "how much do encoded captions cost? (an LSTM instead)",
    "the twin's LSTM, final settings": "two-tower with an LSTM, final settings",
    "the twin's LSTM, and corner crops": "two-tower with an LSTM, and corner crops",
    "the twin's second InceptionResNet": "two-tower with a second InceptionResNet-V1",
    "the same model, each photograph averaged with its mirror image?": (
        "the same model, each image averaged with its mirror image?"
    ),
    "the paper's row, 36,000 inputs": "the paper's variant, 36,000 samples",
}


def settings(text: str) -> str:
    new = []
    parts = text.split("; ")
    for part in parts:
        key = part.partition("=")[0]
        if part == "network.average_mirrored=True":
            if "network.average_corners=True" not in parts:
                new.append("network.test_time_augmentation=mirror")
        elif key in REMOVED:
            new.append(f"{part} (removed)")
        else:
            new.append(SETTINGS.get(part, part.replace(key, KEYS.get(key, key), 1)))
    return "; ".join(new)


def main() -> None:
    old = {str(p.relative_to(RECORDS)): json.loads(p.read_text("utf-8")) for p in sorted(RECORDS.glob("*/*.json"))}
    for goes, stays in TWICE.items():
        a, b = (json.loads(json.dumps(old[name]["metrics"])) for name in (goes, stays))
        for metrics in (a, b):
            metrics["extra"].pop("raw_euclidean_interval_95", None)
        assert a == b, (goes, stays)
    for name in old:
        (RECORDS / name).unlink()
    for name, content in old.items():
        if name in TWICE or name.startswith(NOT_USED):
            continue
        new = record(json.loads(json.dumps(content)))
        same = {key: value for key, value in content.items() if key != "configuration"}
        assert numbers(same) == numbers({k: v for k, v in new.items() if k != "configuration"}), name
        folder, file = MOVED.get(name, name).replace("twin/", "two_tower/").split("/")
        data = content["dataset"]["name"]
        seed = file.removesuffix(".json").removeprefix(f"{data}-{content['row']}")
        path = RECORDS / folder / f"{data}-{new['variant']}{seed}.json"
        assert file == f"{data}-{content['row']}{seed}.json" and not path.exists(), name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(new, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for folder in RECORDS.iterdir():
        if not any(folder.iterdir()):
            folder.rmdir()

    lines = list(csv.DictReader(io.StringIO(LOG.read_text("utf-8"))))
    for line in lines:
        line["row"], line["configuration"] = variant(line["row"]), settings(line["configuration"])
        line["note"] = NOTES.get(line["note"], line["note"])
        _rename(line, {"row": "variant", "inputs": "samples"})
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    LOG.write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
