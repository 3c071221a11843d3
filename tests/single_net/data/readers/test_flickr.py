"""Flickr8k and Flickr30K as published: a file of captions and a list of images a split."""

from __future__ import annotations

import json
import os

import pytest

from encoded_text.common.errors import InputError
from single_net.data.load import load_dataset

pytestmark = pytest.mark.filterwarnings("ignore:.*left out")


def write_flickr8k(root, images=3):
    """`images` in each of the three splits, named 0.jpg, 1.jpg, ... in the order train, val, test."""
    (root / "Flicker8k_Dataset").mkdir(parents=True)
    lines = []
    for s, part in enumerate(["train", "dev", "test"]):
        names = [f"{s * images + i}.jpg" for i in range(images)]
        (root / f"Flickr_8k.{part}Images.txt").write_text("\n".join(reversed(names)) + "\n")
        for name in names:
            (root / "Flicker8k_Dataset" / name).write_bytes(b"not looked at by the reader")
            lines += [f"{name}#{i}\tcaption {i} of {name} ." for i in range(5)]
    write_tokens(root, lines)
    return lines


def write_tokens(root, lines):
    (root / "Flickr8k.token.txt").write_bytes("\n".join(lines).encode() + b"\n")


def test_images_come_in_the_order_of_the_list_with_their_captions_by_number(tmp_path):
    lines = write_flickr8k(tmp_path)
    for split, ids in {"train": ["2.jpg", "1.jpg", "0.jpg"], "val": ["5.jpg", "4.jpg", "3.jpg"]}.items():
        data = load_dataset("flickr8k", tmp_path, split)
        assert (data.name, data.split, data.ids, data.skipped) == ("flickr8k", split, ids, {})
        assert data.images == [tmp_path / "Flicker8k_Dataset" / id for id in ids]
        assert data.captions == [[f"caption {i} of {id} ." for i in range(5)] for id in ids]
    write_tokens(tmp_path, lines[::-1])
    assert load_dataset("flickr8k", tmp_path, "train").captions[0][0] == "caption 0 of 2.jpg ."


def test_judgements_are_found_beside_the_captions_unless_captions_were_left_out(tmp_path):
    write_flickr8k(tmp_path)
    assert load_dataset("flickr8k", tmp_path, "train").judgements_folder is None
    (tmp_path / "ExpertAnnotations.txt").write_text("")
    data = load_dataset("flickr8k", tmp_path, "train")
    assert data.judgements_folder == tmp_path and data.first(1).judgements_folder == tmp_path
    first = data.images[0]
    first.unlink()
    assert load_dataset("flickr8k", tmp_path, "train", skip_bad=True).judgements_folder is None


def test_judgements_name_captions_by_number_so_none_may_be_missing(tmp_path):
    lines = write_flickr8k(tmp_path)
    (tmp_path / "ExpertAnnotations.txt").write_text("")
    write_tokens(tmp_path, [line for line in lines if not line.startswith("2.jpg#1")])
    with pytest.warns(UserWarning, match="fewer than five captions"):
        assert load_dataset("flickr8k", tmp_path, "train").judgements_folder is None
    assert load_dataset("flickr8k", tmp_path, "val").judgements_folder == tmp_path


def test_other_endings_of_images_are_kept(tmp_path):
    lines = write_flickr8k(tmp_path)
    for old, new in (("0.jpg", "0.JPG"), ("1.jpg", "1.jpeg")):
        (tmp_path / "Flicker8k_Dataset" / old).rename(tmp_path / "Flicker8k_Dataset" / new)
        lines = [line.replace(f"{old}#", f"{new}#") for line in lines]
    write_tokens(tmp_path, lines)
    (tmp_path / "Flickr_8k.trainImages.txt").write_text("0.JPG\n1.jpeg\n2.jpg\n")
    assert load_dataset("flickr8k", tmp_path, "train").ids == ["0.JPG", "1.jpeg", "2.jpg"]


def test_captions_of_images_in_no_list_are_no_problem(tmp_path):
    lines = write_flickr8k(tmp_path)
    write_tokens(tmp_path, [*lines, "99_aa.jpg.1#0\tA kite ."])
    assert len(load_dataset("flickr8k", tmp_path, "test")) == 3


