"""Text files of people: read as UTF-8, or one line that says what to do."""

from __future__ import annotations

import os

import pytest

from encoded_text.common.errors import InputError
from encoded_text.common.text import is_unicode, read_utf8


@pytest.mark.parametrize("content", [b"a\nb\n", b"a\r\nb\r\n", b"a\rb\r", b"\xef\xbb\xbfa\nb\r"])
def test_line_ends_and_byte_order_marks_of_all_systems(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert read_utf8(tmp_path / "x") == "a\nb\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_of_unicode_are_named(tmp_path, encoding):
    (tmp_path / "x").write_bytes("a dog".encode(encoding))
    with pytest.raises(InputError, match="x line 1: UTF-16, not UTF-8: save the file as UTF-8"):
        read_utf8(tmp_path / "x")


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path):
    (tmp_path / "x").write_bytes("a\nb\ncafé".encode("latin-1"))
    with pytest.raises(InputError, match="x line 3: not UTF-8"):
        read_utf8(tmp_path / "x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
def test_pipes_folders_and_missing_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("pipe", "no ordinary file"), (".", "no ordinary file"), ("missing", "no such file")):
        with pytest.raises(InputError, match=why):
            read_utf8(tmp_path / name)


def test_unpaired_surrogates_are_no_unicode():
    assert is_unicode("a \U0001f600 é") and not is_unicode("a \ud83d") and not is_unicode("\udcff")
