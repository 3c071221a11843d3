"""Tables of one's own images and captions."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections import Counter

import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import load_dataset
from single_net.data.readers.table import split_by_name

pytestmark = pytest.mark.filterwarnings("ignore:.*(fewer than five captions|left out|80 % train)")

ROWS = [
    ("b.jpg", 'A "big", red dog', "train"),
    ("in/a.jpg", "A cat", "train"),
    ("b.jpg", "A dog", "train"),
    ("c.jpg", "Ein Café", "dev"),
    ("d.jpg", "A", "Test"),
]


def write_csv(folder, rows=ROWS, header="image,caption,split", encoding="utf-8", name="captions.csv"):
    def cell(text):
        return '"' + text.replace('"', '""') + '"'

    lines = [header, *(",".join(cell(text) for text in row) for row in rows)]
    (folder / name).write_bytes("\n".join(lines).encode(encoding))
    touch(folder, rows)
    return folder


def write_jsonl(folder, rows=ROWS):
    keys = ("image", "caption", "split")
    lines = [json.dumps(dict(zip(keys, row, strict=False)), ensure_ascii=False) for row in rows]
    (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    touch(folder, rows)
    return folder


def touch(folder, rows):
    for name, *_ in rows:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
def test_captions_are_gathered_by_image_in_the_order_of_the_rows(tmp_path, write):
    train = load_dataset("table", write(tmp_path), "train")
    assert train.ids == ["b.jpg", "in/a.jpg"]
    assert train.images == [tmp_path / "b.jpg", tmp_path / "in" / "a.jpg"]
    assert train.captions == [['A "big", red dog', "A dog"], ["A cat"]]
    assert load_dataset("table", tmp_path, "val").captions == [["Ein Café"]]
    assert load_dataset("table", tmp_path, "test").captions == [["A"]]


def test_the_file_itself_a_bom_and_captions_over_two_lines(tmp_path):
    write_csv(tmp_path, [("a.jpg", "one\r\n\r\ntwo", "test")], encoding="utf-8-sig", name="mine.csv")
    assert load_dataset("table", tmp_path / "mine.csv").captions == [["one two"]]


def test_which_table_a_folder_means(tmp_path):
    with pytest.raises(InputError, match="there is none"):
        load_dataset("table", tmp_path)
    write_csv(tmp_path)
    write_jsonl(tmp_path)
    with pytest.raises(InputError, match=r"one table is expected, captions.csv and captions.jsonl are there"):
        load_dataset("table", tmp_path)
    (tmp_path / "captions.xlsx").write_bytes(b"")
    with pytest.raises(InputError, match=r"captions.xlsx: a table is a .csv, .tsv, .txt or .jsonl file"):
        load_dataset("table", tmp_path / "captions.xlsx")


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
def test_without_a_split_the_name_decides_80_10_10(tmp_path, write):
    rows = [(f"{i}.jpg", f"image {i}") for i in range(40)]
    write(tmp_path, rows, **({"header": "image,caption"} if write is write_csv else {}))
    ids = {split: load_dataset("table", tmp_path, split).ids for split in ("train", "val", "test")}
    assert sorted(itertools.chain(*ids.values()), key=lambda id: int(id[:-4])) == [image for image, _ in rows]
    assert all(split_by_name(id) == split for split, of_split in ids.items() for id in of_split)
    counts = Counter(split_by_name(f"{i}.jpg") for i in range(10_000))
    assert abs(counts["train"] - 8000) < 150 and abs(counts["val"] - 1000) < 120
    # The split of an image must never change between versions of this project.
    others = {0: "val", 5: "test", 11: "test"}
    assert [split_by_name(f"{i}.jpg") for i in range(12)] == [others.get(i, "train") for i in range(12)]


@pytest.mark.parametrize(
    ("row", "reason", "message"),
    [
        (
            'e.jpg,"unquoted, comma",no,train',
            "row of the wrong form",
            r"captions.csv line 7: 3 columns are expected, not 4",
        ),
        ("e.jpg", "row of the wrong form", r"captions.csv line 7: 3 columns are expected, not 1"),
        (",A cat,train", "row without image", r"captions.csv line 7: no image is named"),
        ("e.jpg,A cat,holdout", "unknown split", r"captions.csv line 7: the split is 'holdout'"),
        ("b.jpg, ,train", "empty caption", r"captions.csv line 7: the caption of b.jpg is empty"),
        ("nowhere.jpg,A cat,train", "missing image", r"nowhere.jpg is missing, named in .*captions.csv line 7"),
    ],
)
def test_a_bad_csv_row_stops_or_is_skipped(tmp_path, row, reason, message):
    write_csv(tmp_path)
    with open(tmp_path / "captions.csv", "a") as file:
        file.write("\n" + row)
    with pytest.raises(InputError, match=message):
        load_dataset("table", tmp_path, "train")
    data = load_dataset("table", tmp_path, "train", skip_bad=True)
    assert data.ids == ["b.jpg", "in/a.jpg"] and data.skipped == {reason: 1}


@pytest.mark.parametrize(
    ("row", "reason", "message"),
    [
        ('{"image": ', "row of the wrong form", r"captions.jsonl line 6: not JSON"),
        ('["e.jpg", "A cat"]', "row of the wrong form", r"captions.jsonl line 6: an object with"),
        ('{"image": "e.jpg", "caption": 7}', "row of the wrong form", r"captions.jsonl line 6: an object with"),
        ('{"image": "e.jpg", "caption": "A cat", "split": 1}', "unknown split", r"line 6: the split is 1"),
        ('{"image": "e.jpg", "caption": [], "split": "train"}', "image without captions", r"e.jpg has no captions"),
    ],
)
def test_a_bad_json_row_stops_or_is_skipped(tmp_path, row, reason, message):
    write_jsonl(tmp_path)
    (tmp_path / "e.jpg").touch()
    with open(tmp_path / "captions.jsonl", "a") as file:
        file.write("\n" + row)
    with pytest.raises(InputError, match=message):
        load_dataset("table", tmp_path, "train")
    assert load_dataset("table", tmp_path, "train", skip_bad=True).skipped == {reason: 1}


def test_another_encoding_is_named_with_its_line(tmp_path):
    write_csv(tmp_path, encoding="latin-1")
    with pytest.raises(InputError, match=r"captions.csv line 5: not UTF-8 .*save the file as UTF-8"):
        load_dataset("table", tmp_path, "train")
    assert load_dataset("table", tmp_path, "train", skip_bad=True).skipped == {"line not UTF-8": 1}
    write_csv(tmp_path, encoding="utf-16")
    with pytest.raises(InputError, match=r"captions.csv line 1: UTF-16"):
        load_dataset("table", tmp_path, "train")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("bild,text\na.jpg,A cat", r"captions.csv line 1: the header must name image, caption"),
        ('image,caption,split\na.jpg,"A cat,train', r"captions.csv line 2: not CSV"),
        ("", r"captions.csv: the file is empty"),
        ("image,caption,split\n", r"table train: .* has no images of this split"),
    ],
)
def test_tables_that_are_none(tmp_path, content, message):
    (tmp_path / "captions.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        load_dataset("table", tmp_path, "train")


def test_an_image_in_two_splits_always_stops(tmp_path):
    write_csv(tmp_path, [*ROWS, ("b.jpg", "again", "test")])
    with pytest.raises(InputError, match=r"line 7: b.jpg is in two splits, test here and train in .*line 2"):
        load_dataset("table", tmp_path, "test", skip_bad=True)
    write_csv(tmp_path, [*ROWS, (f"../{tmp_path.name}/b.jpg", "again", "test")])
    with pytest.raises(InputError, match=r"line 7: b.jpg is in two splits"):
        load_dataset("table", tmp_path, "test")


def test_another_spelling_of_a_name_is_the_same_image(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "caf\u00e9.png") for form in ("NFC", "NFD"))
    write_csv(tmp_path, [*ROWS, (composed, "one", "train"), (decomposed, "one", "test")])
    with pytest.raises(InputError, match=r"is in two splits, test here and train"):
        load_dataset("table", tmp_path, "test", skip_bad=True)
