"""Every published cell against a second copy, typed independently: one string of six a line, in the paper's order."""

from __future__ import annotations

import pytest

from experiments.pages import main_table, study_csv
from experiments.published import of_the_authors, published_lines, read_published
from experiments.study import NAMES, read_study

PRINTED = {
    "table1": [
        ("DVSA [5]", ["38.4", "69.9", "80.5", "27.4", "60.2", "74.8"]),
        ("HM-LSTM [55]", ["43.9", "-", "87.8", "36.1", "-", "86.7"]),
        ("m-RNN-vgg [8]", ["41.0", "73.0", "83.5", "29.0", "42.2", "77.0"]),
        ("Order-embedding [51]", ["46.7", "-", "88.9", "37.9", "-", "85.9"]),
        ("m-CNN(ensemble) [56]", ["42.8", "73.1", "84.1", "32.6", "68.6", "82.8"]),
        ("Structure Preserving [19]", ["50.1", "79.7", "89.2", "39.6", "75.2", "86.9"]),
        ("TextCNN [53]", ["13.6", "39.6", "54.6", "10.3", "35.5", "55.5"]),
        ("FV-HGLMM [53]", ["14.3", "40.5", "55.8", "12.7", "39.0", "57.2"]),
        ("Our Work (config-standard)", ["-"] * 6),
        ("Our Work (config-2)", ["12.50", "30.10", "40.0", "11.18", "32.22", "45.76"]),
    ],
    "table2": [
        ("mCNN(ensemble) [56]", ["33.6", "64.1", "74.9", "26.2", "56.3", "69.6"]),
        ("m-RNN-vgg [8]", ["35.4", "63.8", "73.7", "22.8", "50.7", "63.1"]),
        ("Deep CCA [57]", ["27.9", "56.9", "68.2", "26.8", "52.9", "66.9"]),
        ("Structure Preserving [19]", ["40.3", "68.9", "79.9", "29.7", "60.1", "72.1"]),
        ("Two-Way Nets [58]", ["49.8", "67.5", "-", "36.0", "55.6", "-"]),
        ("Our Work (config-standard)", ["10.5", "26.2", "36.8", "8.2", "22.82", "32.0"]),
        ("Our Work (config-2)", ["14.5", "33.0", "42.6", "10.5", "26.74", "37.2"]),
    ],
    "table1_follow_up": [
        ("Our Work (config-standard)", ["13.2", "30.4", "41.9", "12.2", "33.0", "46.7"]),
        ("Our Work (config-2)", ["13.0", "32.9", "46.0", "12.94", "36.62", "49.94"]),
        ("Our Work (config-3)", ["40.0", "64.4", "76.7", "30.9", "62.7", "73.7"]),
    ],
    "table2_follow_up": [
        ("Our Work (config-standard)", ["10.5", "26.2", "36.8", "8.2", "22.82", "32.0"]),
        ("Our Work (config-2)", ["27.0", "43.1", "52.1", "23.7", "43.6", "53.4"]),
    ],
    "flickr8k_audio": [
        ("1-D CNN, ResNet-50's features", ["-", "-", "-", "3.60", "13.46", "21.14"]),
        ("best before Ilharco et al. 2019", ["-", "-", "-", "-", "-", "29.6"]),
        ("Ilharco et al. 2019", ["-", "-", "-", "-", "-", "49.5"]),
        ("best before Sanabria et al. 2021", ["-", "-", "-", "21.8", "-", "-"]),
        ("Sanabria et al. 2021", ["-", "-", "-", "33.2", "-", "-"]),
    ],
    "flickr8k": [
        ("DeViSE (R-CNN)", ["4.8", "16.5", "27.3", "5.9", "20.1", "29.6"]),
        ("SDT-RNN (AlexNet)", ["4.5", "18.0", "28.6", "6.1", "18.5", "29.0"]),
        ("SDT-RNN (R-CNN)", ["6.0", "22.7", "34.0", "6.6", "21.6", "31.7"]),
        ("DeFrag (AlexNet)", ["5.9", "19.2", "27.3", "5.2", "17.6", "26.5"]),
        ("DeFrag (R-CNN)", ["12.6", "32.9", "44.0", "9.7", "29.6", "42.5"]),
        ("m-RNN (AlexNet)", ["14.5", "37.2", "48.5", "11.5", "31.0", "42.4"]),
        ("DVSA (R-CNN)", ["16.5", "40.6", "54.2", "11.8", "32.1", "44.7"]),
        ("UVSE (VGG)", ["18.0", "40.9", "55.0", "12.5", "37.0", "51.5"]),
        ("m-CNN, ensemble (VGG)", ["24.8", "53.7", "67.1", "20.3", "47.6", "61.7"]),
        ("HM-LSTM (R-CNN)", ["27.7", "-", "68.6", "24.4", "-", "68.1"]),
        ("SPE, structure preserving (VGG)", ["30.1", "60.4", "73.7", "23.0", "51.3", "64.8"]),
        ("FV (GMM+HGLMM)", ["31.0", "59.3", "73.7", "21.2", "50.0", "64.8"]),
        ("2WayNet (VGG)", ["43.4", "63.2", "-", "29.3", "49.7", "-"]),
        ("SCAN, ensemble (BUTD)", ["52.2", "81.0", "89.2", "38.3", "67.8", "78.9"]),
    ],
}


@pytest.mark.parametrize("block", PRINTED)
def test_every_cell_as_printed(block):
    lines, _ = read_published(block)
    assert [(line.method, list(line.recalls)) for line in lines] == PRINTED[block]


def test_every_line_names_its_source():
    sources = {block: {line.source for line in read_published(block)[0]} for block in PRINTED}
    assert sources == {
        "table1": {"paper, Table 1"},
        "table2": {"paper, Table 2"},
        "table1_follow_up": {"authors' follow-up"},
        "table2_follow_up": {"authors' follow-up"},
        "flickr8k": {"survey list"},
        "flickr8k_audio": {"abstract", "student project"},
    }
    notes = {block: " ".join(read_published(block)[1]) for block in PRINTED}
    assert all("1807.07364" in notes[block] for block in ("table1", "table2"))
    assert all("1909.01976" in notes[block] and "7b0be85" in notes[block] for block in notes if "follow" in block)
    assert "performance.md at b56645d" in notes["flickr8k"]
    assert all(paper in notes["flickr8k_audio"] for paper in ("1909.08782", "2104.01894", "d093a0b"))


def test_published_recalls_of_speech_stand_in_the_columns_of_speech():
    study = read_study("sound")
    header, rows, _ = main_table(study, {})
    of = dict(zip(header, rows[2], strict=True))
    assert of["Method"] == "Ilharco et al. 2019" and of["s2i R@10"] == "49.5" and of["i2s R@10"] == "–"
    assert "49.5" in study_csv(study, []) and "synthetic speech" in " ".join(study.notes)


def test_every_block_is_shown():
    assert {block for name in NAMES for block in read_study(name).published} == set(PRINTED)


def test_the_authors_lines_know_their_configuration():
    assert [line.variant for line in published_lines(("table2",))] == [""] * 5 + ["config-standard", "config-2"]
    assert [line.variant for line in read_published("table1_follow_up")[0]] == [
        *("config-standard", "config-2", "config-3"),
    ]
    blocks = read_study("table1").published
    assert of_the_authors(blocks, "config-2").recalls[0] == "12.50"
    assert of_the_authors(blocks, "config-standard").recalls[0] == "13.2"  # empty in the paper
    assert of_the_authors(blocks, "nested") is None
