"""The run record."""

from __future__ import annotations

import json

import numpy as np
import pytest
from finished_runs import TRAINING, finished_model

from encoded_text import InputError
from single_net.common import provenance
from single_net.data.load import load_dataset
from single_net.evaluation.protocol import PROTOCOL, evaluate_split
from single_net.evaluation.record import (
    FORMAT,
    check_record_place,
    record_file,
    require_trained,
    run_record,
    write_record,
)


def test_a_record_says_everything_and_is_read_back_as_json(untrained_run, tmp_path):
    model = finished_model(untrained_run)
    data = load_dataset("table", model.config.data.root, "test")
    scores = evaluate_split(model, data)
    record = run_record(model, scores, 2.55)
    write_record(tmp_path / "new" / "test.json", record)
    read = json.loads((tmp_path / "new" / "test.json").read_text(encoding="utf-8"))
    assert read == json.loads(json.dumps(record))
    assert read["format"] == FORMAT == "single-net run record 2" and read["protocol"] == PROTOCOL
    assert read["variant"] == "small" and read["title"] == "Single-Net (small)"
    assert read["dataset"] == scores["dataset"] and read["dataset"]["images"] == 12
    assert read["training"] == TRAINING and read["wall_seconds"] == 12.6
    assert read["device"] == provenance.describe_device(model.device) != TRAINING["device"]
    assert read["precision"] == model.precision
    assert read["available"] == scores["available"] and read["shared_captions"] == scores["shared_captions"]
    assert read["coverage"] == {"training": {"words": 9}, "test": scores["coverage"]}
    assert read["configuration"] == model.config.portable().to_dict() and read["seed"] == model.config.training.seed
    assert read["parameters"] == sum(np.prod(p.shape) for p in model.network.parameters())
    assert read["extra_captions"] is read["contamination"] is read["validation"] is read["full_split"] is None
    assert read["weights"] is None
    model.meta["weights"] = "float16, stored in parts"
    assert run_record(model, scores, 0.0)["weights"] == "float16, stored in parts"
    assert set(read) == {
        *(
            "format",
            "variant",
            "title",
            "dataset",
            "available",
            "shared_captions",
            "training_data",
            "extra_captions",
            "teaching",
            "teacher",
            "history",
            "contamination",
            "protocol",
        ),
        *(
            "metrics",
            "full_split",
            "third",
            "diagnostics",
            "validation",
            "history",
            "coverage",
            "configuration",
            "weights",
            "encoder",
            "command",
        ),
        *(
            "git",
            "versions",
            "seed",
            "device",
            "precision",
            "parameters",
            "init_from",
            "training",
            "wall_seconds",
            "created",
        ),
    }


def test_a_model_that_says_nothing_of_its_training_is_refused(untrained_run):
    model = finished_model(untrained_run)
    require_trained(model)
    for key, value in (("coverage", None), ("training", {"device": "cpu"}), ("training", []), ("validation", None)):
        broken = finished_model(untrained_run)
        del broken.meta[key]
        with pytest.raises(InputError, match=rf"model.safetensors: .*{key}"):
            require_trained(broken)
        if value is not None:
            broken.meta[key] = value
            with pytest.raises(InputError, match=rf"model.safetensors: .*{key}"):
                require_trained(broken)
    model.meta["training"] = TRAINING | {"wall_seconds": "long"}
    with pytest.raises(InputError, match="wall_seconds is 'long'"):
        require_trained(model)


@pytest.mark.parametrize(
    "content", [b"", b"not JSON", b"\xff\xfe", b"[1]", b'{"a": 1}', b"[" * 100_000, b"9" * 5000, b'{"format": 3}']
)
def test_a_record_replaces_nothing_but_a_record(tmp_path, content):
    path = tmp_path / "notes.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no run record and is not replaced"):
        check_record_place(path)
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match="ordinary"):
        check_record_place(tmp_path / "folder.json")
    with pytest.raises(InputError, match=r"ends in \.json"):
        check_record_place(tmp_path / "model.safetensors")
    for version in (FORMAT, "single-net run record 1"):
        path.write_text(json.dumps({"format": version}))
        check_record_place(path)


def test_names_that_are_not_utf_8_are_written_as_escapes(tmp_path):
    write_record(tmp_path / "r.json", {"command": "evaluate caf\udce9 – runs"})
    text = (tmp_path / "r.json").read_text(encoding="utf-8")
    assert "caf\\udce9 –" in text and json.loads(text) == {"command": "evaluate caf\udce9 – runs"}


def test_every_model_file_and_data_set_has_a_record_of_its_own(tmp_path):
    assert record_file(tmp_path, "test").name == record_file(tmp_path / "model.safetensors", "test").name == "test.json"
    assert record_file(tmp_path / "best.safetensors", "val").name == "val-best.json"
    assert record_file(tmp_path, "test", "flickr30k").name == "test-flickr30k.json"
    assert record_file(tmp_path / "model-old.safetensors", "test", "coco").name == "test-model-old-coco.json"
