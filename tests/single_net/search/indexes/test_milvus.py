"""What is only in Milvus: addresses, servers that do not answer, files in use."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
from in_turn import free_ports
from index_items import header, items, unit_vectors

from encoded_text import InputError
from single_net.search.indexes import milvus, open_index, open_or_create
from single_net.search.indexes.address import Address, is_milvus, parse


def test_addresses():
    assert parse("photos.db") == Address("photos.db", "single_net") and parse("photos.db").is_file
    assert parse("http://host") == Address("http://host:19530", "single_net")
    assert parse("http://[::1]:7/Photos_2/") == Address("http://[::1]:7", "Photos_2")
    assert parse("https://x.zillizcloud.com/photos") == Address("https://x.zillizcloud.com:443", "photos")
    assert [is_milvus(place) for place in ("http://h/a", "a/b.db", "a/b", "db", "ftp://x")] == [
        True,
        True,
        *[False] * 3,
    ]


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("http://", "no address"),
        ("http://h:99999/x", "no address"),
        ("http://h:x/y", "no address"),
        ("http://h/a/b", "letters"),
        ("http://h/1a", "letters"),
        ("http://h/a' or 1", "letters"),
        ("http://h/a?b=c", "no address"),
        ("https://root:secret@h/a", "MILVUS_TOKEN"),
    ],
)
def test_wrong_addresses(place, word):
    with pytest.raises(InputError, match=word) as raised:
        open_index(place)
    assert "secret" not in str(raised.value)


def test_without_the_extra(monkeypatch, tmp_path):
    for missing in ("pymilvus", "milvus_lite"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, missing, None)
            with pytest.raises(InputError, match=r"pip install 'single-net\[milvus\]'"):
                open_or_create(str(tmp_path / "a.db"), header)


pymilvus = pytest.importorskip("pymilvus", reason="the extra milvus is not installed")


def test_a_full_disk_is_called_so(monkeypatch, tmp_path):
    with open_or_create(str(tmp_path / "a.db"), header) as index:

        def full(**_):
            raise pymilvus.MilvusException(message="[Errno 28] No space left on device")

        monkeypatch.setattr(index._client, "upsert", full)
        with pytest.raises(InputError, match="No space left on device: free some space"):
            index.add("images", items(2), unit_vectors(2))


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    place = tmp_path / "mine.db"
    place.mkdir()
    (place / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="no index"):
        open_index(str(place))
    with pytest.raises(InputError, match=r"other files \(notes\.txt\)"):
        open_or_create(str(place), header)
    assert [path.name for path in place.iterdir()] == ["notes.txt"]


def test_a_server_that_is_not_there(monkeypatch):
    monkeypatch.setattr(milvus, "_SECONDS", 4.0)
    began = time.monotonic()
    with pytest.raises(InputError, match="is the server running"):
        open_index(f"http://127.0.0.1:{free_ports(1)[0]}/photos")
    assert time.monotonic() - began < 30


def test_a_server_that_accepts_and_says_nothing(monkeypatch):
    monkeypatch.setattr(milvus, "_SECONDS", 4.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        with pytest.raises(InputError, match="is the server running"):
            open_index(f"http://127.0.0.1:{silent.getsockname()[1]}/photos")
        assert time.monotonic() - began < 30


def test_a_file_of_another_kind_and_a_missing_folder(tmp_path):
    (tmp_path / "old.db").write_bytes(b"SQLite format 3\0")
    with pytest.raises(InputError, match="Milvus Lite 2"):
        open_index(tmp_path / "old.db")
    with pytest.raises(InputError, match="no such folder"):
        open_or_create(str(tmp_path / "no" / "a.db"), header)
    with pytest.raises(InputError, match="no index"):
        open_index(tmp_path / "missing.db")
    assert not (tmp_path / "missing.db").exists()


def test_an_index_whose_making_was_interrupted_is_made_again(tmp_path, monkeypatch):
    place = str(tmp_path / "photos.db")

    def killed(self, new):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(milvus.MilvusIndex, "set_header", killed)
        with pytest.raises(KeyboardInterrupt):
            open_or_create(place, header)
    with pytest.raises(InputError, match="no index"):
        open_index(place)
    with open_or_create(place, header) as index:
        index.add("images", items(3), unit_vectors(3))
        assert index.count("images") == 3


def test_collections_of_another_program_stay(tmp_path):
    place = str(tmp_path / "photos.db")
    with open_or_create(place, header) as index:
        client, name = index._client, index._collection("captions")
        for part in ("captions", "header"):
            client.drop_collection(index._collection(part))
        client.create_collection(name, dimension=8)
        with pytest.raises(InputError, match=f"another program's collection is called {name}: choose"):
            index._create(header())
        assert client.has_collection(name) and client.has_collection(index._collection("images"))


@pytest.mark.slow
def test_a_file_that_another_process_has_open(tmp_path):
    place = str(tmp_path / "photos.db")
    open_or_create(place, header).close()
    code = "import sys; from single_net.search.indexes import open_index; i = open_index(sys.argv[1])"
    code += "; print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(InputError, match="one process at a time"):
            open_index(place)
        other.communicate("")
    with open_index(place) as index:
        assert index.count("images") == 0


class Line:
    """A port of this machine that is a server's until it is cut: then whatever is asked, the connection breaks."""

    def __init__(self, address: str) -> None:
        self._to = (urlsplit(address).hostname, urlsplit(address).port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open, self.cut_at_next_byte, self.was_cut = [self._listening], False, False
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._to)
                self._open += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(1 << 16):
                if self.cut_at_next_byte:
                    self.was_cut = True
                    self.close()
                    return
                target.sendall(part)


@pytest.mark.slow
def test_a_server_that_dies_during_a_query(milvus_server, monkeypatch):
    line = Line(milvus_server)
    try:
        index = open_or_create(f"{line.address}/dying", header)
        index.add("images", items(5), unit_vectors(5))
        assert index.nearest("images", unit_vectors(1), 1)[0][0].item == items(1)[0]
        monkeypatch.setattr(index, "_seconds", 4.0)
        line.cut_at_next_byte = True
        began = time.monotonic()
        with pytest.raises(InputError, match="is the server running") as raised:
            index.nearest("images", unit_vectors(1), 1)
        assert line.was_cut and time.monotonic() - began < 60
        assert "\n" not in str(raised.value)
        index.close()
    finally:
        line.close()
