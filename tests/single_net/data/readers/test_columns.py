"""The choice of the columns of a table."""

from __future__ import annotations

import pytest

from encoded_text.common.errors import InputError
from single_net.data.readers.columns import ALIASES, choose_columns, normal, parse_columns


def choose(header, **given):
    return choose_columns([normal(name) for name in header.split(",")], given, "t.csv line 1")


@pytest.mark.parametrize(
    ("header", "given", "chosen"),
    [
        ("image,caption", {}, ("image", "caption", None)),
        ("Split, Image , CAPTION", {}, ("image", "caption", "split")),
        ("file_name,text,id", {}, ("file_name", "text", None)),
        ("File Name,Comment,subset", {}, ("file_name", "comment", "subset")),
        ("image,title,caption,text,split,subset", {}, ("image", "caption", "split")),
        ("bild,satz,teil", {"image": "bild", "caption": "Satz", "split": "teil"}, ("bild", "satz", "teil")),
        ("image,title,text", {"caption": "title"}, ("image", "title", None)),
        ("image,caption,text", {"image": "caption", "caption": "text"}, ("caption", "text", None)),
        ("image,caption,split", {"split": ""}, ("image", "caption", None)),
    ],
)
def test_columns_by_name_by_other_names_and_as_given(header, given, chosen):
    found = choose(header, **given)
    assert (found["image"], found["caption"], found.get("split")) == chosen


@pytest.mark.parametrize(
    ("header", "given", "message"),
    [
        ("image", {}, r"the header must name image, caption .* not \['image'\]: .*--columns"),
        ("image,text,title", {}, "which column is the caption: text or title"),
        ("image,caption,subset,partition", {}, "which column is the split: subset or partition"),
        ("image,caption,Caption", {}, "the column 'caption' is there 2 times"),
        ("image,caption,file,file", {"image": "file"}, "the column 'file' is there 2 times"),
        ("image,caption", {"split": "part"}, "there is no column 'part' among 'image', 'caption'"),
        ("image,caption", {"image": "caption"}, "one column cannot be several|must name image"),
        ("a,b", {"image": "a", "caption": "A"}, "one column cannot be several"),
    ],
)
def test_what_is_ambiguous_is_refused(header, given, message):
    with pytest.raises(InputError, match=rf"t.csv line 1: .*({message})"):
        choose(header, **given)


def test_a_repeated_column_that_is_not_read_does_not_matter():
    assert choose("image,caption,note,note") == {"image": "image", "caption": "caption"}


def test_no_name_stands_for_two_roles():
    names = [name for role, others in ALIASES.items() for name in (role, *others)]
    assert len(set(names)) == len(names) and all(normal(name) == name for name in names)


def test_columns_of_the_command_line():
    assert parse_columns("image=File Name, caption = text,split=") == {
        "image": "File Name",
        "caption": "text",
        "split": "",
    }


@pytest.mark.parametrize("text", ["", "image", "image=", "picture=a", "image=a,image=b", "image=a,,"])
def test_columns_of_the_command_line_that_are_none(text):
    with pytest.raises(InputError, match=r"--columns .*image=NAME"):
        parse_columns(text)
