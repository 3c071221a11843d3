"""Quotes in tables: captions of several lines are read, and rows that a stray quote would swallow are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from encoded_text import InputError
from single_net.data.load import load_dataset


def table(folder: Path, header: str, *rows: str, images: str = "abcd") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in images:
        Image.new("RGB", (8, 8)).save(folder / f"{name}.jpg")
    path = folder / "captions.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


SWALLOWED = {
    "image first": ("image,caption,split", 'a.jpg,"Hello,test', "b.jpg,B,test", 'c.jpg,C",test', "d.jpg,D,test"),
    "one row": ("image,caption,split", 'a.jpg,"Hello,test', 'b.jpg,B",test', "d.jpg,D,test"),
    "caption first": ("caption,image,split", '"Hello,a.jpg,test', "B,b.jpg,test", 'C",c.jpg,test', "D,d.jpg,test"),
    "semicolons": ("image;caption;split", 'a.jpg;"Hello;test', "b.jpg;B;test", 'c.jpg;C";test', "d.jpg;D;test"),
    "quoted names": ("image,caption,split", '"a.jpg","Hello,test', '"b.jpg",B",test', "d.jpg,D,test"),
    "other names": ("split,text,file_name", 'test,"Hello,a.jpg', "test,B,b.jpg", 'test,C",c.jpg', "test,D,d.jpg"),
}


@pytest.mark.parametrize("rows", SWALLOWED.values(), ids=SWALLOWED)
def test_a_quote_that_swallows_rows_is_named(tmp_path, rows):
    path = table(tmp_path, *rows)
    with pytest.raises(InputError, match=r"captions.csv line 2: .*: double the quotes of a caption, or write none"):
        load_dataset("table", path)
    kept = load_dataset("table", path, skip_bad=True)
    assert "d.jpg" in kept.ids and "a.jpg" not in kept.ids


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("image,caption,split", 'a.jpg,"A kite,\nred, blue, and as in kites.jpg\nmore",test'),
        ("caption,image,split", '"A kite,\nred, blue\nmore",a.jpg,test'),
        ("caption,image,split", '"A ""kite""\nred",a.jpg,test'),
    ],
)
def test_a_caption_of_several_lines_is_read(tmp_path, header, row):
    data = load_dataset("table", table(tmp_path, header, row, images="a"))
    assert data.ids == ["a.jpg"] and data.captions[0][0].startswith("A ") and data.captions[0][0][-1] in "de"


def test_a_row_that_is_not_csv_is_left_out_with_skip_bad(tmp_path):
    path = table(tmp_path, "image,caption,split", "a.jpg,A,test", 'b.jpg,"Stop" it says,test', "c.jpg,C,test")
    with pytest.raises(InputError, match=r"line 3: not CSV .*double the quotes.* \(in all row of the wrong form: 1\)"):
        load_dataset("table", path)
    data = load_dataset("table", path, skip_bad=True)
    assert data.ids == ["a.jpg", "c.jpg"] and data.skipped == {"row of the wrong form": 1}


def test_every_row_that_a_stray_quote_may_have_swallowed_is_counted(tmp_path):
    rows = ["a.jpg,A,test", 'b.jpg,"Hello,test', "c.jpg,C,test", 'd.jpg,says "stop" here,test', "a.jpg,again,test"]
    path = table(tmp_path, "image,caption,split", *rows)
    data = load_dataset("table", path, skip_bad=True)
    assert data.ids == ["a.jpg"] and data.skipped == {"row of the wrong form": 3}


def test_a_quote_that_is_never_closed_stops_however_long_the_table_is(tmp_path):
    rows = ['a.jpg,"A,test', *["b.jpg,a caption of some words,test"] * 5000]
    path = table(tmp_path, "image,caption,split", *rows)
    with pytest.raises(InputError, match=r"line 2: not CSV .*double the quotes"):
        load_dataset("table", path, skip_bad=True)


def test_bars_have_no_quotes_to_advise(tmp_path):
    path = table(tmp_path, "image|caption|split", 'a.jpg|"a | b"|test')
    with pytest.raises(InputError, match="a caption cannot hold a bar"):
        load_dataset("table", path)
