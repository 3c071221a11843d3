"""Tables as people have them: other delimiters and names, Kaggle's and Hugging Face's, and what is ambiguous."""

from __future__ import annotations

import json
import os
import time

import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import load_dataset
from single_net.data.readers.table import split_by_name

pytestmark = pytest.mark.filterwarnings("ignore:.*(fewer than five captions|left out|the image is the column)")
SPLITS = ("train", "val", "test")
GOOD = {"image": "a.jpg", "caption": "A kite", "split": "test"}


def put(root, files, images=()):
    """Write text files by name, and empty images."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in images:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def json_lines(*rows):
    return "\n".join(json.dumps(row) for row in rows)


def load_all(root, **options):
    """Captions by image of all splits that are there, in the order of the splits."""
    found = {}
    for split in SPLITS:
        try:
            data = load_dataset("table", root, split, **options)
        except InputError as error:
            assert "no images of this split" in str(error)
        else:
            found |= {(split, id): captions for id, captions in zip(data.ids, data.captions, strict=True)}
    return found


@pytest.mark.parametrize(("delimiter", "name"), [("\t", "captions.tsv"), (";", "captions.csv"), ("|", "captions.txt")])
def test_tabs_semicolons_and_bars(tmp_path, delimiter, name):
    rows = ["image,caption,split", "a.jpg,A kite,train", "b.jpg,'Two, three' kites,test"]
    text = "\n".join(delimiter.join(row.split(",", 1)[:1] + row.split(",", 1)[1].rsplit(",", 1)) for row in rows)
    put(tmp_path, {name: text}, ["a.jpg", "b.jpg"])
    assert load_all(tmp_path) == {("train", "a.jpg"): ["A kite"], ("test", "b.jpg"): ["'Two, three' kites"]}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks(tmp_path, end, bom):
    csv = end.join(["image,caption,split", 'a.jpg,"A\u2028kite",test', ""])
    line = end.join([json.dumps({"image": "a.jpg", "caption": "A\u2028kite", "split": "test"}), ""])
    for name, text in (("captions.csv", csv), ("captions.jsonl", line)):
        put(tmp_path / name, {name: bom + text.encode()}, ["a.jpg"])
        assert load_all(tmp_path / name) == {("test", "a.jpg"): ["A kite"]}


def test_kaggles_flickr8k_and_flickr30k(tmp_path):
    one = put(tmp_path / "one", {"captions.txt": 'image,caption\na.jpg,"A kite , red ."\n'}, ["Images/a.jpg"])
    text = 'image_name| comment_number| comment\na.jpg| 0| A "kite , red .\na.jpg| 4   Two kites .\n'
    two = put(tmp_path / "two", {"results.csv": text}, ["flickr30k_images/a.jpg"])
    with pytest.warns(UserWarning, match=r"captions.txt line 1: .*the split made by the names: 80 % train"):
        assert list(load_all(one).values()) == [["A kite , red ."]]
    with pytest.warns(UserWarning, match=r"column 'image_name', the caption 'comment', .*not read: 'comment_number'"):
        assert list(load_all(two).values()) == [['A "kite , red .', "Two kites ."]]


def test_kaggles_flickr30k_with_the_folder_it_unpacks_to(tmp_path):
    text = "image_name| comment_number| comment\na.jpg| 0| A kite .\n"
    put(tmp_path, {"flickr30k_images/results.csv": text}, ["flickr30k_images/flickr30k_images/a.jpg"])
    put(tmp_path, {"train.txt": "x\n", "val.txt": "y\n", "test.txt": "a\n"})
    assert load_dataset("flickr30k", tmp_path, "test").captions == [["A kite ."]]


@pytest.mark.parametrize("captions", ["A kite", ["A kite", "Two kites"]])
def test_hugging_faces_image_folders(tmp_path, captions):
    lines = [json_lines({"file_name": "a.jpg", "text": captions, "id": 7})] * 3
    put(tmp_path, {f"{f}/metadata.jsonl": line for f, line in zip(("train", "validation", "test"), lines, strict=True)})
    put(tmp_path, {}, ["train/a.jpg", "validation/a.jpg", "test/a.jpg"])
    expected = [captions] if isinstance(captions, str) else captions
    with pytest.warns(UserWarning, match=r"the split the folder 'train'; not read: 'id'"):
        assert load_all(tmp_path) == {
            ("train", "train/a.jpg"): expected,
            ("val", "validation/a.jpg"): expected,
            ("test", "test/a.jpg"): expected,
        }
    put(tmp_path, {"val/metadata.csv": "file_name,text\na.jpg,A kite"})
    with pytest.raises(InputError, match="val and validation are several folders of one split"):
        load_dataset("table", tmp_path)


def test_one_table_above_the_folders_of_the_splits(tmp_path):
    images = ["train/a.jpg", "dev/a.jpg"]
    put(tmp_path, {"metadata.csv": "file_name,text\ntrain/a.jpg,A kite\ndev/a.jpg,A kite"}, images)
    with pytest.warns(UserWarning, match="the split the folder of an image"):
        assert list(load_all(tmp_path)) == [("train", "train/a.jpg"), ("val", "dev/a.jpg")]
    put(tmp_path, {"metadata.csv": "file_name,text\ntrain/a.jpg,A kite\na.jpg,A kite"}, ["a.jpg"])
    with pytest.raises(
        InputError, match=r"train/a.jpg lies in the folder of a split and a.jpg does not.*--columns split="
    ):
        load_dataset("table", tmp_path)
    assert len(load_all(tmp_path, columns={"split": ""})) == 2


def test_the_folders_of_the_splits_may_lie_below_others(tmp_path):
    images = ["images/train/a.jpg", "images/val/b.jpg", "images/Test/c.jpg"]
    put(tmp_path, {"captions.csv": "image,caption\n" + "\n".join(f"{image},A kite" for image in images)}, images)
    with pytest.warns(UserWarning, match="the split the folder of an image"):
        assert [split for split, _ in load_all(tmp_path)] == ["train", "val", "test"]
    put(tmp_path, {"captions.csv": "image,caption\ntrain/test/a.jpg,A kite"}, ["train/test/a.jpg"])
    with pytest.raises(InputError, match=r"train/test/a.jpg lies in folders of two splits: add a column split"):
        load_dataset("table", tmp_path)
    assert len(load_all(tmp_path, columns={"split": ""})) == 1


def test_parquet_is_named(tmp_path):
    put(tmp_path, {"data/train-0.parquet": "PAR1"})
    with pytest.raises(InputError, match=r"there is none; .* train-0.parquet is not read: save it as captions.csv"):
        load_dataset("table", tmp_path)


def test_columns_and_images_as_the_user_says(tmp_path):
    put(tmp_path / "table", {"my.csv": "bild,satz,teil\nin/a.jpg,A kite,test"})
    put(tmp_path / "far", {}, ["in/a.jpg"])
    columns = {"image": "bild", "caption": "satz", "split": "teil"}
    options = {"columns": columns, "image_folder": tmp_path / "far"}
    data = load_dataset("table", tmp_path / "table" / "my.csv", **options)
    assert data.ids == ["in/a.jpg"] and data.images == [tmp_path / "far" / "in" / "a.jpg"]
    with pytest.raises(InputError, match=r"line 1: .*must name image, caption .*--columns"):
        load_dataset("table", tmp_path / "table" / "my.csv")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("captions.jsonl", json_lines({"Image": "a.jpg", "Caption": "A kite", "Split": "test"})),
        ("captions.jsonl", json_lines({"image": "a.jpg", "caption": "A kite", "subset": "Test"})),
        ("captions.csv", "image,caption,subset\na.jpg,A kite,test"),
        ("captions.csv", "IMAGE,Caption,Split\na.jpg,A kite,TEST"),
    ],
)
def test_a_split_by_another_name_is_not_passed_over(tmp_path, name, text):
    assert list(load_all(put(tmp_path, {name: text}, ["a.jpg"]))) == [("test", "a.jpg")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("captions.jsonl", json_lines(*({"image": f"{s}.jpg", "caption": "A kite", "fold": s} for s in SPLITS))),
        ("captions.csv", "image,caption,fold\na.jpg,A kite,train\nb.jpg,A kite,Test"),
    ],
)
def test_a_column_that_may_be_the_split_is_asked_about(tmp_path, name, text):
    put(tmp_path, {name: text}, [f"{image}.jpg" for image in ("a", "b", *SPLITS)])
    with pytest.raises(InputError, match=r"the column 'fold' holds names of splits: .*--columns split=fold"):
        load_dataset("table", tmp_path)
    by_fold = load_all(tmp_path, columns={"split": "fold"})
    by_name = load_all(tmp_path, columns={"split": ""})
    assert by_fold.keys() != by_name.keys() and {id for _, id in by_fold} == {id for _, id in by_name}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("captions.jsonl", json_lines(GOOD, {"image": "b.jpg", "caption": "A kite"}), 2),
        ("captions.jsonl", json_lines({"image": "b.jpg", "caption": "A", "split": None}, GOOD), 1),
        ("captions.csv", "image,caption,split\na.jpg,A kite,test\nb.jpg,A kite,", 3),
    ],
)
def test_a_row_without_split_among_others_is_not_given_one(tmp_path, name, text, line):
    put(tmp_path, {name: text}, ["a.jpg", "b.jpg"])
    with pytest.raises(InputError, match=rf"line {line}: no split is named, .*\(in all row without split: 1\)"):
        load_dataset("table", tmp_path)
    assert load_dataset("table", tmp_path, skip_bad=True).skipped == {"row without split": 1}


def test_repeated_keys_and_columns_are_refused(tmp_path):
    put(tmp_path, {"captions.jsonl": '{"image": "a.jpg", "caption": "A", "Caption": "B", "split": "test"}'}, ["a.jpg"])
    with pytest.raises(InputError, match=r"line 1: the key 'Caption' is there twice"):
        load_dataset("table", tmp_path)
    put(tmp_path, {"t.csv": "image,caption,split,caption\na.jpg,A,test,B"})
    with pytest.raises(InputError, match=r"t.csv line 1: the column 'caption' is there 2 times"):
        load_dataset("table", tmp_path / "t.csv")


def test_repeated_rows_count_once_and_are_told(tmp_path):
    rows = [
        "image,caption,split",
        "a.jpg,A kite,test",
        "a.jpg,Two kites,test",
        './a.jpg," A  kite",test',
        "b.jpg,A kite,test",
    ]
    put(tmp_path, {"captions.csv": "\n".join(rows)}, ["a.jpg", "b.jpg"])
    with pytest.warns(UserWarning, match=r"left out \(repeated row: 1\), the first: .* line 4 repeats .* line 2"):
        data = load_dataset("table", tmp_path)
    assert data.captions == [["A kite", "Two kites"], ["A kite"]] and data.skipped == {"repeated row": 1}


def test_spellings_of_a_path_are_one_image(tmp_path):
    names = ["in/a.jpg", "./in/a.jpg", "in//a.jpg", "x/../in/a.jpg", " in/a.jpg ", f"{tmp_path}/in/a.jpg", "in\\a.jpg"]
    rows = ["image,caption,split", *(f"{name},caption {i},test" for i, name in enumerate(names))]
    put(tmp_path, {"captions.csv": "\n".join(rows)}, ["in/a.jpg"])
    assert load_all(tmp_path) == {("test", "in/a.jpg"): [f"caption {i}" for i in range(7)]}
    put(tmp_path, {"captions.csv": "\n".join([*rows, ".//in/a.jpg,again,train"])})
    with pytest.raises(InputError, match=r"line 9: in/a.jpg is in two splits, train here and test in"):
        load_dataset("table", tmp_path)
    by_name = "\n".join(row.rsplit(",", 1)[0] for row in rows)
    put(tmp_path, {"captions.csv": by_name})
    assert len(load_all(tmp_path)) == 1, "the name decides, not its spelling"


def test_two_names_of_one_file_are_refused(tmp_path):
    put(
        tmp_path, {"captions.csv": "image,caption,split\nImages/a.jpg,A kite,test\na.jpg,A kite,test"}, ["Images/a.jpg"]
    )
    with pytest.raises(InputError, match=r"line 3: a.jpg is .*/Images/a.jpg, named in .* line 2"):
        load_dataset("table", tmp_path)


def test_an_image_in_another_folder_is_no_substitute_and_outside_ones_are_found(tmp_path):
    put(tmp_path / "in", {"captions.csv": "image,caption,split\nno/a.jpg,A kite,test"}, ["a.jpg", "Images/a.jpg"])
    with pytest.raises(InputError, match=r"in/no/a.jpg is missing"):
        load_dataset("table", tmp_path / "in")
    text = f"image,caption,split\n../out/b.jpg,A kite,test\n{tmp_path}/out/c.jpg,A kite,test"
    put(tmp_path, {"in/captions.csv": text}, ["out/b.jpg", "out/c.jpg"])
    images = load_dataset("table", tmp_path / "in").images
    assert [os.path.realpath(image) for image in images] == [
        str(tmp_path / "out" / name) for name in ("b.jpg", "c.jpg")
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"image": "e.jpg", "caption": "A", "n": ' + b"1" * 5000 + b"}", "line 2: Exceeds the limit"),
        (b'{"image": ' + b"[" * 100_000, "line 2: not JSON"),
        (b'{"image": "e.jpg", "caption": ["A", 5]}', "line 2: an object with"),
        (b'{"image": "e\\u0000.jpg", "caption": "A"}', "line 2: no image is named"),
    ],
)
def test_json_lines_no_one_wrote_by_hand(tmp_path, line, message):
    good = b'{"image": "a.jpg", "caption": "A", "split": "test"}\n'
    put(tmp_path, {"captions.jsonl": good + line}, ["a.jpg"])
    with pytest.raises(InputError, match=message):
        load_dataset("table", tmp_path)
    assert load_dataset("table", tmp_path, skip_bad=True).skipped == {
        "row without image" if "no image" in message else "row of the wrong form": 1
    }


def test_a_quote_of_a_caption_that_swallows_rows_of_a_table_with_tabs_is_named(tmp_path):
    rows = ['a.jpg\t"Hello there\ttest', "b.jpg\tthe end\ttest", 'c.jpg\tsigns read stop and "\ttest', "d.jpg\tD\ttest"]
    put(tmp_path, {"captions.tsv": "\n".join(["image\tcaption\tsplit", *rows]) + "\n"}, ["a.jpg", "d.jpg"])
    with pytest.raises(InputError, match=r"captions.tsv line 2: a quote that is opened there is closed in line 4"):
        load_dataset("table", tmp_path)
    data = load_dataset("table", tmp_path, skip_bad=True)
    assert data.ids == ["d.jpg"] and data.skipped == {"row of the wrong form": 3}


def test_images_in_a_folder_without_permission_are_left_out_with_the_line(tmp_path, monkeypatch):
    put(tmp_path, {"captions.csv": "image,caption,split\na.jpg,A,test\nprivate/b.jpg,B,test\n"}, ["a.jpg"])
    (tmp_path / "private").mkdir()

    def listdir(folder):
        if str(folder).endswith("private"):
            raise PermissionError(13, "Permission denied", str(folder))
        return real(folder)

    real = os.listdir
    monkeypatch.setattr(os, "listdir", listdir)
    with pytest.raises(InputError, match=r"captions.csv line 3"):
        load_dataset("table", tmp_path)
    assert load_dataset("table", tmp_path, skip_bad=True).ids == ["a.jpg"]


def test_a_quote_that_is_not_closed_is_named_where_it_begins(tmp_path):
    put(tmp_path, {"captions.csv": 'image,caption,split\na.jpg,A,test\na.jpg,"B,test\na.jpg,C,test\na.jpg,D,test\n'})
    with pytest.raises(InputError, match=r"captions.csv line 3: not CSV"):
        load_dataset("table", tmp_path)


@pytest.mark.parametrize("values", [("train", "val", ""), ("Training", "testing", "train"), ("train", "train", None)])
def test_a_column_of_other_name_with_names_of_splits_is_asked_about_also_where_some_are_missing(tmp_path, values):
    rows = [{"image": f"{i}.jpg", "caption": "A kite", "part": value} for i, value in enumerate(values)]
    lines = ["image,caption,part", *(f"{row['image']},A kite,{row['part'] or ''}" for row in rows)]
    for name, text in (("captions.csv", "\n".join(lines)), ("captions.jsonl", json_lines(*rows))):
        put(tmp_path / name, {name: text}, [row["image"] for row in rows])
        with pytest.raises(InputError, match="'part' holds names of splits"):
            load_dataset("table", tmp_path / name, "train")


def test_training_and_testing_are_splits(tmp_path):
    put(
        tmp_path,
        {"captions.csv": "image,caption,split\na.jpg,A kite,Training\nb.jpg,A kite,testing\n"},
        ["a.jpg", "b.jpg"],
    )
    assert list(load_all(tmp_path)) == [("train", "a.jpg"), ("test", "b.jpg")]


def test_an_image_named_through_a_link_to_its_folder_counts_once(tmp_path):
    real = put(tmp_path / "real", {}, ["a.jpg", "inside/b.jpg"])
    (tmp_path / "link").symlink_to(real)
    lines = ["image,caption,split", f"{real}/a.jpg,A kite,test", "a.jpg,Two kites,test", "./a.jpg,A kite,test"]
    put(real, {"captions.csv": "\n".join(lines)})
    assert load_all(tmp_path / "link") == {("test", "a.jpg"): ["A kite", "Two kites"]}
    (real / "other").symlink_to(real / "inside")
    put(real, {"captions.csv": "image,caption,split\ninside/b.jpg,A kite,test\nother/b.jpg,A kite,test\n"})
    with pytest.raises(InputError, match=r"line 3: other/b\.jpg is .*other/b\.jpg, named in .*line 2"):
        load_dataset("table", real, "test")


def test_line_ends_of_two_systems_in_one_file(tmp_path):
    put(
        tmp_path,
        {"captions.csv": "image,caption,split\ra.jpg,A kite,test\nb.jpg,Two kites,test\r\n"},
        ["a.jpg", "b.jpg"],
    )
    assert load_all(tmp_path) == {("test", "a.jpg"): ["A kite"], ("test", "b.jpg"): ["Two kites"]}


def test_an_image_beside_the_table_comes_before_one_of_its_name_in_a_usual_folder(tmp_path):
    images = ["a.jpg", "images/a.jpg", "images/b.jpg"]
    put(tmp_path, {"captions.csv": "image,caption,split\na.jpg,A kite,test\nb.jpg,B,test\n"}, images)
    assert load_dataset("table", tmp_path).images == [tmp_path / "a.jpg", tmp_path / "images" / "b.jpg"]


def test_letters_of_other_code_points_are_the_same_name(tmp_path):
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    images = [f"{decomposed}.jpg", f"{decomposed}/b.jpg", f"{composed}2.jpg", f"{decomposed}2.jpg"]
    names = [f"{composed}.jpg", f"{composed}/b.jpg", f"{composed}2.jpg"]
    text = "\n".join(["image,caption,split", *(f"{name},A kite,test" for name in names)])
    put(tmp_path, {"captions.csv": text}, images)
    data = load_dataset("table", tmp_path)
    assert data.images == [tmp_path / name for name in images[:3]] and data.ids == names, "an exact name comes first"


def test_json_lines_with_keys_of_their_own_are_read_in_one_pass(tmp_path):
    rows = [{"image": "a.jpg", "caption": f"kite {i}", **{f"k{i}-{j}": "x" for j in range(20)}} for i in range(3000)]
    put(tmp_path, {"captions.jsonl": json_lines(*rows)}, ["a.jpg"])
    before = time.process_time()
    load_dataset("table", tmp_path, split_by_name("a.jpg"))
    assert time.process_time() - before < 6  # each key was looked for in each row
