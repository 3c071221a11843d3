"""Every published row, as printed, with its source. Figures measured here never stand in this file.

Recalls in percent, image-to-sentence R@1/5/10 and then sentence-to-image R@1/5/10; "-" where the source gives none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PAPER, LATER = "published", "published-later"


@dataclass(frozen=True)
class Published:
    """One row. `cells` are six strings as printed, None for a missing one."""

    model: str
    citation: str  # number in the paper's list of references, e.g. "[5]"; "" for the authors' own rows
    cells: tuple[str | None, ...]
    source: str
    kind: str = PAPER

    @property
    def row(self) -> str | None:
        """The configuration, e.g. "config-2", of the authors' own rows; None for others."""
        found = re.search(r"\((config-\w+)\)", self.model)
        return found[1] if found else None

    @property
    def label(self) -> str:
        return f"{self.model} {self.citation}".strip()


def _rows(source: str, printed: str, kind: str = PAPER) -> tuple[Published, ...]:
    rows = []
    for line in printed.strip().splitlines():
        *name, a, b, c, d, e, f = line.split()
        citation = name.pop() if re.fullmatch(r"\[\d+\]", name[-1]) else ""
        cells = tuple(None if cell == "-" else cell for cell in (a, b, c, d, e, f))
        rows.append(Published(" ".join(name), citation, cells, source, kind))
    return tuple(rows)


TABLE1 = _rows(
    "paper, Table 1",
    """
    DVSA [5]                      38.4  69.9  80.5    27.4  60.2  74.8
    HM-LSTM [55]                  43.9  -     87.8    36.1  -     86.7
    m-RNN-vgg [8]                 41.0  73.0  83.5    29.0  42.2  77.0
    Order-embedding [51]          46.7  -     88.9    37.9  -     85.9
    m-CNN(ensemble) [56]          42.8  73.1  84.1    32.6  68.6  82.8
    Structure Preserving [19]     50.1  79.7  89.2    39.6  75.2  86.9
    TextCNN [53]                  13.6  39.6  54.6    10.3  35.5  55.5
    FV-HGLMM [53]                 14.3  40.5  55.8    12.7  39.0  57.2
    Our Work (config-standard)    -     -     -       -     -     -
    Our Work (config-2)           12.50 30.10 40.0    11.18 32.22 45.76
    """,
)

TABLE2 = _rows(
    "paper, Table 2",
    """
    mCNN(ensemble) [56]           33.6  64.1  74.9    26.2  56.3  69.6
    m-RNN-vgg [8]                 35.4  63.8  73.7    22.8  50.7  63.1
    Deep CCA [57]                 27.9  56.9  68.2    26.8  52.9  66.9
    Structure Preserving [19]     40.3  68.9  79.9    29.7  60.1  72.1
    Two-Way Nets [58]             49.8  67.5  -       36.0  55.6  -
    Our Work (config-standard)    10.5  26.2  36.8    8.2   22.82 32.0
    Our Work (config-2)           14.5  33.0  42.6    10.5  26.74 37.2
    """,
)

# The picture imgs/results.png in github.com/kjanjua26/Do_Cross_Modal_Systems_Leverage_Semantic_Relationships at
# 7b0be85, the repository of the authors' follow-up paper (arXiv 1909.01976); read by eye.
FOLLOW_UP = "authors' follow-up"

TABLE1_LATER = _rows(
    FOLLOW_UP,
    """
    Our Work (config-standard)    13.2  30.4  41.9    12.2  33.0  46.7
    Our Work (config-2)           13.0  32.9  46.0    12.94 36.62 49.94
    Our Work (config-3)           40.0  64.4  76.7    30.9  62.7  73.7
    """,
    LATER,
)

TABLE2_LATER = _rows(
    FOLLOW_UP,
    """
    Our Work (config-standard)    10.5  26.2  36.8    8.2   22.82 32.0
    Our Work (config-2)           27.0  43.1  52.1    23.7  43.6  53.4
    """,
    LATER,
)

# github.com/Paranioar/Awesome_Matching_Pretraining_Transfering, performance.md at b56645d; in brackets the image
# features (for FV, as listed there, the text features).
FLICKR8K = _rows(
    "performance.md",
    """
    DeViSE (R-CNN)                          4.8   16.5  27.3    5.9   20.1  29.6
    SDT-RNN (AlexNet)                       4.5   18.0  28.6    6.1   18.5  29.0
    SDT-RNN (R-CNN)                         6.0   22.7  34.0    6.6   21.6  31.7
    DeFrag (AlexNet)                        5.9   19.2  27.3    5.2   17.6  26.5
    DeFrag (R-CNN)                          12.6  32.9  44.0    9.7   29.6  42.5
    m-RNN (AlexNet)                         14.5  37.2  48.5    11.5  31.0  42.4
    DVSA (R-CNN)                            16.5  40.6  54.2    11.8  32.1  44.7
    UVSE (VGG)                              18.0  40.9  55.0    12.5  37.0  51.5
    m-CNN, ensemble (VGG)                   24.8  53.7  67.1    20.3  47.6  61.7
    HM-LSTM (R-CNN)                         27.7  -     68.6    24.4  -     68.1
    SPE, structure preserving (VGG)         30.1  60.4  73.7    23.0  51.3  64.8
    FV (GMM+HGLMM)                          31.0  59.3  73.7    21.2  50.0  64.8
    2WayNet (VGG)                           43.4  63.2  -       29.3  49.7  -
    SCAN, ensemble (BUTD)                   52.2  81.0  89.2    38.3  67.8  78.9
    """,
)
