"""Pictures as uint8 RGB squares. (picture_cache keeps those of a whole data set.)

As in the paper (section 4.2) a picture becomes a square whatever its shape was. The filter is Pillow's bicubic, which
averages over all pixels it shrinks. JPEG files much larger than the square are decoded at a half, a quarter or an
eighth of their size, never below twice the square's (GAP, the margin of Pillow's own thumbnails).

What that changes, by experiments/bench/pictures.py on 2 cores: measured on 500 Flickr8k photographs of 224 x 224
pixels, nothing at 96 pixels and more (it never sets in), and at 48 pixels a mean difference of 0.6 grey levels (at most
16, PSNR 48 dB), 1.3 times faster; on two of 640 x 427, at 96 pixels 1.4 grey levels (at most 46, 39 dB), 1.6 times
faster. A margin of 1 instead of 2 would be felt: 2.0 grey levels (at most 45, 38 dB) for those of Flickr8k at 96.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from PIL import Image

from encoded_text.common.errors import InputError

MAX_PIXELS = 100_000_000  # 300 MB once decoded
GAP = 2.0  # how much larger than the square a picture stays when it is shrunk coarsely

# EXIF orientation (tag 0x0112) -> what sets the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(source: Path | np.ndarray, size: int) -> np.ndarray:
    """A picture file, or a uint8 array (height, width, 3), as uint8 RGB (size, size, 3).

    Stands upright by its EXIF orientation; transparent parts become white; grey, palette, CMYK and 16-bit pictures
    become 8-bit RGB; of an animation the first frame is taken.

    Raises:
        InputError: the file is missing, no picture, incomplete, or has more than MAX_PIXELS pixels.
    """
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or not source.size:
            raise InputError(f"a picture is a uint8 array (height, width, 3), not {source.dtype} {source.shape}")
        return _square(Image.fromarray(source), size)
    try:
        with Image.open(source) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(f"{source}: {image.width} x {image.height} pixels are more than {MAX_PIXELS:,}")
            image.draft("RGB", (round(size * GAP), round(size * GAP)))
            square = _square(_as_rgb(image), size, upright=_UPRIGHT.get(_orientation(image)))
    except InputError:
        raise
    except OSError as error:
        reason = error.strerror or " ".join(str(error).replace(f" {str(source)!r}", "").split())
        raise InputError(f"{source}: not a readable picture ({reason})") from error
    except Exception as error:  # what a decoder raises when it is fed a broken file can be almost anything
        raise InputError(f"{source}: not a readable picture ({type(error).__name__}: {error})") from error
    return square


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(0x0112, 1)
    except (OSError, SyntaxError, ValueError, struct.error):
        return 1  # broken EXIF says nothing about which way is up


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, in 16 or in 32
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ValueError("pixels of more than 16 bits")
        return Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise ValueError("pixels are floating-point numbers of unknown range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _square(image: Image.Image, size: int, upright: Image.Transpose | None = None) -> np.ndarray:
    square = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=GAP)
    return np.array(square if upright is None else square.transpose(upright))
