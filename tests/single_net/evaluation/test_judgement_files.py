"""Reading the files of human judgements."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from encoded_text import InputError
from single_net.evaluation.judgement_files import CROWD, EXPERTS, read_judgements


def write(folder: Path, experts: str, crowd: str) -> Path:
    (folder / EXPERTS).write_text(experts)
    (folder / CROWD).write_text(crowd)
    return folder


def test_both_files_are_read_and_the_experts_have_the_last_word(tmp_path):
    experts = "a.jpg\tb.jpg#1\t1\t3\t4\na.jpg\tc.jpg#0\t2\t2\t3\n"
    crowd = "a.jpg\tc.jpg#0\t1\t3\t0\n\nb.jpg\tc.jpg#1\t0.67\t2\t1\nb.jpg\ta.jpg#0\t0\t0\t3\n"
    judged = read_judgements(write(tmp_path, experts, crowd))
    assert judged.experts == {("a.jpg", "b.jpg", 1): (1, 3, 4), ("a.jpg", "c.jpg", 0): (2, 2, 3)}
    assert judged.crowd[("b.jpg", "c.jpg", 1)] == (2, 1) and len(judged.crowd) == 3
    assert judged.accepted() == [("a.jpg", "b.jpg", 1), ("b.jpg", "c.jpg", 1)]


def test_missing_files_are_nothing_and_broken_ones_a_line(tmp_path):
    assert read_judgements(tmp_path) is None
    (tmp_path / EXPERTS).write_text("a.jpg b.jpg#1 1 3 4\n")
    assert read_judgements(tmp_path) is None
    for experts, crowd, place in (
        ("a.jpg b.jpg#1 1 3 4\na.jpg b.jpg#1 1 3\n", "", f"{EXPERTS} line 2"),
        ("a.jpg b.jpg#1 1 3 5\n", "", f"{EXPERTS} line 1"),
        ("a.jpg b.jpg 1 3 4\n", "", f"{EXPERTS} line 1"),
        ("", "a.jpg b.jpg#1 0.5 x 1\n", f"{CROWD} line 1"),
        ("", "a.jpg b.jpg#1 0 0 0\n", f"{CROWD} line 1"),
        ("", "a.jpg b.jpg#1 0 00 0\n", f"{CROWD} line 1"),
        (f"a.jpg b.jpg#{'9' * 5000} 1 3 4\n", "", f"{EXPERTS} line 1"),
        ("", f"a.jpg b.jpg#1 0 {'9' * 5000} 0\n", f"{CROWD} line 1"),
        ("", "a.jpg b.jpg#1 0 0 3\na.jpg b.jpg#1 0 0 3\n", f"{CROWD} line 2: judged in line 1"),
    ):
        with pytest.raises(InputError, match=place):
            read_judgements(write(tmp_path, experts, crowd))
    (tmp_path / EXPERTS).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        read_judgements(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    write(tmp_path, "", "")
    (tmp_path / EXPERTS).write_text("a.jpg b.jpg#1 1 3 4\n", encoding="utf-8-sig")
    assert list(read_judgements(tmp_path).experts) == [("a.jpg", "b.jpg", 1)]


def test_damage_inside_a_packed_file_is_named(tmp_path):
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(EXPERTS, "a.jpg b.jpg#1 1 3 4\n")
        archive.writestr(CROWD, "")
    path.write_bytes(path.read_bytes().replace(b"b.jpg#1 1", b"b.jpg#1 2"))
    with pytest.raises(InputError, match=f"{EXPERTS}: damaged .*: pack the data set anew"):
        read_judgements(zipfile.Path(path))
