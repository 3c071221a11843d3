"""What is computed for cards on which nothing was measured."""

from __future__ import annotations

import pytest

from experiments.bench.training_step import flops
from experiments.gpu_check import estimate
from experiments.gpu_check.estimate import CARDS, Card, samples_per_second
from experiments.gpu_check.memory_traffic import bytes_moved
from experiments.study import HERE
from single_net.config import load_config


@pytest.mark.slow
def test_the_nearer_limit_decides():
    operations, traffic = flops(80, backward=True), bytes_moved(80, 45, backward=True) / 45
    assert samples_per_second(Card("slow arithmetic", 1e9, 1e15, 0), 80, 45) == pytest.approx(0.5 * 1e9 / operations)
    assert samples_per_second(Card("slow memory", 1e18, 1e9, 0), 80, 45) == pytest.approx(0.5 * 1e9 / traffic)


def test_tables_have_a_line_for_each_card_and_each_line_of_the_tables(monkeypatch):
    monkeypatch.setattr(estimate, "_flops", lambda size: 1e9)
    monkeypatch.setattr(estimate, "bytes_moved", lambda size, samples, backward: 1e9 * samples)
    monkeypatch.setattr(estimate, "_saved", lambda size: 1 << 20)
    assert all(f"| {card.name} " in estimate.speeds() for card in CARDS)
    h100 = 0.5 * 3.35e12 / 1e9
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in estimate.hours().splitlines()[2:]]
    assert [row[0] for row in rows] == ["Flickr8k"] * 3 + ["Flickr30K"] * 3 + ["COCO"] * 3
    nested = rows[2]  # 6,000 images, each with a caption; 48 of them in a batch
    seen = 12_000 * load_config(HERE / "configs" / "flickr8k_nested.toml").training.epochs
    assert nested[1:5] == ["nested", "96 px", "96", f"{float(f'{seen:.2g}'):,.0f}"]
    assert nested[5] == f"{seen / h100 / 60:.1f} min"
    assert estimate.memories().splitlines()[-1].split("|")[2].strip() == "0.8 GiB"  # 16 bytes a parameter, and 0.5 GiB
