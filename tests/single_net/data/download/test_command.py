"""`python -m single_net.data.download`: whole sets from a server on this machine, ready for the readers."""

from __future__ import annotations

import io
import json
import random
import re
import signal
import subprocess
import sys
import tarfile
import time
import tomllib
import zipfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
from commands import outcome

from encoded_text.common.errors import InputError
from single_net.data.download import datasets
from single_net.data.download.__main__ import main
from single_net.data.download.addresses import ADDRESSES, Source, read_addresses
from single_net.data.load import load_dataset

SPLITS = {"train": 2, "val": 1, "test": 1}
REQUEST = "the images are given out on request only: ask at https://example.org/form"
CALL = """
import signal, sys; from pathlib import Path; from single_net.data.download.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
main(Path(sys.argv.pop()))
"""


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, contents in files.items():
            file.writestr(name, contents)
    return buffer.getvalue()


def karpathy(folder: str = "") -> bytes:
    """A split file; COCO's images are in folders, and every second image for training is in restval."""
    splits = ["train", "restval" if folder else "train", "val", "test"]
    images = [
        {"filename": f"{i}.jpg", "split": split, "sentences": 5 * [{"raw": f"image {i}"}]}
        | ({"filepath": "train2014" if split == "train" else folder} if folder else {})
        for i, split in enumerate(splits)
    ]
    return json.dumps({"images": images}).encode()


def flickr8k_text() -> dict[str, bytes]:
    tokens = "".join(f"{i}.jpg#{k}\tcaption {k} of {i} .\n" for i in range(4) for k in range(5))
    lists = {"train": "0.jpg\n1.jpg\n", "dev": "2.jpg\n", "test": "3.jpg\n"}
    files = {f"Flickr_8k.{name}Images.txt": text.encode() for name, text in lists.items()}
    return {"Flickr8k.token.txt": tokens.encode(), "__MACOSX/._Flickr8k.token.txt": b"\0", **files}


