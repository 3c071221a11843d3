"""Training curves as a PNG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from encoded_text.common.files import replacing
from single_net.training.log_file import LOSSES, read_log


def draw_curves(log: Path, image: Path, weights: Mapping[str, float]) -> None:
    """Loss by part, learning rate and validation scores of a log.csv over the samples, as PNG.

    Args:
        log: with the terms of the loss as they are, without their weights.
        image: the PNG file.
        weights: of the terms by name. A term is drawn times its weight, so that the parts add up to the total; the
            contrastive part, whose weight is ramped up, is what the others leave of it.
    """
    from matplotlib.figure import Figure

    rows = read_log(log)
    lines = [row for row in rows if row["loss"]]
    scores = [row for row in rows if row["val_rsum"]]
    figure = Figure(figsize=(9, 8 if scores else 6), layout="constrained")
    panels = 3 if scores else 2
    axes = figure.subplots(panels, 1, sharex=True, height_ratios=[3, 1, 2][:panels])
    for name in LOSSES:
        points = [(int(row["samples"]), part) for row in lines if (part := _part(row, name, weights)) > 0]
        if points:
            axes[0].set_yscale("log")
            label, width = ("total", 2) if name == "loss" else (name, 1)
            axes[0].plot(*zip(*points, strict=True), label=label, linewidth=width)
            axes[0].legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    axes[0].set_ylabel("loss, and its weighted parts")
    axes[1].plot([int(row["samples"]) for row in lines], [float(row["learning_rate"]) for row in lines], color="gray")
    axes[1].set_ylabel("learning rate")
    if scores:
        x = [int(row["samples"]) for row in scores]
        axes[2].plot(x, [float(row["val_rsum"]) for row in scores], marker="o", label="validation set")
        axes[2].plot(x, [float(row["train_rsum"]) for row in scores], marker="o", label="as many training images")
        axes[2].legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        axes[2].set_ylabel("sum of recalls (%)")
        axes[2].set_ylim(0, 1.05 * max(axes[2].get_ylim()[1], 1))
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel("samples")
    axes[-1].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.suptitle(f"training of {log.parent.name}")
    with replacing(image) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def _part(row: Mapping[str, str], name: str, weights: Mapping[str, float]) -> float:
    """What a term contributes to the total of a line of the log; 0 if it is not drawn."""
    if name == "loss":
        return float(row["loss"])
    if not row[name]:
        return 0.0
    if name != "contrastive":
        return weights.get(name, 0.0) * float(row[name])
    others = [_part(row, other, weights) for other in LOSSES if other not in ("loss", "contrastive")]
    left = float(row["loss"]) - sum(others)
    return left if left > 1e-4 * float(row["loss"]) else 0.0  # the log's five digits hold no more
