"""The cache of decoded images: found by the contents of the files, and without what cannot be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

import numpy as np
import pytest
from image_folders import arrays, dataset, unfinished, write_images
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.data import cached_array, image_cache
from single_net.data.image import read_image
from single_net.data.image_cache import image_contents, prepare_images
from single_net.data.load import load_dataset

pytestmark = pytest.mark.filterwarnings("ignore:.*left out")


def test_rows_of_the_array_are_the_images_in_order(tmp_path):
    paths = write_images(tmp_path, 600)
    data, images = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert data.images == paths and images.shape == (600, 8, 8, 3) and images.dtype == np.uint8
    assert isinstance(images, np.memmap) and not images.flags.writeable
    assert all(np.array_equal(images[i], read_image(path, 8)) for i, path in enumerate(paths))
    assert unfinished(tmp_path / "cache") == []


def test_pillows_warnings_do_not_disturb_the_progress_bar(tmp_path, recwarn):
    Image.new("1", (9500, 9500)).save(tmp_path / "large.png")
    Image.new("RGB", (80, 60)).save(tmp_path / "exif.png", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    prepare_images(dataset([tmp_path / "large.png", tmp_path / "exif.png"]), 8, cache=tmp_path / "cache")
    assert not recwarn


def test_the_cache_is_used_until_something_changes(tmp_path, reads):
    paths = write_images(tmp_path, 3)
    data = dataset(paths)
    _, before = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 3
    _, again = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 3 and np.array_equal(before, again)
    prepare_images(data, 16, cache=tmp_path / "cache")
    assert len(reads) == 6, "another size"
    prepare_images(data.select([2, 0, 1]), 8, cache=tmp_path / "cache")
    assert len(reads) == 9, "another order"
    Image.new("RGB", (5, 5), "white").save(paths[1])
    _, after = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 12 and (after[1] == 255).all() and not np.array_equal(before, after)


def test_the_same_images_elsewhere_and_under_other_names_are_not_decoded_again(tmp_path, reads):
    paths = write_images(tmp_path / "here", 3)
    _, before = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    moved = [path.rename(path.with_name(f"moved {path.name}")) for path in sorted((tmp_path / "there").iterdir())]
    _, after = prepare_images(dataset(moved), 8, cache=tmp_path / "cache")
    assert len(reads) == 3 and np.array_equal(before, after)


def test_images_that_change_while_they_are_prepared(tmp_path, monkeypatch):
    paths = write_images(tmp_path, 3)

    def changing(source, size):
        if source == paths[2]:
            Image.new("RGB", (7, 7)).save(paths[0])
        return read_image(source, size)

    monkeypatch.setattr(cached_array, "read_image", changing)
    with pytest.raises(InputError, match="mine test: images changed while they were prepared: start again"):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert not arrays(tmp_path / "cache") and not unfinished(tmp_path / "cache")


def test_the_folder_of_the_cache(tmp_path, monkeypatch):
    data = dataset(write_images(tmp_path, 1))
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "named"))
    prepare_images(data, 8)
    assert len(arrays(tmp_path / "named")) == 1
    monkeypatch.delenv("SINGLE_NET_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    prepare_images(data, 8)
    assert len(arrays(tmp_path / "home" / ".cache" / "single-net")) == 1


def test_bad_images_stop_with_the_first_and_their_number(tmp_path, reads):
    paths = write_images(tmp_path, 5)
    paths[1].write_bytes(b"no image")
    paths[3].unlink()
    for decoded in (5, 0):
        reads.clear()
        with pytest.raises(InputError, match=r"mine test: .*1.png: not a readable .*unreadable image: 2.*--skip-bad"):
            prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
        assert len(reads) == decoded
    assert len(prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 3


def test_an_image_that_failed_only_once_is_read_again(tmp_path, monkeypatch):
    paths = write_images(tmp_path, 3)

    def failing(source, size):
        if source == paths[1]:
            raise InputError("not enough memory")
        return read_image(source, size)

    monkeypatch.setattr(cached_array, "read_image", failing)
    assert len(prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 2
    for skip_bad in (False, True):  # it fails among the others, and alone it is read: built again once, then told
        with (
            pytest.warns(UserWarning, match="left out")
            if skip_bad
            else pytest.raises(InputError, match=r"1\.png: could be read now, but not while the cache was built")
        ):
            prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=skip_bad)
    monkeypatch.undo()
    data, images = prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    assert len(data) == len(images) == 3


def test_bad_images_are_skipped_counted_and_remembered(tmp_path, reads):
    paths = write_images(tmp_path, 5)
    paths[1].write_bytes(b"no image")
    data = dataset(paths)
    for _ in range(2):
        kept, images = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
        assert kept.ids == ["0.png", "2.png", "3.png", "4.png"] and kept.skipped == {"unreadable image": 1}
        assert kept.captions[1] == ["caption of 2.png"]
        assert images.shape == (4, 8, 8, 3)
        assert all(np.array_equal(images[i], read_image(paths[j], 8)) for i, j in enumerate([0, 2, 3, 4]))
    assert len(set(map(str, reads))) == 5
    assert len([source for source in reads if source != paths[1]]) == 4, "the second time came from the cache"
    Image.new("RGB", (5, 5)).save(paths[1])
    kept, images = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
    assert kept is data and len(images) == 5


def test_pipes_are_unreadable_and_what_is_skipped_is_told(tmp_path):
    paths = write_images(tmp_path, 4)
    for path in paths[1:3]:
        path.unlink()
        os.mkfifo(path)
    with pytest.warns(UserWarning, match=r"mine test: left out \(unreadable image: 2\), the first: 1.png"):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)
    with pytest.raises(InputError, match=r"1.png: not a readable image \(no ordinary file\) .*unreadable image: 2"):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache")


def test_contents_by_id_change_with_the_image(tmp_path, monkeypatch):
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "cache"))
    paths = write_images(tmp_path, 3)
    before = image_contents(dataset(paths))
    Image.new("RGB", (5, 5), "white").save(paths[1])
    paths[2].unlink()
    after = image_contents(dataset(paths))
    assert list(before) == list(after) == ["0.png", "1.png", "2.png"]
    assert before["0.png"] == after["0.png"] and before["1.png"] != after["1.png"] and after["2.png"] is None
    assert image_contents(dataset(Drawn("1")))["0.png"] == "1"


def test_images_are_read_again_once_a_package_that_reads_them_is_there(tmp_path, monkeypatch):
    paths = write_images(tmp_path, 2)

    def without_package(source, size):
        if source == paths[1]:
            raise InputError("HEIC is read after pip install")
        return read_image(source, size)

    with monkeypatch.context() as patch:
        for module in (image_cache, cached_array):
            patch.setattr(module, "read_image", without_package)
        for _ in range(2):
            assert len(prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 1
    assert len(prepare_images(dataset(paths), 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 2


def test_nothing_left_to_prepare(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"none of the 1 images can be read, 0\.png for one"):
        prepare_images(dataset([tmp_path / "a.png"]), 8, cache=tmp_path / "cache", skip_bad=True)
    assert not arrays(tmp_path / "cache") and not unfinished(tmp_path / "cache")
    with pytest.raises(InputError, match="there are no images"):
        prepare_images(dataset([]), 8, cache=tmp_path / "cache")


class Drawn(Sequence):
    """Images drawn when they are looked at, counting how often."""

    def __init__(self, version=None):
        self.drawn = 0
        if version is not None:
            self.version = version

    def __len__(self):
        return 3

    def __getitem__(self, i):
        if not 0 <= i < 3:
            raise IndexError(i)
        self.drawn += 1
        return np.full((6, 6, 3), 80 * i, np.uint8)


def test_drawn_images_are_known_by_their_version_and_arrays_by_their_pixels(tmp_path):
    drawn = Drawn("1")
    for _ in range(2):
        _, images = prepare_images(dataset(drawn), 8, cache=tmp_path)
        assert images[:, 0, 0, 0].tolist() == [0, 80, 160]
    assert drawn.drawn == 3
    _, images = prepare_images(dataset(drawn).select([2, 0, 1]), 8, cache=tmp_path)
    assert images[:, 0, 0, 0].tolist() == [160, 0, 80]
    prepare_images(dataset(newer := Drawn("2")), 8, cache=tmp_path)
    assert newer.drawn == 3
    pixels = list(Drawn())
    assert (prepare_images(dataset(pixels), 8, cache=tmp_path)[1][1] == 80).all()
    pixels[1] = pixels[1] + 1
    assert (prepare_images(dataset(pixels), 8, cache=tmp_path)[1][1] == 81).all()


def test_the_real_flickr8k_can_be_read(tmp_path):
    root = os.environ.get("FLICKR8K_ROOT") or pytest.skip("set FLICKR8K_ROOT to the folder of Flickr8k to run this")
    data = load_dataset("flickr8k", root, "test")
    kept, images = prepare_images(data, 32, cache=tmp_path)
    assert kept is data and images.shape == (1000, 32, 32, 3)
    assert images.std(axis=(1, 2, 3)).min() > 1, "no image is blank"
