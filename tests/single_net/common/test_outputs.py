"""What commands may write over."""

from __future__ import annotations

import numpy as np
import pytest

from encoded_text import InputError
from single_net.common.outputs import check_outputs
from single_net.data.dataset import CaptionDataset
from single_net.data.load import load_dataset


def test_neither_what_is_read_nor_an_image_of_the_data_set_is_replaced(tmp_path):
    for name in ("a.png", "b.png", "model.png"):
        (tmp_path / name).write_text("x")
    images = [tmp_path / "a.png", tmp_path / "b.png"]
    data = CaptionDataset("made-up", "test", ["a", "b"], images, [["x"], ["y"]]).select([1, 0])
    for name in ("a.png", "b.png", "model.png"):
        with pytest.raises(InputError, match="this command reads it"):
            check_outputs([tmp_path / "new.png", tmp_path / name], [None, tmp_path / "model.png"], data.images)
    check_outputs([tmp_path / "new.png"], [tmp_path / "model.png"], data.images)


def test_images_that_are_no_files_do_not_count(tmp_path):
    (tmp_path / "a.png").write_text("x")
    check_outputs([tmp_path / "a.png"], images=load_dataset("scenes").images)
    check_outputs([tmp_path / "a.png"], images=[np.zeros((4, 4, 3), np.uint8)])
    check_outputs([tmp_path / "a.png"], images=[])
