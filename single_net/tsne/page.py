"""The t-SNE map as one HTML page that shows the item under the pointer, without network or server."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from encoded_text.common.files import write_atomic
from single_net.common.html import image_uri, render_page
from single_net.tsne.clusters import Clusters
from single_net.tsne.colors import CAPTION, IMAGE, THIRD, cluster_colors
from single_net.tsne.projection import TsneMap

THUMBNAIL = 112  # width and height of an image in pixels


def save_page(
    tsne: TsneMap, images: np.ndarray, path: Path, *, pairs: bool = False, clusters: Clusters | None = None
) -> None:
    """Write the page.

    "#image-3", "#caption-12" or, of a third modality, "#third-12" at the end of its address shows that item, counted
    from 0. An item of a third modality is shown by its caption and image.

    Args:
        tsne: the map.
        images: uint8 (n, height, width, 3), the images of the map in its order.
        path: the HTML file.
        pairs: at first an image and its captions are joined by lines; a box on the page changes that.
        clusters: colors the map by cluster, not by modality.

    Raises:
        InputError: the file cannot be written there.
    """
    low, high = tsne.places.min(axis=0), tsne.places.max(axis=0)
    places = (tsne.places - (low + high) / 2) / max(float((high - low).max()), 1e-9)  # the longer side becomes 1
    data = {
        "places": [[round(float(x), 4), round(float(-y), 4)] for x, y in places],  # y downwards, as on a screen
        "ids": list(tsne.data.ids),
        "images": [image_uri(image, THUMBNAIL) for image in images],
        "captions": tsne.data.flat_captions,
        "imageOfCaption": tsne.data.image_of_caption.tolist(),
        "third": tsne.third,
        "captionOfThird": tsne.caption_of_third.tolist(),
        "clusters": _legend(clusters) if clusters else [],
        "clusterOfImage": clusters.labels.tolist() if clusters else [],
        "colors": {"image": IMAGE, "caption": CAPTION, "third": THIRD},
    }
    title, _, note = tsne.title.partition("\n")
    note = note.replace("\n", "; ")
    write_atomic(path, render_page("tsne.html", title=title, note=note, pairs=pairs, third=tsne.third, data=data))


def _legend(clusters: Clusters) -> list[dict[str, str]]:
    colors = cluster_colors(len(clusters.names))
    return [{"name": name, "color": color} for name, color in zip(clusters.names, colors, strict=True)]
