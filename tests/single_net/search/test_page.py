"""The page to search in, in a real browser: type, drop, click, read."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from browser import chromium
from PIL import Image

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

from served import BAD_NAME, SHARED, captioned_service, folder_service, running
from shapes import HOSTILE
from waiting import wait_until

from single_net.search.indexes import open_index

# Chromium has no test for what is dragged from another program: the same events, with a file made by the page.
DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0)), data = new DataTransfer();
data.items.add(new File([bytes], arguments[1], {type: arguments[2]}));
for (const kind of ["dragenter", "dragover", "drop"])
  document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
"""

# In one script: the page may replace what it shows between two calls.
READ = """
const done = document.getElementById("status").innerText.endsWith("nearest first");
if (!done || document.querySelector("#results.old")) return null;
return [...document.querySelectorAll("#results > li")].map(item => item.innerText);
"""
FOCUS = "return document.activeElement.id"
HEADING = "return document.querySelector('#query h2')?.innerText"


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        driver.set_page_load_timeout(60)
        yield driver


@pytest.fixture
def served(browser, tmp_path):
    """Serves a service, and gives its address. At the end the browser has logged no error and asked nobody else."""
    with contextlib.ExitStack() as block:
        addresses: list[str] = []

        def start(service) -> str:
            addresses.append(block.enter_context(running(service)))
            return addresses[-1]

        browser.get("about:blank")  # the browser's first page makes requests of its own
        for log in ("browser", "performance"):
            browser.get_log(log)
        yield start
        ports = {urlsplit(address).port for address in addresses}
        assert browser.get_log("browser") == []
        messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        assert asked
        for address in map(urlsplit, asked):
            assert address.scheme.startswith(("data", "blob", "chrome")) or (address.hostname, address.port) in {
                ("127.0.0.1", p) for p in ports
            }
        browser.get("about:blank")


def read(browser) -> list[str]:
    """The results, when they are there."""
    deadline = time.monotonic() + 60
    while (texts := browser.execute_script(READ)) is None:
        assert time.monotonic() < deadline, browser.find_element("id", "status").text
        time.sleep(0.05)
    return texts


def loaded(browser) -> bool:
    """Whether all images that are seen have been loaded and decoded."""
    script = """const seen = [...document.images].filter(i => i.getBoundingClientRect().top < innerHeight);
                return Promise.all(seen.map(i => i.decode())).then(() => seen.every(i => i.naturalWidth > 0));"""
    return browser.execute_script(script)


def png(color) -> str:
    with io.BytesIO() as file:
        Image.new("RGB", (60, 40), color).save(file, format="PNG")
        return base64.b64encode(file.getvalue()).decode()


@pytest.mark.slow
def test_an_index_that_grows_shows_its_progress(browser, served, tmp_path):
    browser.get(served(captioned_service(tmp_path)))
    place = tmp_path / "captioned.index"
    with open_index(place) as index:
        index.set_header(replace(index.header, expected=48))
        browser.refresh()
        wait_until(lambda: "12 of 48 images indexed" in browser.find_element("id", "info").text)
        bar = browser.find_element("id", "indexed")
        assert bar.is_displayed() and bar.get_property("position") == 0.25
        index.set_header(replace(index.header, expected=12))
    wait_until(lambda: browser.find_element("id", "info").text.endswith("12 images · 61 captions"))  # by itself
    assert not bar.is_displayed()


