"""Reading an image as a square uint8 RGB array. (image_cache keeps those of a whole data set.)

As in the paper (section 4.2), an image of any shape becomes a square. It is resized by Pillow's bicubic filter, which
averages over all pixels it shrinks. JPEG files much larger than the square are decoded at a half, a quarter or an
eighth of their size, but never below GAP times the square's side, as in Pillow's own thumbnails.

Effect of this reduced decoding, measured by experiments/bench/images.py on 2 cores:

- Flickr8k, 500 images of 224 x 224 pixels: none at 96 pixels and more, where the images are not large enough for it. At
  48 pixels a mean difference of 0.6 gray levels (at most 16, PSNR 48 dB), 1.3 times as fast.
- Two images of 640 x 427 at 96 pixels: 1.4 gray levels (at most 46, PSNR 39 dB), 1.6 times as fast.
- With a gap of 1 instead of 2, Flickr8k at 96 pixels: 2.0 gray levels (at most 45, PSNR 38 dB).
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from encoded_text.common.errors import InputError
from single_net.data.heif import INSTALL, is_heif, reads_heif

MAX_PIXELS = 100_000_000  # 400 MB once decoded, by Pillow's 4 bytes a pixel; twice that where it is transparent
GAP = 2.0  # Pillow's reducing_gap
# Pillow reads more, and some of that by starting other programs (EPS).
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "HEIF", "JPEG2000")

# EXIF orientation (tag 0x0112) -> the transposition that sets the image upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(
    source: Path | bytes | Image.Image | np.ndarray, size: int | None, *, square: bool = True, label: str = ""
) -> np.ndarray:
    """Decode and resize an image. Wherever untrusted bytes become pixels, they do so here.

    Images are set upright by their EXIF orientation. Transparent parts become white; gray, palette, CMYK and 16-bit
    images become 8-bit RGB; of an animation the first frame is taken. HEIC needs pillow-heif, see data.heif.

    Args:
        source: an image file, the contents of one, a PIL image, or a uint8 array (height, width, 3).
        size: side of the square in pixels. None: keep the image's own size and shape.
        square: False: keep the shape, and let the longer side have at most `size` pixels.
        label: names the source in messages; by default its path, or the number of its bytes.

    Returns:
        uint8 (size, size, 3), RGB; without a size, or not square, (height, width, 3).

    Raises:
        InputError: the file is missing, damaged, no image or no ordinary file, or has more than MAX_PIXELS pixels.
    """
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or not source.size:
            raise InputError(f"an image is a uint8 array (height, width, 3), not {source.dtype} {source.shape}")
        return _resized(Image.fromarray(source), size, square)
    label = label or _label(source)
    try:
        with contextlib.nullcontext(source) if isinstance(source, Image.Image) else _open(source) as image:
            for width, height in ((image.width, image.height), _tile(image)):
                if width * height > MAX_PIXELS:
                    raise InputError(f"{label}: {width} x {height} pixels are more than {MAX_PIXELS:,}")
            if size is not None and image is not source:  # the caller's image stays as it is
                image.draft("RGB", (round(size * GAP), round(size * GAP)))
            image.load()  # a TIFF is turned upright by that: before its orientation is asked for
            return _resized(_as_rgb(image), size, square, upright=_UPRIGHT.get(_orientation(image)))
    except InputError:
        raise
    except Exception as error:  # decoders raise almost anything on damaged files
        raise InputError(f"{label}: not a readable image ({_reason(error)})") from error


def _tile(image: Image.Image) -> tuple[int, int]:
    """Width and height of a TIFF's tiles, which are decoded whole however small the image is; else 0, 0."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(TiffImagePlugin.TILEWIDTH, 0)), int(tags.get(TiffImagePlugin.TILELENGTH, 0))


def _label(source: Path | bytes | Image.Image) -> str:
    if isinstance(source, Image.Image):
        return str(getattr(source, "filename", "")) or "the image"
    return f"{len(source):,} bytes" if isinstance(source, bytes) else str(source)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):  # Pillow names the file or an object in memory
        return f"damaged, or none of {', '.join(formats())}"
    text = " ".join(str(error).split())
    if isinstance(error, Image.DecompressionBombError):
        return text.partition(",")[0]  # without its guess that this may be an attack
    return (error.strerror or text) if isinstance(error, OSError) else f"{type(error).__name__}: {text}"


def _open(source: Path | bytes) -> Image.Image:
    def opened() -> Image.Image:
        return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats())

    if not isinstance(source, bytes):
        mode = os.stat(source).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # reading a pipe would wait for ever
            raise OSError("no ordinary file")
    try:
        return opened()
    except UnidentifiedImageError:
        with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
            if not is_heif(file.read(12)):
                raise
        if not reads_heif():
            raise OSError(f"HEIC is read after {INSTALL}; or convert it to JPEG") from None
        return opened()


def formats() -> list[str]:
    """The formats that images are read in, by Pillow's names, as far as this installation has them."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def _orientation(image: Image.Image) -> int:
    try:
        orientation: int = image.getexif().get(0x0112, 1)
    except (OSError, SyntaxError, ValueError, struct.error):  # damaged EXIF does not make an image unusable
        return 1
    return orientation


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "I" and image.format not in ("PNG", "PPM"):  # which Pillow scales to 16 bits
        raise ValueError("pixels are integers of unknown range")
    if image.mode.startswith("I"):  # 16 bits per pixel, stored in 16 or 32
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ValueError("pixels of more than 16 bits")
        return Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise ValueError("pixels are floating-point numbers of unknown range")
    if image.has_transparency_data:
        opaque = Image.new("RGB", image.size, "white")
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        opaque.paste(image, mask=image)
        return opaque
    return image if image.mode == "RGB" else image.convert("RGB")


def _resized(image: Image.Image, size: int | None, square: bool, upright: Image.Transpose | None = None) -> np.ndarray:
    if size is not None and (square or max(image.size) > size):
        share = size / max(image.size)
        width, height = (size, size) if square else (max(1, round(side * share)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=GAP)
    return np.array(image if upright is None else image.transpose(upright))
