"""The t-SNE map as one HTML page: what one points at is shown, the photograph or the caption. No network, no server."""

from __future__ import annotations

import html
import json
from pathlib import Path

import numpy as np

from encoded_text.common.files import replacing
from single_net.common.html import fill_template, picture_uri
from single_net.tsne.plot import group_colours
from single_net.tsne.projection import CAPTION, PICTURE, TsneMap

THUMBNAIL = 112  # pixels


def save_page(
    tsne: TsneMap, pictures: np.ndarray, path: Path, *, groups: tuple[np.ndarray, list[str]] | None = None
) -> None:
    """Write the page; pictures: uint8 (n, height, width, 3), those of the map in its order. With `groups` (labels and
    names, as tsne.groups_of gives them) it is coloured by group.

    "#picture-3" or "#caption-12" behind the page's address points at that item, counted from 0.
    """
    if groups is None:
        colours, colour_of_picture = [], []
    else:
        labels, names = groups
        colours = [{"name": n, "colour": c} for n, c in zip(names, group_colours(len(names)), strict=True)]
        colour_of_picture = labels.tolist()
    low, high = tsne.places.min(axis=0), tsne.places.max(axis=0)
    places = (tsne.places - (low + high) / 2) / max(float((high - low).max()), 1e-9)  # the longer side becomes 1
    data = {
        "places": [[round(float(x), 4), round(float(-y), 4)] for x, y in places],  # downwards, as on a screen
        "names": list(tsne.data.ids),
        "pictures": [picture_uri(picture, THUMBNAIL) for picture in pictures],
        "captions": tsne.data.flat_captions,
        "owner": tsne.data.image_of_caption.tolist(),
        "groups": colours,
        "groupOfPicture": colour_of_picture,
        "colours": {"picture": PICTURE, "caption": CAPTION},
    }
    heading, _, note = tsne.title.partition("\n")
    page = fill_template(
        "tsne.html",
        title=html.escape(heading),
        note=html.escape(note),
        # Inside <script> only "<" could end the element: JSON may write it as an escape.
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
