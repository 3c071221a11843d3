"""The run record."""

from __future__ import annotations

import json

import numpy as np

from single_net.data.load import load_dataset
from single_net.evaluation.protocol import PROTOCOL, evaluate_split
from single_net.evaluation.record import FORMAT, run_record, write_record
from single_net.inference.model import Model

TRAINING = {"device": "cpu", "wall_seconds": 10.0, "steps": 3}


def test_a_record_says_everything_and_is_read_back_as_json(untrained_run, tmp_path):
    model = Model.load(untrained_run)
    data = load_dataset("table", model.config.data.root, "test")
    model.meta |= {"training": TRAINING, "training_data": {"name": "table"}, "coverage": {"words": 9}}
    scores = evaluate_split(model, data)
    record = run_record(model, scores, 2.55)
    write_record(tmp_path / "new" / "test.json", record)
    read = json.loads((tmp_path / "new" / "test.json").read_text(encoding="utf-8"))
    assert read == json.loads(json.dumps(record))
    assert read["format"] == FORMAT == "single-net run record 2" and read["protocol"] == PROTOCOL
    assert read["variant"] == "small" and read["title"] == "Single-Net (small)"
    assert read["dataset"] == scores["dataset"] and read["dataset"]["images"] == 12
    assert read["training"] == TRAINING and read["device"] == "cpu" and read["wall_seconds"] == 12.6
    assert read["coverage"] == {"training": {"words": 9}, "test": scores["coverage"]}
    assert read["configuration"] == model.config.to_dict() and read["seed"] == model.config.training.seed
    assert read["parameters"] == sum(np.prod(p.shape) for p in model.network.parameters())
    assert read["extra_captions"] is read["contamination"] is read["validation"] is read["full_split"] is None
    assert set(read) == {
        *("format", "variant", "title", "dataset", "training_data", "extra_captions", "contamination", "protocol"),
        *("metrics", "full_split", "diagnostics", "validation", "coverage", "configuration", "encoder", "command"),
        *("git", "versions", "seed", "device", "parameters", "training", "wall_seconds", "created"),
    }
