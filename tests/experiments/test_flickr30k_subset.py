"""Flickr30K's images that lie in Flickr8k, put together with Flickr30K's captions and split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from encoded_text import InputError
from experiments.flickr30k_subset import put_together
from single_net.data.load import load_dataset


@pytest.fixture
def roots(tmp_path, monkeypatch) -> Path:
    """Six images in Flickr30K, of which one a split, and one more of training, are in Flickr8k."""
    eight, thirty = tmp_path / "flickr8k", tmp_path / "flickr30k"
    (eight / "Images").mkdir(parents=True)
    thirty.mkdir()
    for name in ("100001_0a1b.jpg", "100003_ffff.jpg", "100004_00.jpg", "100006_ab.jpg", "100009_cd.jpg"):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(eight / "Images" / name)
    splits = {"train": ("100001", "100002", "100006"), "val": ("100003",), "test": ("100004", "100005")}
    lines = []
    for split, names in splits.items():
        (thirty / f"{split}.txt").write_text("\n".join(names))
        lines += [f"{name}.jpg#{k}\tcaption {k} of {name}\n" for name in names for k in range(5)]
    (thirty / "results_20130124.token").write_text("".join(lines))
    monkeypatch.setenv("FLICKR30K_ROOT", str(thirty))
    return tmp_path


def test_images_at_hand_keep_flickr30ks_split_names_and_captions(roots):
    folder = roots / "runs" / "both"
    for _ in range(2):  # and again, over what is there
        assert put_together(roots / "flickr8k", folder) == {"train": 2, "val": 1, "test": 1}
    train = load_dataset("flickr30k", folder, "train")
    assert list(train.ids) == ["100001.jpg", "100006.jpg"]
    assert train.captions[1] == [f"caption {k} of 100006" for k in range(5)]
    assert train.images[0].resolve() == (roots / "flickr8k/Images/100001_0a1b.jpg").resolve()
    assert not list(folder.parent.glob(".*"))


def test_a_folder_without_shared_images_is_refused_and_nothing_is_left(roots):
    (roots / "flickr8k" / "Images" / "100003_ffff.jpg").unlink()
    with pytest.raises(InputError, match="all three splits"):
        put_together(roots / "flickr8k", roots / "runs" / "both")
    assert not list((roots / "runs").iterdir())


@pytest.mark.parametrize("made", [["notes.txt"], ["Images/real.jpg", "train.txt", "val.txt", "test.txt"], None])
def test_a_folder_of_something_else_is_not_replaced(roots, made):
    """It would be deleted whole: one's own Flickr8k, for example."""
    folder = roots / "flickr8k" if made is None else roots / "mine"
    for name in made or ():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    before = sorted(folder.rglob("*"))
    with pytest.raises(InputError, match="not replaced"):
        put_together(roots / "flickr8k", folder)
    (roots / "file").write_text("x")
    with pytest.raises(InputError, match="not replaced"):
        put_together(roots / "flickr8k", roots / "file")
    assert sorted(folder.rglob("*")) == before


def test_a_link_to_a_folder_is_followed(roots):
    (roots / "disk").mkdir()
    link = roots / "link"
    link.symlink_to(roots / "disk")
    for _ in range(2):
        put_together(roots / "flickr8k", link)
        assert link.is_symlink() and len(load_dataset("flickr30k", link, "train")) == 2


@pytest.mark.parametrize("folder", [".", "../mine", ".."])
def test_the_current_folder_is_not_replaced(roots, monkeypatch, folder):
    """The shell would be left in a folder that is no more."""
    (roots / "mine").mkdir()
    monkeypatch.chdir(roots / "mine")
    with pytest.raises(InputError, match="is the current folder"):
        put_together(roots / "flickr8k", Path(folder))
    assert (roots / "mine").samefile(".") and not list(roots.glob(".*"))
