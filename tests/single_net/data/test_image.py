"""Reading images of every kind."""

from __future__ import annotations

import builtins
import io
import os
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile, TiffImagePlugin, features

from encoded_text.common.errors import InputError
from single_net.data import heif
from single_net.data.image import read_image


def quadrants(width=80, height=60):
    """Red, green / blue, white: shows rotation, mirroring and swapped channels."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = 255, 0, 0
    image[: height // 2, width // 2 :] = 0, 255, 0
    image[height // 2 :, : width // 2] = 0, 0, 255
    image[height // 2 :, width // 2 :] = 255, 255, 255
    return image


def corners(image):
    """The colors well inside the four quadrants, row by row."""
    a, b = image.shape[0] // 4, 3 * image.shape[0] // 4
    return [image[y, x].tolist() for y in (a, b) for x in (a, b)]


RED, GREEN, BLUE, WHITE = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.webp", "p.bmp"])
def test_an_image_becomes_a_square_without_cropping(tmp_path, name):
    Image.fromarray(quadrants()).save(tmp_path / name, **({"lossless": True} if name == "p.webp" else {}))
    image = read_image(tmp_path / name, 96)
    assert image.shape == (96, 96, 3) and image.dtype == np.uint8
    assert np.abs(np.array(corners(image)) - [RED, GREEN, BLUE, WHITE]).max() <= (8 if name == "p.jpg" else 0)
    assert np.array_equal(read_image(quadrants(), 32), read_image(quadrants(), 32))
    assert corners(read_image(quadrants(), 32)) == [RED, GREEN, BLUE, WHITE]


def test_shrinking_averages_instead_of_picking_pixels(tmp_path):
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "p.png")
    center = read_image(tmp_path / "p.png", 100)[10:-10, 10:-10]
    assert center.min() >= 120 and center.max() <= 135


@pytest.mark.parametrize("name", ["turned.png", "transparent.png", "gray.png"])
def test_a_pil_image_is_read_as_its_file_is(tmp_path, name):
    exif = Image.Exif()
    if name == "turned.png":
        exif[0x0112] = 6
    image = Image.fromarray(quadrants())
    if name == "transparent.png":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    if name == "gray.png":
        image = image.convert("L")
    image.save(tmp_path / name, exif=exif)
    with Image.open(tmp_path / name) as opened:
        assert np.array_equal(read_image(opened, 32), read_image(tmp_path / name, 32))
        assert opened.size == (80, 60)


def test_a_pil_image_that_cannot_be_decoded_is_an_input_error(tmp_path):
    Image.fromarray(quadrants()).save(tmp_path / "p.png", compress_level=0)
    (tmp_path / "cut.png").write_bytes((tmp_path / "p.png").read_bytes()[:5000])
    with Image.open(tmp_path / "cut.png") as opened, pytest.raises(InputError, match="not a readable image"):
        read_image(opened, 32)


@pytest.mark.parametrize(("shape", "difference"), [((1600, 1200), 2), ((800, 600), 2), ((300, 220), 0)])
def test_coarse_jpeg_decoding_stays_close_to_the_whole_way(tmp_path, shape, difference):
    Image.effect_mandelbrot(shape, (-2, -1.5, 1, 1.5), 100).convert("RGB").save(tmp_path / "p.jpg", quality=95)
    with Image.open(tmp_path / "p.jpg") as image:
        whole = np.asarray(image.convert("RGB").resize((96, 96), Image.Resampling.BICUBIC), int)
    assert np.abs(read_image(tmp_path / "p.jpg", 96) - whole).mean() <= difference


@pytest.mark.parametrize("name", ["p.png", "p.tif", "p.webp"])  # Pillow itself turns a TIFF, while it is decoded
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_sets_the_image_upright(tmp_path, orientation, name):
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
    stored.save(tmp_path / name, exif=exif, lossless=True)
    for how in ({"size": 40}, {"size": 40, "square": False}, {"size": None}):
        assert corners(read_image(tmp_path / name, **how)) == [RED, GREEN, BLUE, WHITE]


def test_the_callers_image_stays_as_it_is():
    image = Image.fromarray(quadrants())
    size = image.size
    assert max(read_image(image, 8, square=False).shape) == 8 and image.size == size


@pytest.mark.parametrize("name", ["p.jpg", "p.png", "p.webp"])
@pytest.mark.parametrize(
    "exif", [b"Exif\0\0this is no TIFF header", b"Exif\0\0II*\0", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_cost_the_image(tmp_path, name, exif):
    Image.fromarray(quadrants()).save(tmp_path / name, exif=exif, quality=95)
    assert np.abs(np.array(corners(read_image(tmp_path / name, 40)), int) - [RED, GREEN, BLUE, WHITE]).max() <= 8


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGBA", "LA", "PA"])
def test_every_color_mode_becomes_rgb(tmp_path, mode):
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


def test_half_transparent_black_becomes_gray(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 128)).save(tmp_path / "p.png")
    assert (read_image(tmp_path / "p.png", 8) == 127).all()


@pytest.mark.parametrize("name", ["p.png", "p.tif"])
def test_sixteen_bits_keep_their_range(tmp_path, name):
    values = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(64, 0)
    Image.fromarray(values).save(tmp_path / name)
    image = read_image(tmp_path / name, 64)
    assert np.array_equal(image[..., 0], values >> 8) and np.array_equal(image[..., 0], image[..., 2])


def test_numbers_of_32_bits_are_refused_and_do_not_become_black(tmp_path):
    image = Image.fromarray(np.arange(64, dtype=np.int32).reshape(8, 8))
    image.save(tmp_path / "p.tif")
    for source in (tmp_path / "p.tif", image):
        with pytest.raises(InputError, match="pixels are integers of unknown range"):
            read_image(source, 8)


def test_floating_point_images_are_refused(tmp_path):
    Image.new("F", (8, 8), 0.5).save(tmp_path / "p.tif")
    with pytest.raises(InputError, match=r"p.tif: not a readable image .*floating-point"):
        read_image(tmp_path / "p.tif", 8)


def test_of_an_animation_the_first_frame(tmp_path):
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "p.gif", save_all=True, append_images=frames[1:])
    assert (read_image(tmp_path / "p.gif", 8) == RED).all()


def broken(folder):
    """Names of files in `folder` that cannot be read; they are written there, except the last."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for end in ("jpg", "png", "gif", "webp"):
        Image.fromarray(noise).save(folder / f"cut.{end}")
        data = (folder / f"cut.{end}").read_bytes()
        (folder / f"cut.{end}").write_bytes(data[: len(data) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("<html>404 not found</html>")
    (folder / "folder.jpg").mkdir()
    return ["cut.jpg", "cut.png", "cut.gif", "cut.webp", "empty.jpg", "text.jpg", "folder.jpg", "nowhere.jpg"]


def test_files_that_are_no_whole_images_are_named_in_one_line(tmp_path):
    for name in broken(tmp_path):
        with pytest.raises(InputError) as caught:
            read_image(tmp_path / name, 32)
        message = str(caught.value)
        assert message.startswith(f"{tmp_path / name}: not a readable image (")
        assert message.count(str(tmp_path)) == 1 and "\n" not in message


def test_contents_of_files_that_are_no_whole_images_are_named_by_their_label(tmp_path):
    for name in broken(tmp_path)[:-2]:
        data = (tmp_path / name).read_bytes()
        for label, named in (("the upload", "the upload"), ("", f"{len(data):,} bytes")):
            with pytest.raises(InputError) as caught:
                read_image(data, 32, label=label)
            message = str(caught.value)
            assert message.startswith(f"{named}: not a readable image (")
            assert "object at" not in message and "\n" not in message


def test_contents_are_read_as_the_file(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(quadrants()).save(tmp_path / "turned.jpg", exif=turned)
    Image.fromarray(quadrants()).resize((900, 600)).save(tmp_path / "large.jpg")  # decoded at a part of its size
    Image.new("LA", (20, 20), (0, 0)).save(tmp_path / "transparent.png")
    for file in tmp_path.iterdir():
        for how in ({"size": 16}, {"size": 16, "square": False}, {"size": None}):
            assert np.array_equal(read_image(file.read_bytes(), **how), read_image(file, **how))


@pytest.mark.parametrize("shape", [(12_000, 10_000), (20_000, 10_000)])
def test_huge_images_are_refused_before_they_are_decoded(tmp_path, shape, monkeypatch):
    Image.new("1", shape).save(tmp_path / "huge.png")
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("it was decoded"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with pytest.raises(InputError, match=r"huge.png: .*pixels"):
            read_image(tmp_path / "huge.png", 32)
        with pytest.raises(InputError, match=r"^sent: .*pixels are more than [\d,]+$|^sent: .*limit of \d+ pixels\)$"):
            read_image((tmp_path / "huge.png").read_bytes(), 32, label="sent")


def tiff_of_one_tile(image: Image.Image, width: int, height: int) -> bytes:
    """A TIFF that Pillow does not write: one tile, larger than or as large as the image, without compression."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    data = image.convert("RGB").crop((0, 0, width, height)).tobytes() if width <= 64 else b""
    tags.tagtype.update(dict.fromkeys((256, 257, 322, 323, 324, 325), 4))
    tags[256], tags[257], tags[258], tags[262], tags[277] = *image.size, (8, 8, 8), 2, 3
    tags[322], tags[323], tags[324], tags[325] = width, height, 8, len(data)
    file = io.BytesIO(b"II*\0" + struct.pack("<I", 8 + len(data)) + data)
    file.seek(0, io.SEEK_END)
    tags.save(file)
    return file.getvalue()


def test_a_huge_tile_of_a_small_tiff_is_refused_before_it_is_decoded(monkeypatch):
    """Tiles are decoded whole: memory would grow with the tile and not with the image."""
    image = Image.fromarray(quadrants(64, 48))
    assert np.array_equal(read_image(tiff_of_one_tile(image, 64, 64), None), np.asarray(image))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(InputError, match="20000 x 10000 pixels are more than"):
        read_image(tiff_of_one_tile(image, 20_000, 10_000), 32)


@pytest.mark.parametrize("array", [np.zeros((8, 8)), np.zeros((8, 8, 4), np.uint8), np.zeros((0, 8, 3), np.uint8)])
def test_arrays_that_are_no_images(array):
    with pytest.raises(InputError, match="an image is a uint8 array"):
        read_image(array, 8)


def test_no_other_program_is_started_for_a_postscript_file(tmp_path, monkeypatch):
    started = tmp_path / "started"
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {started}\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "a.jpg").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n"
    )
    with pytest.raises(InputError, match=r"a\.jpg: not a readable image"):
        read_image(tmp_path / "a.jpg", 64)
    assert not started.exists()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p.jpg")
    with pytest.raises(InputError, match=r"p.jpg: not a readable image \(no ordinary file\)"):
        read_image(tmp_path / "p.jpg", 8)
    with pytest.raises(InputError, match=r"/dev/zero: not a readable image"):
        read_image("/dev/zero", 8)


HEIC = b"\0\0\0\x1cftypheic\0\0\0\0mif1heic"


@pytest.fixture
def without_pillow_heif(monkeypatch):
    imported = builtins.__import__

    def refusing(name, *args):
        if name == "pillow_heif":
            raise ImportError(name)
        return imported(name, *args)

    monkeypatch.setattr(builtins, "__import__", refusing)
    heif.reads_heif.cache_clear()
    yield
    heif.reads_heif.cache_clear()


@pytest.mark.parametrize("name", ["p.heic", "p.jpg"])
def test_heic_without_its_package_says_how_to_get_it(tmp_path, name, without_pillow_heif):
    (tmp_path / name).write_bytes(HEIC)
    with pytest.raises(InputError, match=rf"{name}: .*HEIC is read after pip install 'single-net\[heic\]'"):
        read_image(tmp_path / name, 8)
    with pytest.raises(InputError, match=r"^sent: .*HEIC is read after pip install 'single-net\[heic\]'"):
        read_image(HEIC, 8, label="sent")
    (tmp_path / name).write_bytes(b"no HEIC")
    with pytest.raises(InputError, match="damaged, or none of JPEG, PNG"):
        read_image(tmp_path / name, 8)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_an_avif_file_of_the_brand_mif1_is_an_image(without_pillow_heif):
    """As some programs write them; HEIC files have that brand, too."""
    with io.BytesIO() as file:
        Image.new("RGB", (64, 64), "red").save(file, format="AVIF")
        data = file.getvalue()
    assert data[4:12] == b"ftypavif"
    assert read_image(data[:8] + b"mif1" + data[12:], 32).shape == (32, 32, 3)
    with pytest.raises(InputError, match="HEIC is read after"):
        read_image(data[:8] + b"heic" + data[12:], 32)


def test_heic_whatever_its_name(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif", reason="pip install 'single-net[heic]' to run this")
    pillow_heif.from_pillow(Image.fromarray(quadrants())).save(tmp_path / "p.heic", quality=95)
    (tmp_path / "p.heic").rename(tmp_path / "p.jpg")
    seen = np.array(corners(read_image(tmp_path / "p.jpg", 96)), int)
    assert np.abs(seen - [RED, GREEN, BLUE, WHITE]).max() <= 12
    (tmp_path / "p.jpg").write_bytes((tmp_path / "p.jpg").read_bytes()[:200])
    with pytest.raises(InputError, match=r"p.jpg: not a readable image"):
        read_image(tmp_path / "p.jpg", 96)
