"""Finding the files of a data set."""

from __future__ import annotations

import os

from single_net.data.readers.text_files import find_file


def test_files_are_found_in_folders_and_links_to_them_without_a_look_at_each_image(tmp_path, monkeypatch):
    root, far = tmp_path / "root", tmp_path / "far"
    for folder in (root, root / "in", far):
        folder.mkdir()
    (far / "b.json").touch()
    (root / "in" / "a.json").touch()
    (root / "link").symlink_to(far)
    for i in range(20):
        (root / f"{i}.jpg").touch()
    asked = []
    real = os.path.isdir
    monkeypatch.setattr(os.path, "isdir", lambda path: asked.append(path) or real(path))
    assert find_file(root, "a.json") == root / "in" / "a.json"
    assert find_file(root, "none.json", "b.json") == root / "link" / "b.json"
    assert find_file(root, "none.json") is None and set(map(str, asked)) == {str(root / "link")}
