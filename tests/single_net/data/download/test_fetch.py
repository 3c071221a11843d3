"""Downloads: resumed, checked, and never half a file under a name that is not a part's."""

from __future__ import annotations

import random
import re
import shutil
import socket
from types import SimpleNamespace

import pytest

from encoded_text.common.errors import InputError
from single_net.data.download import fetch as module
from single_net.data.download.addresses import Source
from single_net.data.download.fetch import Unreachable, fetch

CONTENTS = random.Random(0).randbytes(50_000)


def part_of(source, folder, contents=b""):
    path = folder / f"{source.checksum.partition(':')[2][:16]}.part"
    path.write_bytes(contents)
    return path


def test_a_file_is_fetched_once(server, tmp_path):
    source = server.source("a.zip", CONTENTS)
    path = fetch(source, tmp_path)
    assert path.read_bytes() == CONTENTS
    assert path.name.endswith("-a.zip")
    assert list(tmp_path.iterdir()) == [path]
    assert fetch(source, tmp_path) == path
    assert server.asked == [("a.zip", None)]


def test_md5_is_checked_too(server, tmp_path):
    fetch(server.source("a", b"abc", "md5:900150983cd24fb0d6963f7d28e17f72"), tmp_path)
    with pytest.raises(Unreachable, match="another file"):
        fetch(server.source("b", b"abd", "md5:900150983cd24fb0d6963f7d28e17f72"), tmp_path)


def test_an_interrupted_download_goes_on_where_it_was(server, tmp_path):
    source = server.source("a", CONTENTS)
    part = part_of(source, tmp_path, CONTENTS[:20_000])
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.asked == [("a", "bytes=20000-")]
    assert not part.exists()


def test_another_address_of_the_same_file_goes_on_with_its_part(server, tmp_path):
    part_of(server.source("a", CONTENTS), tmp_path, CONTENTS[:20_000])
    assert fetch(server.source("a", CONTENTS, address="copy/b"), tmp_path).read_bytes() == CONTENTS
    assert server.asked == [("copy/b", "bytes=20000-")]


def test_a_broken_connection_is_taken_up_at_once(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.breaks_after["a"] = [10_000, 15_000, 1_000]
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == [None, "bytes=10000-", "bytes=25000-", "bytes=26000-"]


def test_a_broken_connection_is_noticed_where_the_length_is_not_known(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.chunked.add("a")
    server.breaks_after["a"] = [10_000]
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == [None, "bytes=10000-"]


def test_a_network_that_is_gone_for_a_moment_is_waited_for(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.breaks_after["a"] = [10_000]
    server.hangs_up["a"] = {1, 2}
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == [None] + 3 * ["bytes=10000-"]


def test_a_server_that_always_closes_early_is_one_line_and_the_part_is_kept(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.breaks_after["a"] = [10_000] + 100 * [0]
    with pytest.raises(Unreachable, match="the connection broke after 10000 of 50000 bytes") as caught:
        fetch(source, tmp_path)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [part_of(source, tmp_path).name]
    assert len(server.asked) == 2 + len(module.WAITS)


def test_a_server_without_range_that_always_closes_early_is_given_up(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.without_range.add("a")
    server.breaks_after["a"] = 50 * [10_000, 9_000]
    with pytest.raises(Unreachable, match="the connection broke"):
        fetch(source, tmp_path)
    assert len(server.asked) < 10


def test_a_server_without_range_sends_the_whole_file(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.without_range.add("a")
    part_of(source, tmp_path, CONTENTS[:20_000])
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == ["bytes=20000-"]


def test_a_rest_that_begins_elsewhere_is_not_appended(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.wrong_offset.add("a")
    part_of(source, tmp_path, CONTENTS[:20_000])
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == ["bytes=20000-", None]


def test_a_part_that_is_the_whole_file_is_taken(server, tmp_path):
    source = server.source("a", CONTENTS)
    part_of(source, tmp_path, CONTENTS)
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == ["bytes=50000-"]


def test_a_part_that_is_longer_than_the_file_is_dropped(server, tmp_path):
    source = server.source("a", CONTENTS)
    part_of(source, tmp_path, CONTENTS + b"more")
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    assert server.ranges("a") == ["bytes=50004-", None]


@pytest.mark.parametrize("part", [b"", b"of another file"])
def test_a_file_with_another_checksum_is_not_kept(server, tmp_path, part):
    source = server.source("a", CONTENTS, "sha256:" + 64 * "0")
    if part:
        part_of(source, tmp_path, part)
    with pytest.raises(Unreachable, match=re.escape(f"{source.url} gives another file")) as caught:
        fetch(source, tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_one_line_after_one_request(server, tmp_path):
    with pytest.raises(Unreachable, match="the server answers 404 Not Found"):
        fetch(Source(server.url("a"), "md5:0"), tmp_path)
    assert len(server.asked) == 1
    assert not list(tmp_path.iterdir())


def test_a_busy_server_is_asked_again(server, tmp_path):
    source = server.source("a", CONTENTS)
    server.statuses["a"] = [503, 429]
    assert fetch(source, tmp_path).read_bytes() == CONTENTS
    server.statuses["b"] = 100 * [503]
    with pytest.raises(Unreachable, match="the server answers 503"):
        fetch(server.source("b", b"other"), tmp_path)
    assert len(server.ranges("b")) == 1 + len(module.WAITS)


def test_no_network_is_one_line_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WAITS", (100.0,))  # would be noticed
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        with pytest.raises(Unreachable, match=r"cannot be reached \(no network\?\)"):
            fetch(Source(url, "md5:0"), tmp_path)


def test_too_little_room_is_said_before_anything_is_written(server, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=len(CONTENTS) - 1))
    with pytest.raises(InputError, match="are free: free some space"):
        fetch(server.source("a", CONTENTS), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_names_the_file(server, tmp_path):
    source = server.source("a", CONTENTS)
    part = part_of(source, tmp_path)
    part.unlink()
    part.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        fetch(source, tmp_path)
    assert caught.value.filename == str(part)
