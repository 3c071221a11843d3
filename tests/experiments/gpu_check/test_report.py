"""The tables of a check, and what they say limits a speed."""

from __future__ import annotations

import pytest

from experiments.gpu_check.report import best, limit, markdown, shares

MACHINE = {
    "device": "made-up GPU",
    "copy": 1e12,  # 2 TB/s read and written
    "matrix_rate": {"float32": 50e12, "bfloat16": 500e12},
}


def training(captured=10_000.0, eager=2_000.0, feed=50_000.0, busy=0.95, flops=1e9, traffic=20e6, samples=50):
    return {
        "size": 96,
        "samples": samples,
        "precision": "bfloat16",
        "samples_per_second": {"captured": captured, "eager": eager, "feed": feed},
        "kernel_seconds": None if captured is None else busy * samples / captured,
        "kernels": 1025,
        "flops_per_sample": flops,
        "bytes_per_step": traffic * samples,
        "memory_gib": 3.2,
    }


def test_shares_of_the_limits():
    assert shares(training(), MACHINE) == pytest.approx((10_000 * 1e9 / 500e12, 10_000 * 20e6 / 2e12))
    embedding = {"images_per_second": 1000.0, "flops_per_sample": 5e9, "bytes_per_sample": 1e6, "precision": "float32"}
    assert shares(embedding, MACHINE) == pytest.approx((0.1, 0.0005))
    assert best(embedding) == 1000 and best(training()) == 10_000 and best(training(captured=None)) == 2000


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"feed": 11_000.0}, "the feed"),
        ({"busy": 0.5}, "launches (1025 a step)"),
        ({"traffic": 150e6}, "memory bandwidth"),
        ({"flops": 40e9}, "arithmetic"),
        ({}, "kernels that do not fill the card"),
        ({"captured": None}, "–"),
    ],
)
def test_what_limits(changes, words):
    assert limit(training(**changes), MACHINE) == words


def test_the_tables_of_a_record_show_what_it_has():
    record = {"device": "made-up GPU", "small": False}
    assert markdown(record) == "# GPU check\n\nOn made-up GPU.\n"
    record["tests"] = {"status": -12, "passed": 0, "failed": 0, "skipped": 0, "failures": []}
    assert "0 skipped (ended with status -12)" in markdown(record)
    record["tests"] = {"passed": 7, "failed": 1, "skipped": 0, "failures": ["test_a: it broke"]}
    evaluation = {"images": 5000, "captions": 25000, "seconds": 0.5, "flops": 2.5e12}
    embedding = {
        **{"images_per_second": 12_345.6, "flops_per_sample": 5e9, "bytes_per_sample": 1e6},
        **{"precision": "bfloat16", "size": 160, "images": 8192},
    }
    lines = {"training-96-45": training(), "embedding-160": embedding, "evaluation": evaluation}
    record["speed"] = {"machine": MACHINE, "lines": lines}
    recall = {"1": 1.23, "5": 4.0, "10": 15.0}
    result = {
        **{"samples": 2_000_000, "samples_per_second": 9876.5, "seconds": 200.0, "memory_gib": 3.21},
        **{"recall": {"image_to_sentence": recall, "sentence_to_image": recall}},
    }
    record["trainings"] = {"a": {"outcome": "done", "result": result}, "b": {"outcome": "not begun"}}
    text = markdown(record)
    assert "7 passed, 1 failed, 0 skipped\n\n- test_a: it broke" in text
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    cells = {row[0]: row[1:] for row in rows}
    assert cells["Training, 96 px, bfloat16"] == [
        *("50", "10,000/s", "8,000/s", "2,000/s", "50,000/s", "2 %", "10 %"),
        "kernels that do not fill the card",
    ]
    assert cells["Embedding, 160 px, bfloat16"][1:3] == ["12,346/s", "10,000/s"]
    assert (
        cells["Evaluation, 5,000 × 25,000"][1:3] == ["0.50 s", "1 s"]
        and cells["Evaluation, 5,000 × 25,000"][5] == "10 %"
    )
    assert cells["a"] == ["2,000,000", "9,876", "3.3 min", "3.2 GiB", "1.2/4.0/15.0", "1.2/4.0/15.0", "done"]
    assert cells["b"][-1] == "not begun"
    assert "made-up GPU" in text and "2,000 GB/s" in text


def test_a_check_on_a_cpu_says_that_its_numbers_mean_nothing():
    assert "the numbers mean nothing" in markdown({"device": "cpu: x", "small": True})
