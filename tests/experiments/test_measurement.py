"""Records of measurements: written whole, over nothing else, and read strictly."""

from __future__ import annotations

import json

import pytest

from encoded_text import InputError
from experiments import measurement

FORMAT, TITLE = "single-net made up 3", "# Made up"


def page(record: dict) -> str:
    return f"{TITLE}\n\n{record['found']}\n"


def test_what_is_saved_is_read_again_with_its_origin(tmp_path, capsys):
    path = tmp_path / "found.json"
    measurement.save(path, measurement.about(FORMAT) | {"found": "8 × 8"}, page)
    record = measurement.read(path, FORMAT, "experiments.made_up")
    assert record["found"] == "8 × 8" and {"git", "versions", "created", "command"} <= set(record)
    assert path.with_suffix(".md").read_text(encoding="utf-8") == page(record)
    assert page(record) in capsys.readouterr().out


def test_nothing_but_an_earlier_measurement_is_replaced(tmp_path):
    path = tmp_path / "found.json"
    measurement.check_place(path, FORMAT, TITLE)
    measurement.save(path, measurement.about(FORMAT) | {"found": 1}, page)
    measurement.check_place(path, FORMAT, TITLE)
    path.write_text('{"format": "single-net made up 0"}')  # of an earlier version
    measurement.check_place(path, FORMAT, TITLE)
    other = '{"format": "single-net run record 2"}'
    for name, content in (("README.md", "# A project"), ("other.json", other), ("found.md", "# My notes")):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match=f"{name} is no "):
            measurement.check_place((tmp_path / name).with_suffix(".json"), FORMAT, TITLE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no record"),
        ("[]", '"format" should be'),
        ('{"format": "?"}', '"format" should be'),
        (None, "No such file"),
    ],
)
def test_a_foreign_file_is_no_record(tmp_path, text, why):
    path = tmp_path / "found.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=rf"found\.json: .*{why}.*python -m experiments\.made_up"):
        measurement.read(path, FORMAT, "experiments.made_up")


def test_a_quick_record_is_not_the_record(tmp_path):
    path = tmp_path / "found.json"
    path.write_text(json.dumps({"format": FORMAT, "quick": True}))
    with pytest.raises(InputError, match="--quick"):
        measurement.read(path, FORMAT, "experiments.made_up")
