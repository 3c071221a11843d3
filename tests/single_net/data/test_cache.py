"""The cache of decoded images stays small, however often a folder changes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from image_folders import arrays, dataset, write_images
from PIL import Image

from single_net.data.cache import ARRAYS, IDLE, UNUSED, cache_folder, cache_key, mark_used, prune_folders
from single_net.data.image_cache import prepare_images


def make_idle(cache: Path) -> None:
    """As if nobody had used the arrays for a day."""
    for path in arrays(cache):
        then = path.stat().st_mtime - IDLE - 60
        os.utime(path, (then, then))


def test_a_folder_that_changes_now_and_then_leaves_at_most_two_arrays(tmp_path):
    paths = write_images(tmp_path, 6)
    for count in range(2, 7):
        _, images = prepare_images(dataset(paths[:count]), 8, cache=tmp_path / "cache")
        assert len(arrays(tmp_path / "cache")) <= ARRAYS == 2 and len(images) == count
        make_idle(tmp_path / "cache")
    prepare_images(dataset(paths[:3]), 16, cache=tmp_path / "cache")
    assert len(arrays(tmp_path / "cache")) == 3, "another size is another need"


def test_data_sets_of_one_name_do_not_delete_each_others_arrays_while_they_are_used(tmp_path, reads):
    tables = [write_images(tmp_path / name, 3 + i) for i, name in enumerate("abc")]
    for _ in range(2):
        for paths in tables:
            prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert len(arrays(tmp_path / "cache")) == 3 and len(reads) == 3 + 4 + 5


def test_the_array_that_was_used_last_is_kept(tmp_path):
    paths = write_images(tmp_path, 4)
    for chosen in (paths[:2], paths[:3]):
        prepare_images(dataset(chosen), 8, cache=tmp_path / "cache")
    for path in arrays(tmp_path / "cache"):
        os.utime(path, (1e9, 1e9))
    _, kept = prepare_images(dataset(paths[:2]), 8, cache=tmp_path / "cache")
    prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert Path(kept.filename) in arrays(tmp_path / "cache") and len(arrays(tmp_path / "cache")) == ARRAYS


def test_what_nobody_has_used_for_a_month_is_deleted_with_the_next_array(tmp_path):
    cache = tmp_path / "cache"
    paths = write_images(tmp_path, 3)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    prepare_images(dataset([*paths[:2], bad], "other"), 8, cache=cache, skip_bad=True)
    long_ago = time.time() - UNUSED - 60
    made, own = "0123456789ab" * 2, ("embedded-1.safetensors", "movie.part", "mine.npy", "notes.blocks")
    for name in (f"embedded-{made}.safetensors", f"x-{made}.part", f"x-{made}.part.json", *own):
        (cache / name).write_bytes(b"")
    (cache / f"x-{made}.blocks").mkdir()
    (cache / f"x-{made}.blocks" / "00000000.npz").touch()
    for path in cache.iterdir():
        os.utime(path, (long_ago, long_ago))
    Image.new("RGB", (9, 9)).save(paths[0])
    prepare_images(dataset(paths), 8, cache=cache)
    old = [path for path in cache.iterdir() if path.stat().st_mtime < long_ago + 1 and path.suffix != ".lock"]
    assert {path.name for path in old} == set(own), "what else lies in the folder is somebody's own"
    assert len(arrays(cache)) == 2, "the new one, and mine.npy"


def test_folders_that_nobody_has_used_for_a_month_are_deleted(tmp_path):
    for name in ("old", "used", "new", "half-deleted.gone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.npy").touch()
    long_ago = time.time() - UNUSED - 60
    for name in ("old", "used"):
        os.utime(tmp_path / name / "0.npy", (long_ago, long_ago))
        os.utime(tmp_path / name, (long_ago, long_ago))
    mark_used(tmp_path / "used" / "0.npy")
    prune_folders(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "used"]
    prune_folders(tmp_path / "none")


def test_a_key_stands_for_all_of_its_parts():
    key = cache_key("teacher", 224, ["a", None])
    assert key == cache_key("teacher", 224, ("a", None)) and len(key) == 24
    assert len({key, cache_key("teacher", 225, ["a", None]), cache_key("teacher", 224, ["a"]), cache_key()}) == 4


def test_the_folder_is_the_given_one_or_that_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path and cache_folder(tmp_path / "own") == tmp_path / "own"
    monkeypatch.setenv("SINGLE_NET_CACHE", "~/elsewhere")
    assert cache_folder() == Path.home() / "elsewhere"
    monkeypatch.delenv("SINGLE_NET_CACHE")
    assert cache_folder() == Path.home() / ".cache" / "single-net"
