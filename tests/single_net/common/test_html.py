"""Pages: values stay text, and a missing one is an error."""

from __future__ import annotations

import base64
import io
import json
import re

import jinja2
import numpy as np
import pytest
from PIL import Image
from shapes import HOSTILE

from single_net.common.html import image_uri, render_page


def test_values_are_text_and_not_markup_or_templates():
    text = render_page("tsne.html", title="{{ note }} <b>", note=HOSTILE, pairs=False, third="", data={})
    assert text.count("{{ note }} &lt;b&gt;") == 2 and "<b>" not in text
    assert text.count("<script") == 2 and "taken over" in text


def test_data_for_a_script_are_json_that_cannot_end_it():
    data = {"captions": [HOSTILE, "<!--", "ein Hündchen \u2028 🐕", "caf\udce9.jpg", 'quotes " and \\']}
    text = render_page("tsne.html", title="t", note="n", pairs=True, third="", data=data)
    inside = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1]
    assert json.loads(inside) == data and "<" not in inside


def test_a_missing_value_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        render_page("tsne.html", title="t", data={})


def test_an_image_is_inside_its_address():
    image = np.full((40, 60, 3), (200, 30, 30), np.uint8)
    kind, _, encoded = image_uri(image, 16).partition(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as inside:
        assert inside.size == (16, 16) and np.abs(np.asarray(inside).astype(int) - image[0, 0]).max() < 6
