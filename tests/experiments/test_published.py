"""Every published cell against a second copy, typed independently: one string of six a row, in the paper's order."""

from __future__ import annotations

import pytest

from experiments import flickr8k, table1, table2
from experiments.published import FLICKR8K, TABLE1, TABLE1_LATER, TABLE2, TABLE2_LATER

PRINTED = {
    "table1": (
        TABLE1,
        [
            ("DVSA [5]", ["38.4", "69.9", "80.5", "27.4", "60.2", "74.8"]),
            ("HM-LSTM [55]", ["43.9", None, "87.8", "36.1", None, "86.7"]),
            ("m-RNN-vgg [8]", ["41.0", "73.0", "83.5", "29.0", "42.2", "77.0"]),
            ("Order-embedding [51]", ["46.7", None, "88.9", "37.9", None, "85.9"]),
            ("m-CNN(ensemble) [56]", ["42.8", "73.1", "84.1", "32.6", "68.6", "82.8"]),
            ("Structure Preserving [19]", ["50.1", "79.7", "89.2", "39.6", "75.2", "86.9"]),
            ("TextCNN [53]", ["13.6", "39.6", "54.6", "10.3", "35.5", "55.5"]),
            ("FV-HGLMM [53]", ["14.3", "40.5", "55.8", "12.7", "39.0", "57.2"]),
            ("Our Work (config-standard)", [None] * 6),
            ("Our Work (config-2)", ["12.50", "30.10", "40.0", "11.18", "32.22", "45.76"]),
        ],
    ),
    "table2": (
        TABLE2,
        [
            ("mCNN(ensemble) [56]", ["33.6", "64.1", "74.9", "26.2", "56.3", "69.6"]),
            ("m-RNN-vgg [8]", ["35.4", "63.8", "73.7", "22.8", "50.7", "63.1"]),
            ("Deep CCA [57]", ["27.9", "56.9", "68.2", "26.8", "52.9", "66.9"]),
            ("Structure Preserving [19]", ["40.3", "68.9", "79.9", "29.7", "60.1", "72.1"]),
            ("Two-Way Nets [58]", ["49.8", "67.5", None, "36.0", "55.6", None]),
            ("Our Work (config-standard)", ["10.5", "26.2", "36.8", "8.2", "22.82", "32.0"]),
            ("Our Work (config-2)", ["14.5", "33.0", "42.6", "10.5", "26.74", "37.2"]),
        ],
    ),
    "table1 later": (
        TABLE1_LATER,
        [
            ("Our Work (config-standard)", ["13.2", "30.4", "41.9", "12.2", "33.0", "46.7"]),
            ("Our Work (config-2)", ["13.0", "32.9", "46.0", "12.94", "36.62", "49.94"]),
            ("Our Work (config-3)", ["40.0", "64.4", "76.7", "30.9", "62.7", "73.7"]),
        ],
    ),
    "table2 later": (
        TABLE2_LATER,
        [
            ("Our Work (config-standard)", ["10.5", "26.2", "36.8", "8.2", "22.82", "32.0"]),
            ("Our Work (config-2)", ["27.0", "43.1", "52.1", "23.7", "43.6", "53.4"]),
        ],
    ),
    "flickr8k": (
        FLICKR8K,
        [
            ("DeViSE (R-CNN)", ["4.8", "16.5", "27.3", "5.9", "20.1", "29.6"]),
            ("SDT-RNN (AlexNet)", ["4.5", "18.0", "28.6", "6.1", "18.5", "29.0"]),
            ("SDT-RNN (R-CNN)", ["6.0", "22.7", "34.0", "6.6", "21.6", "31.7"]),
            ("DeFrag (AlexNet)", ["5.9", "19.2", "27.3", "5.2", "17.6", "26.5"]),
            ("DeFrag (R-CNN)", ["12.6", "32.9", "44.0", "9.7", "29.6", "42.5"]),
            ("m-RNN (AlexNet)", ["14.5", "37.2", "48.5", "11.5", "31.0", "42.4"]),
            ("DVSA (R-CNN)", ["16.5", "40.6", "54.2", "11.8", "32.1", "44.7"]),
            ("UVSE (VGG)", ["18.0", "40.9", "55.0", "12.5", "37.0", "51.5"]),
            ("m-CNN, ensemble (VGG)", ["24.8", "53.7", "67.1", "20.3", "47.6", "61.7"]),
            ("HM-LSTM (R-CNN)", ["27.7", None, "68.6", "24.4", None, "68.1"]),
            ("SPE, structure preserving (VGG)", ["30.1", "60.4", "73.7", "23.0", "51.3", "64.8"]),
            ("FV (GMM+HGLMM)", ["31.0", "59.3", "73.7", "21.2", "50.0", "64.8"]),
            ("2WayNet (VGG)", ["43.4", "63.2", None, "29.3", "49.7", None]),
            ("SCAN, ensemble (BUTD)", ["52.2", "81.0", "89.2", "38.3", "67.8", "78.9"]),
        ],
    ),
}


@pytest.mark.parametrize("name", PRINTED)
def test_every_cell_as_printed(name):
    rows, printed = PRINTED[name]
    assert [(row.label, list(row.cells)) for row in rows] == printed


def test_every_row_names_its_source():
    assert {row.source for row in TABLE1} == {"paper, Table 1"}
    assert {row.source for row in TABLE2} == {"paper, Table 2"}
    assert {(row.source, row.kind) for row in TABLE1_LATER + TABLE2_LATER} == {
        ("authors' follow-up", "published-later")
    }
    assert {(row.source, row.kind) for row in FLICKR8K} == {("performance.md", "published")}
    for table, source in ((table1, "1909.01976"), (table2, "1909.01976"), (flickr8k, "performance.md at b56645d")):
        assert source in " ".join(table.TABLE.notes)


def test_the_authors_rows_know_their_configuration():
    assert [row.row for row in TABLE2] == [None] * 5 + ["config-standard", "config-2"]
    assert [row.row for row in TABLE1_LATER] == ["config-standard", "config-2", "config-3"]
