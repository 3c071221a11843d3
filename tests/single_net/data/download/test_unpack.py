"""Archives: what is refused, and that a refused or broken one leaves nothing behind."""

from __future__ import annotations

import io
import shutil
import stat
import tarfile
import zipfile
from types import SimpleNamespace

import pytest

from encoded_text.common.errors import InputError
from single_net.data.download import unpack as module
from single_net.data.download.unpack import unpack

GOOD = {"images/a.jpg": b"a", "images/more/b.jpg": b"bb", "__MACOSX/images/._a.jpg": b"?", "readme.txt": b"r"}


def zip_member(name, contents=b"x", mode=0):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
    return info, contents


def tar_member(name, contents=b"x", kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(contents)
    return info, contents


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for info, contents in members:
            file.writestr(info, contents)


def write_tar(path, members):
    with tarfile.open(path, "w:gz") as file:
        for info, contents in members:
            file.addfile(info, io.BytesIO(contents))


@pytest.fixture(params=[(write_zip, zip_member, "a.zip"), (write_tar, tar_member, "a.tar.gz")], ids=["zip", "tar"])
def archive(request, tmp_path):
    """write(member, ...) writes an archive of GOOD and these members; .path, .member."""
    write, member, name = request.param
    path = tmp_path / "archives" / name
    path.parent.mkdir()

    def written(*members):
        write(path, [*(member(name, contents) for name, contents in GOOD.items()), *members])

    return SimpleNamespace(write=written, path=path, member=member)


def attempt(path, inside="."):
    """Unpack to archives/../to/data."""
    to = path.parent.parent / "to"
    to.mkdir(exist_ok=True)
    unpack(path, inside, to / "data", to / "unpacked")
    return {str(file.relative_to(to)): file.read_bytes() for file in to.rglob("*") if file.is_file()}


def refused(path, message, inside="."):
    """Unpacking is refused with `message`, and nothing is left or has come beside the folder."""
    before = sorted(path.parent.parent.rglob("*"))
    with pytest.raises(InputError, match=message) as caught:
        attempt(path, inside)
    assert "\n" not in str(caught.value)
    to = path.parent.parent / "to"
    assert not list(to.iterdir())
    assert sorted(path.parent.parent.rglob("*")) == sorted({*before, to})


def test_one_folder_or_file_or_all_of_it(archive):
    archive.write()
    assert attempt(archive.path, "images") == {"data/a.jpg": b"a", "data/more/b.jpg": b"bb"}
    shutil.rmtree(archive.path.parent.parent / "to")
    assert attempt(archive.path, "readme.txt") == {"data": b"r"}
    (archive.path.parent.parent / "to/data").unlink()
    assert attempt(archive.path) == {
        "data/images/a.jpg": b"a",
        "data/images/more/b.jpg": b"bb",
        "data/readme.txt": b"r",
    }


def test_a_folder_that_is_not_in_it(archive):
    archive.write()
    refused(archive.path, "holds no Images", "Images")
    refused(archive.path, "holds no __MACOSX", "__MACOSX")


@pytest.mark.parametrize(
    "name", ["../evil", "images/../../evil", "/tmp/single-net-evil", "..\\evil", "C:\\evil", "C:evil"]
)
def test_names_that_lead_out_of_the_folder(archive, name):
    archive.write(archive.member(name))
    refused(archive.path, "leads out of the folder")
    refused(archive.path, "leads out of the folder", "images")


def test_links_and_devices_in_a_zip(tmp_path):
    path = tmp_path / "archives" / "a.zip"
    path.parent.mkdir()
    write_zip(path, [zip_member("out", b"/etc", stat.S_IFLNK | 0o777), zip_member("out/passwd")])
    refused(path, "'out' is a link")
    write_zip(path, [zip_member("pipe", b"", stat.S_IFIFO | 0o666)])
    refused(path, "'pipe' is a device")


@pytest.mark.parametrize(
    ("kind", "link", "name"),
    [
        (tarfile.SYMTYPE, "/etc", "link"),
        (tarfile.SYMTYPE, "images", "link"),
        (tarfile.LNKTYPE, "/etc/passwd", "link"),
        (tarfile.CHRTYPE, "", "device"),
        (tarfile.FIFOTYPE, "", "device"),
    ],
)
def test_links_and_devices_in_a_tar(tmp_path, kind, link, name):
    path = tmp_path / "archives" / "a.tar.gz"
    path.parent.mkdir()
    write_tar(path, [tar_member("images/a.jpg"), tar_member("out", b"", kind, link), tar_member("out/passwd")])
    refused(path, f"'out' is a {name}")


def test_bombs(archive, monkeypatch):
    archive.write(archive.member("zeros", bytes(3_000_000)))
    refused(archive.path, "more than 100 times its size")
    archive.write()
    monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    refused(archive.path, "3 files")


def test_a_tar_bomb_is_refused_by_its_header(tmp_path):
    """The size is declared, its terabyte does not follow: it is refused without being looked for."""
    path = tmp_path / "archives" / "a.tar"
    path.parent.mkdir()
    info = tarfile.TarInfo("zeros")
    info.size = 10**12
    path.write_bytes(info.tobuf() + bytes(10_240))
    refused(path, "more than 100 times its size")


def test_a_zip_that_declares_less_than_it_holds(tmp_path):
    path = tmp_path / "archives" / "a.zip"
    path.parent.mkdir()
    contents = bytes(2_000_000)
    write_zip(path, [zip_member("zeros", contents)])
    size = len(contents).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    refused(path, "is broken")


def test_a_truncated_archive(archive):
    archive.write()
    path = archive.path
    path.write_bytes(path.read_bytes()[:-60])
    refused(path, "is broken")


def test_a_damaged_member(tmp_path):
    path = tmp_path / "archives" / "a.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("images/a.jpg", b"as it was")
        file.writestr("images/b.jpg", b"as it was")
    path.write_bytes(path.read_bytes()[::-1].replace(b"as it was"[::-1], b"changed !"[::-1], 1)[::-1])
    refused(path, "is broken .*images/b.jpg")


def test_too_little_room_is_said_before_anything_is_written(archive, monkeypatch):
    archive.write()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3))
    refused(archive.path, "free some space")
    assert attempt(archive.path, "images")  # 3 bytes


def test_a_disk_that_fills_up_leaves_nothing_and_names_the_target(archive, monkeypatch):
    archive.write()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left") as caught:
        attempt(archive.path)
    to = archive.path.parent.parent / "to"
    assert caught.value.filename == str(to / "data")
    assert not list(to.iterdir())


def test_what_an_interrupted_call_left_does_not_come_along(archive):
    archive.write()
    left = archive.path.parent.parent / "to/unpacked/images/half.jpg"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"ha")
    assert attempt(archive.path, "images") == {"data/a.jpg": b"a", "data/more/b.jpg": b"bb"}
