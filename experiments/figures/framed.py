"""An image in a frame, as a panel of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def show_framed(
    axis: Axes, image: Any, frame: str = "#bbbbbb", width: float = 0.8, interpolation: str | None = None
) -> None:
    """Draw an image without ticks; arguments as matplotlib takes them."""
    axis.imshow(image, interpolation=interpolation)
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(edgecolor=frame, linewidth=width)
