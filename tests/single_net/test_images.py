"""Reading pictures of every kind, and the cache of prepared ones."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

import single_net.images
from encoded_text.errors import InputError
from single_net.datasets import load_dataset
from single_net.datasets.dataset import CaptionDataset
from single_net.images import prepare_images, read_image


def quadrants(width=80, height=60):
    """Red, green / blue, white: shows turning, mirroring and exchanged channels."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = 255, 0, 0
    picture[: height // 2, width // 2 :] = 0, 255, 0
    picture[height // 2 :, : width // 2] = 0, 0, 255
    picture[height // 2 :, width // 2 :] = 255, 255, 255
    return picture


def corners(picture):
    """The colours well inside the four quadrants, row by row."""
    a, b = picture.shape[0] // 4, 3 * picture.shape[0] // 4
    return [picture[y, x].tolist() for y in (a, b) for x in (a, b)]


RED, GREEN, BLUE, WHITE = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]


def dataset(images, captions=None, name="mine"):
    ids = [f"{i}.png" for i in range(len(images))]
    return CaptionDataset(name, "test", ids, images, captions or [[f"caption of {id}"] for id in ids])


def write_pictures(folder, count):
    paths = [folder / f"{i}.png" for i in range(count)]
    for i, path in enumerate(paths):
        Image.new("RGB", (20, 10), (i, 0, 255 - i)).save(path)
    return paths


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.webp", "p.bmp"])
def test_a_picture_becomes_a_square_without_cropping(tmp_path, name):
    Image.fromarray(quadrants()).save(tmp_path / name, **({"lossless": True} if name == "p.webp" else {}))
    picture = read_image(tmp_path / name, 96)
    assert picture.shape == (96, 96, 3) and picture.dtype == np.uint8
    assert np.abs(np.array(corners(picture)) - [RED, GREEN, BLUE, WHITE]).max() <= (8 if name == "p.jpg" else 0)
    assert np.array_equal(read_image(quadrants(), 32), read_image(quadrants(), 32))
    assert corners(read_image(quadrants(), 32)) == [RED, GREEN, BLUE, WHITE]


def test_shrinking_averages_instead_of_picking_pixels(tmp_path):
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "p.png")
    centre = read_image(tmp_path / "p.png", 100)[10:-10, 10:-10]
    assert centre.min() >= 120 and centre.max() <= 135


@pytest.mark.parametrize(("shape", "difference"), [((1600, 1200), 2), ((800, 600), 2), ((300, 220), 0)])
def test_coarse_jpeg_decoding_stays_close_to_the_whole_way(tmp_path, shape, difference):
    Image.effect_mandelbrot(shape, (-2, -1.5, 1, 1.5), 100).convert("RGB").save(tmp_path / "p.jpg", quality=95)
    with Image.open(tmp_path / "p.jpg") as image:
        whole = np.asarray(image.convert("RGB").resize((96, 96), Image.Resampling.BICUBIC), int)
    assert np.abs(read_image(tmp_path / "p.jpg", 96) - whole).mean() <= difference


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_sets_the_picture_upright(tmp_path, orientation):
    upright = Image.fromarray(quadrants())
    lying = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright if lying is None else upright.transpose(lying)
    stored.save(tmp_path / "p.png", exif=exif)
    assert corners(read_image(tmp_path / "p.png", 40)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("name", ["p.jpg", "p.png", "p.webp"])
@pytest.mark.parametrize(
    "exif", [b"Exif\0\0this is no TIFF header", b"Exif\0\0II*\0", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_cost_the_picture(tmp_path, name, exif):
    Image.fromarray(quadrants()).save(tmp_path / name, exif=exif, quality=95)
    assert np.abs(np.array(corners(read_image(tmp_path / name, 40)), int) - [RED, GREEN, BLUE, WHITE]).max() <= 8


def test_pillows_warnings_do_not_disturb_the_progress_bar(tmp_path, recwarn):
    Image.new("1", (9500, 9500)).save(tmp_path / "large.png")
    Image.fromarray(quadrants()).save(tmp_path / "exif.png", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    prepare_images(dataset([tmp_path / "large.png", tmp_path / "exif.png"]), 8, cache=tmp_path / "cache")
    assert not recwarn


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGBA", "LA", "PA"])
def test_every_colour_mode_becomes_rgb(tmp_path, mode):
    name = "p.tif" if mode in ("CMYK", "YCbCr", "LA") else "p.png"
    image = Image.fromarray(quadrants())
    if mode == "PA":
        image.convert("P").save(tmp_path / name, transparency=0)
    else:
        (image.convert("L").convert("LA") if mode == "LA" else image.convert(mode)).save(tmp_path / name)
    seen = np.array(corners(read_image(tmp_path / name, 40)), int)
    if mode in ("1", "L", "LA"):
        assert (seen == seen[:, :1]).all() and seen[3, 0] == 255 and seen[0, 0] < 255
    else:
        assert np.abs(seen - [RED, GREEN, BLUE, WHITE]).max() <= 4


def test_cmyk_jpeg(tmp_path):
    Image.fromarray(quadrants()).convert("CMYK").save(tmp_path / "p.jpg", quality=95)
    seen = np.array(corners(read_image(tmp_path / "p.jpg", 40)), int)
    assert np.abs(seen - [RED, GREEN, BLUE, WHITE]).max() <= 8


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(tmp_path, mode):
    if mode == "P":
        image = Image.new("P", (20, 20), 3)
        image.putpalette([10, 20, 30] * 256)
        image.save(tmp_path / "p.png", transparency=3)
    else:
        Image.new(mode, (20, 20), (0,) * len(mode)).save(tmp_path / "p.png")
    assert (read_image(tmp_path / "p.png", 8) == 255).all()


def test_half_transparent_black_becomes_grey(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 128)).save(tmp_path / "p.png")
    assert (read_image(tmp_path / "p.png", 8) == 127).all()


@pytest.mark.parametrize("name", ["p.png", "p.tif"])
def test_sixteen_bits_keep_their_range(tmp_path, name):
    values = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(64, 0)
    Image.fromarray(values).save(tmp_path / name)
    picture = read_image(tmp_path / name, 64)
    assert np.array_equal(picture[..., 0], values >> 8) and np.array_equal(picture[..., 0], picture[..., 2])


def test_floating_point_pictures_are_refused(tmp_path):
    Image.new("F", (8, 8), 0.5).save(tmp_path / "p.tif")
    with pytest.raises(InputError, match=r"p.tif: not a readable picture .*floating-point"):
        read_image(tmp_path / "p.tif", 8)


def test_of_an_animation_the_first_frame(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "p.gif", save_all=True, append_images=frames[1:])
    assert (read_image(tmp_path / "p.gif", 8) == RED).all()


def broken(folder):
    """{file name: why it cannot be read}, written into `folder`."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for end in ("jpg", "png", "gif", "webp"):
        Image.fromarray(noise).save(folder / f"cut.{end}")
        data = (folder / f"cut.{end}").read_bytes()
        (folder / f"cut.{end}").write_bytes(data[: len(data) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("<html>404 not found</html>")
    (folder / "folder.jpg").mkdir()
    return ["cut.jpg", "cut.png", "cut.gif", "cut.webp", "empty.jpg", "text.jpg", "folder.jpg", "nowhere.jpg"]


def test_files_that_are_no_whole_pictures_are_named_in_one_line(tmp_path):
    for name in broken(tmp_path):
        with pytest.raises(InputError) as caught:
            read_image(tmp_path / name, 32)
        message = str(caught.value)
        assert message.startswith(f"{tmp_path / name}: not a readable picture (")
        assert message.count(str(tmp_path)) == 1 and "\n" not in message


@pytest.mark.parametrize("shape", [(12_000, 10_000), (20_000, 10_000)])
def test_huge_pictures_are_refused_before_they_are_decoded(tmp_path, shape):
    Image.new("1", shape).save(tmp_path / "huge.png")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with pytest.raises(InputError, match=r"huge.png: .*pixels"):
            read_image(tmp_path / "huge.png", 32)


@pytest.mark.parametrize("array", [np.zeros((8, 8)), np.zeros((8, 8, 4), np.uint8), np.zeros((0, 8, 3), np.uint8)])
def test_arrays_that_are_no_pictures(array):
    with pytest.raises(InputError, match="a picture is a uint8 array"):
        read_image(array, 8)


def test_rows_of_the_array_are_the_pictures_in_order(tmp_path):
    paths = write_pictures(tmp_path, 200)
    data, pictures = prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert data.images == paths and pictures.shape == (200, 8, 8, 3) and pictures.dtype == np.uint8
    assert isinstance(pictures, np.memmap) and not pictures.flags.writeable
    assert all(np.array_equal(pictures[i], read_image(path, 8)) for i, path in enumerate(paths))
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".npy"], "no temporary file is left"


@pytest.fixture
def reads(monkeypatch):
    """The sources that were decoded."""
    seen = []

    def counting(source, size):
        seen.append(source)
        return read_image(source, size)

    monkeypatch.setattr(single_net.images, "read_image", counting)
    return seen


def test_the_cache_is_used_until_something_changes(tmp_path, reads):
    paths = write_pictures(tmp_path, 3)
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


def test_the_folder_of_the_cache(tmp_path, monkeypatch):
    data = dataset(write_pictures(tmp_path, 1))
    monkeypatch.setenv("SINGLE_NET_CACHE", str(tmp_path / "named"))
    prepare_images(data, 8)
    assert len(list((tmp_path / "named").iterdir())) == 1
    monkeypatch.delenv("SINGLE_NET_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    prepare_images(data, 8)
    assert len(list((tmp_path / "home" / ".cache" / "single-net").iterdir())) == 1


def shortened(data):
    return data[:-1]


def lengthened(data):
    return data + b"\0"


def no_numpy(data):
    return b"\x80\x04" + data[2:]


def empty(data):
    return b""


def other_shape(data):
    return data.replace(b"(3, 8, 8, 3)", b"(3, 8, 3, 8)")


@pytest.mark.parametrize("damage", [shortened, lengthened, no_numpy, empty, other_shape])
def test_a_broken_cache_file_is_made_again(tmp_path, reads, damage):
    data = dataset(write_pictures(tmp_path, 3))
    _, before = prepare_images(data, 8, cache=tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    good = path.read_bytes()
    path.unlink()
    path.write_bytes(damage(good))
    assert path.read_bytes() != good
    _, after = prepare_images(data, 8, cache=tmp_path / "cache")
    assert len(reads) == 6 and path.read_bytes() == good and np.array_equal(before, after)


def test_bad_pictures_stop_with_the_first_and_their_number(tmp_path):
    paths = write_pictures(tmp_path, 5)
    paths[1].write_bytes(b"no picture")
    paths[3].unlink()
    with pytest.raises(InputError, match=r"mine test: .*1.png: not a readable .*unreadable picture: 2.*--skip-bad"):
        prepare_images(dataset(paths), 8, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_bad_pictures_are_skipped_counted_and_remembered(tmp_path, reads):
    paths = write_pictures(tmp_path, 5)
    paths[1].write_bytes(b"no picture")
    data = dataset(paths)
    for _ in range(2):
        kept, pictures = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
        assert kept.ids == ["0.png", "2.png", "3.png", "4.png"] and kept.skipped == {"unreadable picture": 1}
        assert kept.captions[1] == ["caption of 2.png"]
        assert pictures.shape == (4, 8, 8, 3)
        assert all(np.array_equal(pictures[i], read_image(paths[j], 8)) for i, j in enumerate([0, 2, 3, 4]))
    assert len(reads) == 5, "the second time came from the cache"
    with pytest.raises(InputError, match=r"1.png"):
        prepare_images(data, 8, cache=tmp_path / "cache")
    (tmp_path / "cache" / next(p.name for p in (tmp_path / "cache").glob("*.json"))).write_text("[1, 99]")
    assert len(prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)[1]) == 4
    Image.new("RGB", (5, 5)).save(paths[1])
    kept, pictures = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
    assert kept is data and len(pictures) == 5


def test_a_list_of_readable_pictures_that_does_not_fit_the_array_is_dropped(tmp_path):
    data = dataset(write_pictures(tmp_path, 3))
    prepare_images(data, 8, cache=tmp_path / "cache")
    (array,) = (tmp_path / "cache").iterdir()
    for wrong in ("[0]", "[7]", "{", '"all"'):
        array.with_suffix(".kept.json").write_text(wrong)
        kept, pictures = prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
        assert kept is data and len(pictures) == 3
    array.with_suffix(".kept.json").write_text("[0]")
    prepare_images(data, 8, cache=tmp_path / "cache", skip_bad=True)
    assert list((tmp_path / "cache").iterdir()) == [array]


def test_nothing_left_to_prepare(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="none of the 1 pictures can be read"):
        prepare_images(dataset([tmp_path / "a.png"]), 8, cache=tmp_path / "cache", skip_bad=True)
    with pytest.raises(InputError, match="there are no pictures"):
        prepare_images(dataset([]), 8, cache=tmp_path / "cache")


class Drawn(Sequence):
    """Pictures drawn when they are looked at, counting how often."""

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


def test_drawn_pictures_are_known_by_their_version_and_arrays_by_their_pixels(tmp_path):
    drawn = Drawn("1")
    for _ in range(2):
        _, pictures = prepare_images(dataset(drawn), 8, cache=tmp_path)
        assert pictures[:, 0, 0, 0].tolist() == [0, 80, 160]
    assert drawn.drawn == 3
    prepare_images(dataset(newer := Drawn("2")), 8, cache=tmp_path)
    assert newer.drawn == 3
    arrays = list(Drawn())
    assert (prepare_images(dataset(arrays), 8, cache=tmp_path)[1][1] == 80).all()
    arrays[1] = arrays[1] + 1
    assert (prepare_images(dataset(arrays), 8, cache=tmp_path)[1][1] == 81).all()


def test_an_interrupted_preparation_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(source, size):
        raise KeyboardInterrupt

    monkeypatch.setattr(single_net.images, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_images(dataset(write_pictures(tmp_path, 3)), 8, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_real_flickr8k_can_be_read(tmp_path):
    root = os.environ.get("FLICKR8K_ROOT") or pytest.skip("set FLICKR8K_ROOT to the folder of Flickr8k to run this")
    data = load_dataset("flickr8k", root, "test")
    kept, pictures = prepare_images(data, 32, cache=tmp_path)
    assert kept is data and pictures.shape == (1000, 32, 32, 3)
    assert pictures.std(axis=(1, 2, 3)).min() > 1, "no picture is blank"
