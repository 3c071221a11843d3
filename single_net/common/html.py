"""Self-contained HTML pages: Jinja2 templates filled with escaped text, and images inside the page."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image


def render_page(template: str, **values: Any) -> str:
    """Fill a template.

    Every value is escaped where the template prints it. Data for a script are printed by the filter `tojson`, whose
    text cannot end a <script> element.

    Args:
        template: a file in single_net/templates.
        **values: what the template uses.

    Raises:
        jinja2.UndefinedError: a value is missing.
    """
    return _environment().get_template(template).render(values)


def image_uri(image: np.ndarray, side: int) -> str:
    """An image as a data: address, so that a page needs no other file.

    Args:
        image: uint8 (height, width, 3).
        side: width and height of the JPEG in pixels.
    """
    with io.BytesIO() as file:
        small = Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS)
        small.save(file, format="JPEG", quality=82)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("single_net"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment
