"""Self-contained HTML pages: templates and inlined images."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 192  # of a picture, and how wide a caption is, in pixels


def picture_uri(picture: np.ndarray, side: int = SIDE) -> str:
    """A picture, uint8 (height, width, 3), as a JPEG of side x side pixels in a data: address."""
    with io.BytesIO() as file:
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        small.save(file, format="JPEG", quality=82)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def fill_template(name: str, **values: str) -> str:
    """The page single_net/templates/NAME with each {{key}} replaced by its value, which must be escaped already."""
    text = (Path(__file__).parent.parent / "templates" / name).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)  # in one pass: values may hold braces too
