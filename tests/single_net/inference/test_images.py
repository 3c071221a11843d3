import numpy as np
import pytest
from PIL import Image

from encoded_text.common.errors import InputError
from single_net.common.parallel import usable_cores
from single_net.data.image import read_image
from single_net.inference.images import read_images, read_one

SIZE = 16


def whole(*arguments) -> np.ndarray:
    return np.concatenate(list(read_images(*arguments)))


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{i}.png" for i in range(40)]  # more than wait for their turn at once
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (20, 30, 3), np.uint8)).save(path)
    return paths


def test_files_are_decoded_in_threads_and_stay_in_order(files):
    assert np.array_equal(whole(files, SIZE), np.stack([read_image(path, SIZE) for path in files]))


def test_names_images_and_arrays_may_be_mixed(files):
    with Image.open(files[1]) as image:  # not decoded yet, and given twice
        given = [str(files[0]), image, np.asarray(Image.open(files[2])), image]
        expected = [read_image(files[i], SIZE) for i in (0, 1, 2, 1)]
        assert np.array_equal(whole(iter(given), SIZE), np.stack(expected))
    assert not list(read_images([], SIZE))


def test_pieces_have_their_size_and_are_read_as_they_are_asked_for(files):
    asked = []
    paths = (asked.append(path) or path for path in files)
    pieces = read_images(paths, SIZE, 3)
    first = next(pieces)
    assert len(first) == 3 and len(asked) <= 4 + 8 * usable_cores()
    assert [len(piece) for piece in pieces] == [3] * 12 + [1]


def test_contents_of_a_file_are_as_the_file(files):
    assert np.array_equal(read_one(files[0].read_bytes(), SIZE), read_image(files[0], SIZE))


def test_one_image_is_no_list(files):
    for alone in (files[0], str(files[0]), b"", Image.new("RGB", (8, 8)), np.zeros((8, 8, 3), np.uint8), None, 7):
        with pytest.raises(InputError, match="a list of images, not"):
            whole(alone, SIZE)


def test_what_cannot_be_read_is_named_with_its_place(files, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"^image 2 of 3: .*broken\.png"):
        whole([files[0], tmp_path / "broken.png", files[1]], SIZE)
    with pytest.raises(InputError, match=r"^image 2: .*broken\.png"):
        whole(iter([files[0], tmp_path / "broken.png"]), SIZE)
    with pytest.raises(InputError, match=r"^image 2 of 2: 8 bytes: not a readable image \("):
        whole([files[0], b"no image"], SIZE)
    for wrong, why in ((np.zeros((8, 8)), "float64"), (None, "not None"), (7, "not int")):
        with pytest.raises(InputError, match=f"^image 3 of 3: an image is .*{why}"):
            whole([files[0], files[1], wrong], SIZE)
