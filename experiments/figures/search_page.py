"""Screenshots of the page to search in: synthetic scenes, in a wide window and on a phone."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from encoded_text.common.errors import InputError
from encoded_text.common.files import write_atomic
from experiments.figures.browser import chromium
from experiments.serving import serving
from single_net.inference.lazy_model import LazyModel
from single_net.search.indexes import Source
from single_net.search.indexing import update_index

QUERY = "a boy and a dog on the beach"
WINDOWS = {"": (1180, 900, False), "-phone": (390, 844, True)}  # by ending of the file: width, height, is a phone
_SECONDS = 120  # for results to be there
# The results are there, and all images that are seen have been decoded.
_READY = """
const done = document.getElementById("status").innerText.endsWith("nearest first");
if (!done || document.querySelector("#results.old")) return false;
const seen = [...document.images].filter(i => i.getBoundingClientRect().top < innerHeight);
return Promise.all(seen.map(i => i.decode())).then(() => seen.every(i => i.naturalWidth > 0), () => false);
"""


def draw(run: Path, path: Path) -> list[Path]:
    """Index the scenes' test split by a run, serve the index, and take a PNG of the page in each of WINDOWS.

    Args:
        run: folder of a run trained on the synthetic scenes.
        path: the first PNG file; the other one has "-phone" before its suffix.

    Returns:
        Both.

    Raises:
        InputError: there is no browser here.
    """
    paths = [path.with_name(path.stem + ending + path.suffix) for ending in WINDOWS]
    place = run / "scenes.index"  # that of `make search`
    update_index(place, LazyModel(run), Source("scenes", split="test"))
    with tempfile.TemporaryDirectory() as folder:
        try:
            with serving(place) as server, chromium(Path(folder)) as browser:
                for (width, height, mobile), target in zip(WINDOWS.values(), paths, strict=True):
                    _shoot(browser, f"{server.address}#text={quote(QUERY)}&find=images", width, height, mobile, target)
        except RuntimeError as error:
            raise InputError(f"no screenshot of the page: {error}") from error
    return paths


def _shoot(browser: Any, address: str, width: int, height: int, mobile: bool, path: Path) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")  # else only the part after # would change
    browser.get(address)
    deadline = time.monotonic() + _SECONDS
    while not browser.execute_script(_READY):
        if time.monotonic() > deadline:
            raise RuntimeError(f"no results within {_SECONDS} s: {browser.find_element('id', 'status').text}")
        time.sleep(0.1)
    write_atomic(path, browser.get_screenshot_as_png())
