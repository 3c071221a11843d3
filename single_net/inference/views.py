"""The views of an image at test time, as boxes."""

from __future__ import annotations

from encoded_text.common.arguments import require_choice

CORNER = 0.85  # width and height of a corner crop; tried on Flickr8k's validation set

Box = tuple[float, float, float, float]


def view_boxes(kind: str) -> list[Box]:
    """The views of an image (Krizhevsky et al. 2012 average predictions over corners, center and mirror images).

    Args:
        kind: "none": the image alone; "mirror": and its mirror image; "corners": and four corner crops of CORNER
            times its width and height, and their mirror images.

    Returns:
        Width, height, center x and center y of each, as shares of the image; the width of a mirrored one is negative.

    Raises:
        InputError: another kind.
    """
    require_choice("test_time_augmentation", kind, ("none", "mirror", "corners"))
    near, far = CORNER / 2, 1 - CORNER / 2
    corners = [(CORNER, CORNER, x, y) for x in (near, far) for y in (near, far)] if kind == "corners" else []
    signs = (1,) if kind == "none" else (1, -1)
    return [(sign * width, height, x, y) for width, height, x, y in [(1.0, 1.0, 0.5, 0.5), *corners] for sign in signs]
