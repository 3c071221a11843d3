import numpy as np
import pytest
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.data.image import read_image
from single_net.inference.images import read_images

SIZE = 16


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{i}.png" for i in range(40)]  # more than wait for their turn at once
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (20, 30, 3), np.uint8)).save(path)
    return paths


def test_files_are_decoded_in_threads_and_stay_in_order(files):
    assert np.array_equal(read_images(files, SIZE), np.stack([read_image(path, SIZE) for path in files]))


def test_names_images_and_arrays_may_be_mixed(files):
    with Image.open(files[1]) as image:  # not decoded yet, and given twice
        given = [str(files[0]), image, np.asarray(Image.open(files[2])), image]
        expected = [read_image(files[i], SIZE) for i in (0, 1, 2, 1)]
        assert np.array_equal(read_images(iter(given), SIZE), np.stack(expected))
    assert read_images([], SIZE).shape == (0, SIZE, SIZE, 3)


def test_one_image_is_no_list(files):
    for alone in (files[0], str(files[0]), Image.new("RGB", (8, 8)), np.zeros((8, 8, 3), np.uint8)):
        with pytest.raises(InputError, match="a list of images"):
            read_images(alone, SIZE)


def test_what_cannot_be_read_is_named(files, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"broken\.png"):
        read_images([files[0], tmp_path / "broken.png", files[1]], SIZE)