def test_windows_line_ends_a_bom_and_odd_white_space_are_read_over(tmp_path):
    lines = write_flickr8k(tmp_path)
    lines[30] = "6.jpg#0\t Ein  Café \t „am“ Meer . "
    (tmp_path / "Flickr8k.token.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    data = load_dataset("flickr8k", tmp_path, "test")
    assert data.captions[data.ids.index("6.jpg")][0] == "Ein Café „am“ Meer ."


@pytest.mark.parametrize(
    ("line", "reason", "message"),
    [
        (b"6.jpg#0 no tab here", "line of the wrong form", r"Flickr8k.token.txt line 31: .*TAB"),
        (b"6.jpg#" + b"1" * 5000 + b"\tlong", "line of the wrong form", r"Flickr8k.token.txt line 31: .*TAB"),
        (b"6.jpg\tno number", "line of the wrong form", r"Flickr8k.token.txt line 31: .*TAB"),
        (b"6.jpg#0\t caf\xe9", "line not UTF-8", r"Flickr8k.token.txt line 31: not UTF-8"),
        (b"6.jpg#0\t ", "empty caption", r"Flickr8k.token.txt line 31: the caption of 6.jpg is empty"),
        (b"6.jpg#1\tagain", "caption given twice", r"Flickr8k.token.txt line 32: 6.jpg#1 is given twice"),
    ],
)
def test_a_bad_line_stops_with_its_number_or_is_skipped_and_counted(tmp_path, line, reason, message):
    lines = [text.encode() for text in write_flickr8k(tmp_path)]
    lines[30] = line
    (tmp_path / "Flickr8k.token.txt").write_bytes(b"\n".join(lines))
    with pytest.raises(InputError, match=message + r".*: 1\).*--skip-bad"):
        load_dataset("flickr8k", tmp_path, "test")
    with pytest.warns(UserWarning, match=r"1 of 3 images have fewer than five captions, the first is 6.jpg"):
        data = load_dataset("flickr8k", tmp_path, "test", skip_bad=True)
    assert data.skipped == {reason: 1}
    assert sorted(map(len, data.captions)) == [4, 5, 5]


def test_missing_images_are_named_counted_and_skippable(tmp_path):
    write_flickr8k(tmp_path)
    for name in ("7.jpg", "6.jpg"):
        (tmp_path / "Flicker8k_Dataset" / name).unlink()
    with pytest.raises(
        InputError, match=r"Flicker8k_Dataset/7.jpg is missing.*testImages.txt line 2.*missing image: 2"
    ):
        load_dataset("flickr8k", tmp_path, "test")
    data = load_dataset("flickr8k", tmp_path, "test", skip_bad=True)
    assert data.ids == ["8.jpg"] and data.skipped == {"missing image": 2}
    assert len(load_dataset("flickr8k", tmp_path, "test", captions_only=True)) == 3
    assert len(load_dataset("flickr8k", tmp_path, "train")) == 3, "other splits are not affected"


def test_where_every_image_is_missing_skipping_does_not_help(tmp_path):
    write_flickr8k(tmp_path)
    for path in (tmp_path / "Flicker8k_Dataset").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="no image is left"):
        load_dataset("flickr8k", tmp_path, "test", skip_bad=True)


def test_images_without_captions_and_named_twice(tmp_path):
    lines = write_flickr8k(tmp_path)
    write_tokens(tmp_path, lines[:40])
    with pytest.raises(InputError, match=r"testImages.txt line 1: 8.jpg has no captions"):
        load_dataset("flickr8k", tmp_path, "test")
    (tmp_path / "Flickr_8k.testImages.txt").write_text("6.jpg\n8.jpg\n7.jpg\n6.jpg\n")
    data = load_dataset("flickr8k", tmp_path, "test", skip_bad=True)
    assert data.ids == ["6.jpg", "7.jpg"]
    assert data.skipped == {"image without captions": 1, "image named twice": 1}


def test_an_image_in_two_splits_always_stops(tmp_path):
    write_flickr8k(tmp_path)
    (tmp_path / "Flickr_8k.testImages.txt").write_text("6.jpg\n0.jpg\n")
    with pytest.raises(InputError, match=r"testImages.txt line 2: 0.jpg is in two splits, train and test"):
        load_dataset("flickr8k", tmp_path, "test", skip_bad=True)


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(InputError, match=r"neither dataset_flickr8k.json nor Flickr8k.token.txt"):
        load_dataset("flickr8k", tmp_path)
    write_flickr8k(tmp_path)
    (tmp_path / "Flickr_8k.devImages.txt").unlink()
    assert len(load_dataset("flickr8k", tmp_path, "test")) == 3
    with pytest.raises(InputError, match=r"Flickr_8k.devImages.txt, the list of the val images, is missing"):
        load_dataset("flickr8k", tmp_path, "val")
    (tmp_path / "Flickr8k.token.txt").write_bytes(b"\n")
    with pytest.raises(InputError, match=r"Flickr8k.token.txt: the file is empty"):
        load_dataset("flickr8k", tmp_path)


