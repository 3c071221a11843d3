"""Contact sheets as HTML: every item is on them, and no caption becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from shapes import HOSTILE

from single_net.search.sheet_page import save_page


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_page_needs_nothing_else_and_escapes_every_text(sheet, tmp_path):
    save_page(sheet, tmp_path / "sheet.html")
    text = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    page = Elements()
    page.feed(text)
    assert [tag for tag, _ in page.tags].count("script") == 0
    assert [tag for tag, _ in page.tags].count("b") == 0
    assert page.text.count(HOSTILE) == 6  # title and heading; a caption and a note in each section
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(images) == 6 and all(attrs["src"].startswith("data:image/jpeg;base64,") for attrs in images)
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", text) and "http://" not in text and "https://" not in text
    owned = [attrs for tag, attrs in page.tags if tag == "figure" and "own" in attrs["class"].split()]
    assert len(owned) == 4
