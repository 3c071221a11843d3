"""Images of a folder, without captions."""

from __future__ import annotations

import pytest

from encoded_text import InputError
from single_net.data.readers.folder import load_folder


def test_images_by_their_endings_at_any_depth_and_no_hidden_ones(tmp_path):
    for name in ("b.JPG", "a.png", "deep/er/c.webp", "notes.txt", ".hidden.png", ".trash/d.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    data = load_folder(tmp_path)
    assert list(data.ids) == ["a.png", "b.JPG", "deep/er/c.webp"]
    assert list(data.images) == [tmp_path / name for name in data.ids]
    assert data.flat_captions == [] and len(data.image_of_caption) == 0


def test_no_folder_and_no_images_are_one_line(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load_folder(tmp_path / "missing")
    with pytest.raises(InputError, match="no images"):
        load_folder(tmp_path)
