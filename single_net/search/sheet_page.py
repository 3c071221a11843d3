"""A contact sheet as one HTML page."""

from __future__ import annotations

from pathlib import Path

from single_net.common.html import image_uri, write_page
from single_net.search.sheet import SIDE, Sheet


def save_page(sheet: Sheet, path: Path) -> None:
    """Write the sheet as one HTML file: images inside, no script, no network, all text escaped.

    Args:
        sheet: to be written.
        path: the HTML file.

    Raises:
        InputError: the file cannot be written there.
    """
    write_page(path, "sheet.html", sheet=sheet, image_uri=lambda image: image_uri(image, SIDE))