def write_addresses(path: Path, name: str, parts: list[dict]) -> Path:
    """The file of addresses of one data set; what the shipped one says of each part but its sources is kept."""
    lines = [f"[{name}]", f"splits = {{ train = {SPLITS['train']}, val = 1, test = 1 }}"]
    shipped = {part.name: part for part in read_addresses()[name].parts}
    for part in parts:
        kept = asdict(shipped[part["name"]])
        lines.append(f"[[{name}.parts]]")
        lines += [f"{key} = {json.dumps(kept[key])}" for key in ("name", "inside", "archive") if kept[key]]
        if "sources" in part:
            sources = ", ".join(f'{{ url = "{one.url}", checksum = "{one.checksum}" }}' for one in part["sources"])
            lines.append(f"sources = [{sources}]")
        else:
            lines.append(f"request = {json.dumps(REQUEST)}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def flickr8k(server, tmp_path):
    images = zipped(
        {f"Flicker8k_Dataset/{i}.jpg": random.Random(i).randbytes(50_000) for i in range(4)}
        | {"__MACOSX/._0.jpg": b"?"}
    )
    parts = [
        {"name": "Flickr8k_text", "sources": [server.source("text.zip", zipped(flickr8k_text()))]},
        {"name": "Flicker8k_Dataset", "sources": [server.source("images.zip", images)]},
    ]
    return write_addresses(tmp_path / "addresses.toml", "flickr8k", parts)


@pytest.fixture
def flickr30k(server, tmp_path):
    splits = zipped({"dataset_flickr30k.json": karpathy(), "dataset_coco.json": b"{}"})
    parts = [
        {"name": "dataset_flickr30k.json", "sources": [server.source("splits.zip", splits)]},
        {"name": "flickr30k-images"},
    ]
    return write_addresses(tmp_path / "addresses.toml", "flickr30k", parts)


@pytest.fixture
def command():
    """command(addresses, arguments) -> (status, stdout, stderr)"""
    return lambda addresses, *arguments: outcome(partial(main, addresses), *arguments)


def sizes(name, root, **options):
    return {split: len(load_dataset(name, root, split, **options).images) for split in SPLITS}


def test_flickr8k(server, flickr8k, command, tmp_path):
    to = tmp_path / "a folder" / "flickr8k"
    status, out, err = command(flickr8k, "flickr8k", "--to", to)
    assert (status, err) == (0, "")
    assert sizes("flickr8k", to) == SPLITS
    assert sorted(path.name for path in to.iterdir()) == ["Flicker8k_Dataset", "Flickr8k_text"]
    assert out.splitlines()[-1] == f"to use it: export FLICKR8K_ROOT='{to}'"


def test_what_is_there_is_not_fetched_again(server, flickr8k, command, tmp_path):
    command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    server.asked.clear()
    status, out, _ = command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    assert status == 0
    assert f"Flickr8k is complete in {tmp_path / 'to'}" in out
    assert not server.asked


def test_images_under_another_name_are_accepted(server, flickr8k, command, tmp_path):
    for i in range(4):
        path = tmp_path / "to/Images" / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert command(flickr8k, "flickr8k", "--to", tmp_path / "to")[0] == 0
    assert server.asked == [("text.zip", None)]


def test_a_set_that_lost_an_image_is_one_line(server, flickr8k, command, tmp_path):
    command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    (tmp_path / "to/Flicker8k_Dataset/1.jpg").unlink()
    status, _, err = command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    assert status == 2
    assert re.fullmatch(r"error: .* does not hold Flickr8k as published: .*1\.jpg is missing.*\n", err)


def test_a_split_of_another_size_is_one_line(server, command, tmp_path, flickr8k):
    flickr8k.write_text(flickr8k.read_text().replace("train = 2", "train = 3"))
    status, _, err = command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    assert status == 2
    assert "its train split has 2 images, not 3" in err


def test_flickr30k_says_where_to_ask_and_takes_what_was_sent(server, flickr30k, command, tmp_path):
    to = tmp_path / "to"
    status, out, _ = command(flickr30k, "flickr30k", "--to", to)
    assert status == 0
    assert [line for line in out.splitlines() if REQUEST in line and f"save flickr30k-images.tar.gz in {to}" in line]
    assert sizes("flickr30k", to, captions_only=True) == SPLITS

    with tarfile.open(to / "flickr30k-images.tar.gz", "w:gz") as file:
        for i in range(4):
            info = tarfile.TarInfo(f"flickr30k-images/{i}.jpg")
            info.size = 1
            file.addfile(info, io.BytesIO(b"x"))
    server.asked.clear()
    status, out, _ = command(flickr30k, "flickr30k", "--to", to)
    assert (status, server.asked) == (0, [])
    assert REQUEST not in out
    assert sizes("flickr30k", to) == SPLITS
    assert (to / "flickr30k-images.tar.gz").exists()


def test_coco_from_the_second_address(server, command, tmp_path):
    gone = Source(server.url("gone/splits.zip"), "md5:" + 32 * "0")
    bad = server.source("bad.json", b"<html>", "sha256:" + 64 * "0")
    train = zipped({"train2014/0.jpg": b"0"})
    val = zipped({f"val2014/{i}.jpg": b"x" for i in (1, 2, 3)})
    parts = [
        {"name": "dataset_coco.json", "sources": [gone, bad, server.source("splits.json", karpathy("val2014"))]},
        {"name": "val2014", "sources": [server.source("val2014.zip", val)]},
        {"name": "train2014", "sources": [server.source("train2014.zip", train)]},
    ]
    status, out, _ = command(
        write_addresses(tmp_path / "addresses.toml", "coco", parts), "coco", "--to", tmp_path / "to"
    )
    assert status == 0
    assert "gone/splits.zip: the server answers 404" in out
    assert "bad.json gives another file" in out
    assert sizes("coco", tmp_path / "to") == SPLITS


def test_a_part_that_no_address_gives_is_one_line(server, flickr8k, command, tmp_path):
    del server.files["images.zip"]
    status, _, err = command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    assert status == 2
    assert re.fullmatch(r"error: Flicker8k_Dataset: .*404 Not Found\. .*\n", err)
    assert not (tmp_path / "to/Flicker8k_Dataset").exists()
    assert not list((tmp_path / "to" / datasets.WORK).iterdir())  # the unpacked archive does not wait for the others


def test_an_archive_that_leads_out_of_the_folder_is_one_line(server, command, tmp_path):
    evil = server.source("text.zip", zipped({**flickr8k_text(), "../evil.txt": b"x"}))
    addresses = write_addresses(tmp_path / "a.toml", "flickr8k", [{"name": "Flickr8k_text", "sources": [evil]}])
    status, _, err = command(addresses, "flickr8k", "--to", tmp_path / "to")
    assert status == 2
    assert re.fullmatch(r"error: .*'\.\./evil\.txt' leads out of the folder.*\n", err)
    assert not [*tmp_path.rglob("evil.txt"), *tmp_path.rglob("Flickr8k.token.txt")]


def test_ctrl_c_is_one_line_and_the_same_command_goes_on(server, flickr8k, command, tmp_path):
    server.stalls_after["images.zip"] = 150_000
    to = tmp_path / "to"
    source = read_addresses(flickr8k)["flickr8k"].parts[1].sources[0]
    part = to / datasets.WORK / f"{source.checksum.removeprefix('sha256:')[:16]}.part"
    with subprocess.Popen(
        [sys.executable, "-c", CALL, "flickr8k", "--to", to, flickr8k],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert server.stalled.wait(60)
            while process.poll() is None and not (part.exists() and part.stat().st_size >= 100_000):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    assert process.returncode == 130
    assert re.fullmatch(rf"error: stopped; .*python -m single_net\.data\.download flickr8k --to {to}\n", err)
    assert not (to / "Flicker8k_Dataset").exists()

    came = part.stat().st_size
    server.stalls_after.clear()
    server.asked.clear()
    assert command(flickr8k, "flickr8k", "--to", to)[0] == 0
    assert server.asked == [("images.zip", f"bytes={came}-")]


def test_two_downloads_into_one_folder(flickr8k, command, tmp_path):
    (tmp_path / "to").mkdir()
    with datasets._alone(tmp_path / "to"):
        status, _, err = command(flickr8k, "flickr8k", "--to", tmp_path / "to")
    assert status == 2
    assert "another download into it is running" in err


def test_wrong_calls_are_one_line(command, tmp_path):
    (tmp_path / "file").write_text("")
    for arguments in (["flickr8k"], ["flickr9k", "--to", tmp_path], ["flickr8k", "--to", tmp_path / "file"]):
        status, _, err = command(ADDRESSES, *arguments)
        assert status == 2
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_help_has_an_example(command):
    status, out, _ = command(ADDRESSES, "--help")
    assert status == 0
    assert "python -m single_net.data.download flickr8k --to" in out


def test_the_shipped_addresses():
    document = tomllib.loads(ADDRESSES.read_text(encoding="utf-8"))
    data_sets = read_addresses()
    assert set(data_sets) == set(document) == {"flickr8k", "flickr30k", "coco"}
    for data_set in data_sets.values():
        for part in data_set.parts:
            assert bool(part.sources) != bool(part.request and part.archive)
            for source in part.sources:
                algorithm, _, digest = source.checksum.partition(":")
                assert re.fullmatch(r"[0-9a-f]+", digest)
                assert len(digest) == {"md5": 32, "sha256": 64}[algorithm]
                assert source.url.startswith("https://") or (source.url.startswith("http://") and algorithm == "sha256")
                assert source.is_archive or source.file.endswith(".json")


def test_download_without_the_command(flickr8k, tmp_path):
    assert datasets.download("flickr8k", tmp_path / "to", flickr8k) == ""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        datasets.download("flickr8k", tmp_path / "file", flickr8k)