def test_utf16_is_named(tmp_path):
    lines = write_flickr8k(tmp_path)
    (tmp_path / "Flickr8k.token.txt").write_bytes("\n".join(lines).encode("utf-16"))
    with pytest.raises(InputError, match=r"Flickr8k.token.txt line 1: UTF-16"):
        load_dataset("flickr8k", tmp_path)


def test_text_files_one_folder_down_and_karpathys_file_first(tmp_path):
    write_flickr8k(tmp_path)
    (tmp_path / "Flickr8k_text").mkdir()
    for path in tmp_path.glob("*.txt"):
        path.rename(tmp_path / "Flickr8k_text" / path.name)
    assert len(load_dataset("flickr8k", tmp_path, "test")) == 3
    sentences = [{"raw": f"caption {i}"} for i in range(5)]
    images = [{"filename": "0.jpg", "split": "test", "sentences": sentences}]
    (tmp_path / "dataset_flickr8k.json").write_text(json.dumps({"images": images}))
    assert load_dataset("flickr8k", tmp_path, "test").ids == ["0.jpg"]


def test_line_ends_of_the_first_macintosh(tmp_path):
    lines = write_flickr8k(tmp_path)
    (tmp_path / "Flickr8k.token.txt").write_bytes("\r".join(lines).encode())
    assert load_dataset("flickr8k", tmp_path, "test").captions[0][4] == "caption 4 of 8.jpg ."


@pytest.mark.parametrize("name", ["flickr8k", "flickr30k"])
def test_kaggles_captions_with_the_published_lists(tmp_path, name):
    (tmp_path / "Images").mkdir()
    (tmp_path / "Images" / "1.jpg").write_bytes(b"")
    if name == "flickr8k":
        lines = ["image,caption", '1.jpg,"A kite , red ."', "1.jpg,Two kites .", "9.jpg,Unused"]
        (tmp_path / "captions.txt").write_text("\n".join(lines))
    else:  # as in Kaggle's file, one row lacks a delimiter
        lines = [
            "image_name| comment_number| comment",
            '1.jpg| 0| A "red kite , red .',
            "1.jpg| 1   Two kites .",
            "9.jpg| 0| Unused",
        ]
        (tmp_path / "results.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"the list of the test images, is missing; Kaggle's copy .* --data table"):
        load_dataset(name, tmp_path)
    (tmp_path / ("Flickr_8k.testImages.txt" if name == "flickr8k" else "test.txt")).write_text("1.jpg\n")
    data = load_dataset(name, tmp_path)
    assert data.captions == [["A kite , red ." if name == "flickr8k" else 'A "red kite , red .', "Two kites ."]]


@pytest.mark.parametrize("token_file", ["results_20130124.token", "results.token"])
@pytest.mark.parametrize("folder", ["flickr30k-images", "flickr30k_images", "images/flickr30k-images", "."])
def test_flickr30k_lists_name_images_without_jpg(tmp_path, token_file, folder):
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / folder / "7001.jpg").write_bytes(b"")
    (tmp_path / "test.txt").write_text("7001\n")
    (tmp_path / token_file).write_text("".join(f"7001.jpg#{i}\tA kite {i} .\n" for i in range(5)))
    data = load_dataset("flickr30k", tmp_path)
    assert data.ids == ["7001.jpg"] and data.images == [tmp_path / folder / "7001.jpg"]
    assert len(data.captions[0]) == 5


def real(name):
    root = os.environ.get(f"{name.upper()}_ROOT")
    return root or pytest.skip(f"set {name.upper()}_ROOT to the folder of {name} to run this")


@pytest.mark.parametrize(("split", "images"), [("train", 6000), ("val", 1000), ("test", 1000)])
def test_the_real_flickr8k(split, images):
    data = load_dataset("flickr8k", real("flickr8k"), split)
    assert len(data) == images and all(len(captions) == 5 for captions in data.captions)
    assert data.skipped == {}


@pytest.mark.parametrize(("split", "images"), [("train", 29_000), ("val", 1014), ("test", 1000)])
def test_the_captions_of_the_real_flickr30k(split, images):
    data = load_dataset("flickr30k", real("flickr30k"), split, captions_only=True)
    assert len(data) == images and all(len(captions) == 5 for captions in data.captions)
