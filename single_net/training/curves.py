"""Training curves as a PNG."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.files import replacing
from single_net.training.log_file import LOSSES, read_log


def draw_curves(log: Path, image: Path) -> None:
    """Loss by part, learning rate and validation scores of a log.csv over the samples, as PNG."""
    from matplotlib.figure import Figure

    rows = read_log(log)
    lines = [row for row in rows if row["loss"]]
    scores = [row for row in rows if row["val_rsum"]]
    figure = Figure(figsize=(9, 8 if scores else 6), layout="constrained")
    panels = 3 if scores else 2
    axes = figure.subplots(panels, 1, sharex=True, height_ratios=[3, 1, 2][:panels])
    for name, label in LOSSES.items():
        points = [(int(row["samples"]), float(row[name])) for row in lines if row[name] and float(row[name]) > 0]
        if points:
            axes[0].set_yscale("log")
            axes[0].plot(*zip(*points, strict=True), label=label, linewidth=2 if name == "loss" else 1)
            axes[0].legend(frameon=False)
    axes[0].set_ylabel("loss")
    axes[1].plot([int(row["samples"]) for row in lines], [float(row["learning_rate"]) for row in lines], color="gray")
    axes[1].set_ylabel("learning rate")
    if scores:
        x = [int(row["samples"]) for row in scores]
        axes[2].plot(x, [float(row["val_rsum"]) for row in scores], marker="o")
        axes[2].set_ylabel("sum of recalls,\nvalidation set (%)")
        axes[2].set_ylim(bottom=0)
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel("samples")
    axes[-1].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.suptitle(f"training of {log.parent.name}")
    with replacing(image) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
