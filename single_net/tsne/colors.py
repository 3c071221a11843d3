"""The colors of a map."""

from __future__ import annotations

IMAGE, CAPTION = "#1f5fc4", "#d6352f"  # blue and red, as in the paper
THIRD = "#1f9d55"  # green


def cluster_colors(number: int) -> list[str]:
    """One color per cluster, "#rrggbb"; they repeat beyond twenty."""
    from matplotlib import color_sequences
    from matplotlib.colors import to_hex

    palette = color_sequences["tab20" if number > 10 else "tab10"]
    return [to_hex(palette[i % len(palette)]) for i in range(number)]