@pytest.mark.slow
def test_type_drop_click_and_read(browser, served, tmp_path):
    from selenium.webdriver.common.keys import Keys

    browser.get(served(captioned_service(tmp_path)))
    browser.switch_to.active_element.send_keys("A green zebra", Keys.ENTER)  # the field has the focus
    results = read(browser)
    assert len(results) == 12 and "green" in results[0] and "distance" in results[0]
    query = browser.find_element("id", "query")
    assert "zebra" in query.find_element("class name", "unencoded").text
    assert query.find_element("class name", "encoded").get_attribute("src").startswith("data:image/png")
    assert loaded(browser)
    assert browser.find_element("id", "info").text.endswith("12 images · 61 captions")

    name = browser.find_element("css selector", "#results .meta a")
    assert "/api/images/" in name.get_attribute("href") and name.text.endswith(".png")
    browser.find_element("css selector", "#results button").send_keys(Keys.ENTER)  # more like this, by the keyboard
    like = wait_until(lambda: len(read(browser)) == 11 and read(browser))
    assert "green" in like[0] and browser.execute_script(FOCUS) == "query"  # the button is gone
    browser.back()
    assert wait_until(lambda: len(read(browser)) == 12)
    browser.back()  # to the page as it was opened
    assert wait_until(lambda: not browser.find_elements("css selector", "#results > li"))
    assert not query.is_displayed() and browser.find_element("id", "text").get_attribute("value") == ""
    browser.forward()
    assert wait_until(lambda: len(read(browser)) == 12)

    browser.execute_script(DROP, png((200, 40, 40)), "mine <b>.png", "image/png")
    assert wait_until(lambda: browser.execute_script(HEADING) == "mine <b>.png")
    assert "red" in read(browser)[0] and loaded(browser)
    browser.find_element("css selector", "#results button").click()
    wait_until(lambda: browser.execute_script(HEADING) != "mine <b>.png" and read(browser))
    browser.back()  # to the file, which is not in the address
    assert wait_until(lambda: browser.execute_script(HEADING) == "mine <b>.png")
    assert "red" in read(browser)[0] and loaded(browser)
    browser.find_element("css selector", "#captions span").click()
    captions = wait_until(lambda: browser.find_elements("css selector", "#results .encoded") and read(browser))
    assert len(captions) == 24
    browser.execute_script("kept = fetch; fetch = () => Promise.reject(new TypeError('no network'))")
    browser.find_element("id", "more").click()
    assert wait_until(lambda: "does not answer" in browser.find_element("id", "status").text)
    assert len(browser.find_elements("css selector", "#results > li")) == 24  # what was found stays
    browser.execute_script("fetch = kept")
    browser.find_element("id", "more").send_keys(Keys.ENTER)
    captions = wait_until(lambda: len(read(browser)) == 48 and read(browser))
    assert browser.execute_script("return results.children[24].contains(document.activeElement)")
    browser.find_element("id", "more").click()
    captions = wait_until(lambda: len(read(browser)) == 61 and read(browser))
    assert any(SHARED in caption and "3 images" in caption for caption in captions)
    assert any(HOSTILE in caption for caption in captions) and browser.title == "Single-Net search"


@pytest.mark.slow
def test_a_phone_and_hostile_names(browser, served, tmp_path):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.get(served(folder_service(tmp_path)) + "#text=red&find=images")
    results = read(browser)
    assert any(BAD_NAME in result for result in results) and browser.title == "Single-Net search"
    assert not browser.find_element("id", "captions").is_displayed()
    width, columns = browser.execute_script(
        "return [document.documentElement.scrollWidth, getComputedStyle(results).gridTemplateColumns.split(' ').length]"
    )
    assert width <= 390 and columns == 2 and loaded(browser)
    browser.execute_script(DROP, base64.b64encode(b"text").decode(), "notes.txt", "text/plain")
    assert "is no image" in browser.find_element("id", "status").text
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.slow
def test_files_are_chosen_again_and_addresses_may_be_short(browser, served, tmp_path):
    browser.get(served(captioned_service(tmp_path)) + "#text=xyzzy")
    wait_until(lambda: "known" in browser.find_element("id", "status").text)
    assert browser.find_element("css selector", "[name=find]:checked").get_attribute("value") == "images"
    Image.new("RGB", (30, 30), (200, 40, 40)).save(tmp_path / "cat.png")
    for _ in range(2):
        browser.find_element("id", "file").send_keys(str(tmp_path / "cat.png"))
        assert wait_until(lambda: browser.execute_script(HEADING) == "cat.png")
        read(browser)
        field = browser.find_element("id", "text")
        field.clear()
        field.send_keys("green\n")
        assert wait_until(lambda: browser.execute_script(HEADING) == "green")
        read(browser)
    browser.get_log("browser")  # the refusal of unknown words


