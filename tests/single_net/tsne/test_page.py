"""The page of the map, in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from browser import chromium
from shapes import HOSTILE

from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.inference.embedding_cache import embed_dataset
from single_net.inference.model import Model
from single_net.tsne.clusters import Clusters
from single_net.tsne.page import save_page
from single_net.tsne.projection import TsneMap

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def page_data(page: Path) -> dict:
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.mark.slow
def test_the_page_holds_everything_and_asks_for_nothing(made):
    text = (made / "map.html").read_text(encoding="utf-8")
    assert text.count("<script") == 2 and "http://" not in text and "https://" not in text
    data = page_data(made / "map.html")
    assert len(data["places"]) == 72 and len(data["images"]) == 12 and len(data["captions"]) == 60
    assert np.abs(np.array(data["places"])).max() <= 0.5
    assert data["imageOfCaption"] == [i // 5 for i in range(60)]


@pytest.mark.slow
def test_pairs_are_joined_at_first_as_the_command_was_asked(made, embedded, tmp_path):
    assert 'id="show-pairs" checked' in (made / "map.html").read_text(encoding="utf-8")
    places = np.random.default_rng(0).normal(size=(72, 2)).astype("f4")
    tsne = TsneMap(embedded.data, places, (1.0, 1.0), (0.5, 0.5), 0.1)
    save_page(tsne, np.zeros((12, 8, 8, 3), np.uint8), tmp_path / "plain.html")
    assert 'id="show-pairs">' in (tmp_path / "plain.html").read_text(encoding="utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
@pytest.mark.parametrize(
    "item, shown", [("caption-7", "caption of test1.png"), ("image-0", "image test0.png"), ("caption-60", None)]
)
def test_a_real_browser_opens_it_without_network_and_without_errors(made, tmp_path, item, shown):
    done = browse(made / "map.html", item, tmp_path)
    assert 'data-points="72"' in done.stdout  # the script ran to its end
    assert not re.search("CONSOLE|ERR_", done.stderr), done.stderr
    panel = re.search(r'<div id="shown"(.*?)</div></main>', done.stdout, re.DOTALL)[1]
    if shown is None:
        assert panel.startswith(' hidden=""')
    else:
        assert shown in panel and "<img src=" in panel and not panel.startswith(" hidden")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
def test_captions_are_text_in_a_real_browser(untrained_run, tmp_path):
    model = Model.load(untrained_run)
    data = load_dataset("table", model.config.data.root, "test")
    of_all = embed_dataset(model, data)
    [hostile] = [i for i, caption in enumerate(data.flat_captions) if caption == HOSTILE]
    one = TsneMap(
        data, np.random.default_rng(0).normal(size=(12 + 61, 2)).astype(np.float32), (1.0, 2.0), (0.5, 0.5), 0.5
    )
    save_page(
        one,
        prepare_images(of_all.data, 75)[1],
        tmp_path / "page.html",
        clusters=Clusters(np.arange(12) % 2, ["<i>", "b"]),
    )
    done = browse(tmp_path / "page.html", f"caption-{hostile}", tmp_path)
    assert "<title>table test: 12 images, 61 captions</title>" in done.stdout
    assert 'class="main">a red &lt;/script&gt;&lt;script&gt;' in done.stdout
    assert "&lt;i&gt;" in done.stdout and "CONSOLE" not in done.stderr


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
@pytest.mark.parametrize("item, shown", [("third-1", "speech of a caption of test1.png"), ("third-2", None)])
def test_a_third_modality_has_its_own_dots(embedded, tmp_path, item, shown):
    """Two captions are spoken, those of images 0 and 1."""
    places = np.random.default_rng(0).normal(size=(72 + 2, 2)).astype(np.float32)
    places[-1] = 100  # the whole map fits the page, its last point too
    spoken = TsneMap(embedded.data, places, (1.0, 1.0), (0.5, 0.5), 0.1, "speech", np.array([3, 7]))
    save_page(spoken, np.zeros((12, 8, 8, 3), np.uint8), tmp_path / "page.html", pairs=True)
    assert np.abs(np.array(page_data(tmp_path / "page.html")["places"])).max() <= 0.5
    done = browse(tmp_path / "page.html", item, tmp_path)
    assert 'data-points="74"' in done.stdout and "CONSOLE" not in done.stderr
    assert re.search('id="show-third" checked="">.*background: rgb.*> speech</label>', done.stdout)
    panel = re.search(r'<div id="shown"(.*?)</div></main>', done.stdout, re.DOTALL)[1]
    if shown is None:
        assert panel.startswith(' hidden=""')
    else:
        assert shown in panel and embedded.data.flat_captions[7] in panel


def browse(page: Path, item: str, profile: Path) -> subprocess.CompletedProcess:
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        *(f"--disable-{what}" for what in quiet),
        "--no-first-run",
        f"--user-data-dir={profile / 'profile'}",
    ]
    command += ["--enable-logging=stderr", "--dump-dom", f"{page.as_uri()}#{item}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
def test_a_tap_shows_an_item_and_leaves_it_there(made, tmp_path):
    with chromium(tmp_path / "profile") as browser:
        phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
        browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        browser.get((made / "map.html").as_uri())
        x, y = browser.execute_script(
            "const [x, y] = onScreen(0), box = canvas.getBoundingClientRect(); return [x + box.left, y + box.top];"
        )
        finger = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", finger)
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        time.sleep(0.3)
        assert "image test0.png" in browser.find_element("id", "shown").text
        assert browser.get_log("browser") == []


@pytest.mark.slow
def test_the_map_is_used_by_keyboard_and_zoomed_by_buttons(made, tmp_path):
    with chromium(tmp_path / "profile") as browser:
        browser.get((made / "map.html").as_uri())
        canvas, shown = browser.find_element("id", "map"), browser.find_element("id", "shown")
        assert canvas.get_attribute("role") == "img" and not shown.is_displayed()
        for told in (canvas.get_attribute("aria-label"), browser.find_element("tag name", "header").text):
            assert "arrow keys: next item, + and -: zoom, Esc: reset" in told
        canvas.send_keys("\ue014\ue014")  # right, twice
        assert "image test1.png" in shown.text
        canvas.send_keys("\ue012\ue012")  # left, from the first to the last
        assert "caption of test" in shown.text
        for button, scale in (("in", 1.5), ("in", 2.25), ("out", 1.5), ("reset", 1)):
            browser.find_element("id", button).click()
            assert browser.execute_script("return view.scale") == pytest.approx(scale)
        assert not shown.is_displayed()
        browser.find_element("id", "find").send_keys("no such words")
        canvas.send_keys("\ue014")
        assert not shown.is_displayed()