@pytest.mark.slow
def test_another_kind_is_looked_for_by_what_the_box_holds(browser, served, tmp_path):
    browser.get(served(captioned_service(tmp_path)) + "#text=red")
    read(browser)
    field = browser.find_element("id", "text")
    field.clear()
    field.send_keys("green")  # and no Enter
    browser.find_element("css selector", "#captions span").click()
    assert wait_until(lambda: browser.execute_script(HEADING) == "green" and "green" in read(browser)[0])
    frame = browser.find_element("css selector", "#results .picture").rect
    assert frame["height"] / frame["width"] == pytest.approx(0.4, abs=0.01)  # the words, and not the empty rest
    browser.execute_script("document.querySelector('#results button').click()")  # of a caption: the box is empty
    assert wait_until(lambda: browser.execute_script(HEADING) != "green" and field.get_attribute("value") == "")
    heading = browser.execute_script(HEADING)
    browser.find_element("css selector", "#captions span").click()
    assert wait_until(lambda: browser.find_elements("css selector", "#results .encoded") and read(browser))
    assert browser.execute_script(HEADING) == heading


@pytest.mark.slow
def test_an_answer_that_breaks_off(browser, served, tmp_path):
    browser.get(served(folder_service(tmp_path)))
    browser.execute_script("fetch = () => Promise.resolve(new Response('{\"results\": ['))")
    browser.find_element("id", "text").send_keys("red\n")
    assert wait_until(lambda: browser.find_element("id", "status").text == "The answer broke off: try again")
    browser.execute_script("fetch = () => Promise.resolve(new Response('<html>', {status: 502}))")
    browser.find_element("id", "text").send_keys("\n")
    assert wait_until(lambda: browser.find_element("id", "status").text == "the server answered 502")


# Names and roles as a screen reader is given them.
HEARD = """
return [...results.children].map(card => {
  const shown = card.cloneNode(true);
  for (const hidden of shown.querySelectorAll("[aria-hidden=true]")) hidden.remove();
  const images = [...shown.querySelectorAll("img")].map(image => image.alt);
  const buttons = [...shown.querySelectorAll("button")].map(button => button.ariaLabel);
  for (const button of shown.querySelectorAll("button")) button.remove();
  return [shown.textContent, ...images, ...buttons].join("|");
});
"""


@pytest.mark.slow
def test_a_screen_reader_hears_each_result_once(browser, served, tmp_path):
    browser.get(served(captioned_service(tmp_path)) + "#text=red")
    texts = read(browser)
    for text, heard in zip(texts, browser.execute_script(HEARD), strict=True):
        caption, *_, name, _ = text.splitlines()
        assert heard.count(caption) == 1 and heard.count(name) == 2  # once as the name of the button
    for listed in ("#results", ".words"):
        assert browser.find_element("css selector", listed).get_attribute("role") == "list"
    images = browser.find_elements("css selector", "#results img")
    assert images and all(image.get_attribute("loading") == "lazy" for image in images)


CONTRAST = """
const linear = value => value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const light = color => {
  const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const page = getComputedStyle(document.body).backgroundColor;
return ["#text", "fieldset", "#choose"].map(name => {
  const edge = getComputedStyle(document.querySelector(name)).borderTopColor;
  const [low, high] = [light(edge), light(page)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
});
"""
FILLS = """
return [...document.querySelectorAll("fieldset input")].map(radio =>
  [radio.checked, getComputedStyle(radio.nextElementSibling).backgroundColor]);
"""


@pytest.mark.slow
def test_controls_are_seen_in_all_color_schemes(browser, served, tmp_path):
    browser.get(served(captioned_service(tmp_path)))
    try:
        for scheme in ("light", "dark"):
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            assert min(browser.execute_script(CONTRAST)) >= 3  # WCAG 2.2, 1.4.11
        features = [{"name": "forced-colors", "value": "active"}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        fills = dict(map(tuple, browser.execute_script(FILLS)))
        assert fills[True] != fills[False]
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
