"""HEIC and HEIF images, as phones take them. Pillow reads them with the package pillow-heif, an optional extra."""

from __future__ import annotations

from functools import cache

SUFFIXES = (".heic", ".heif")
INSTALL = "pip install 'single-net[heic]'"

_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@cache
def reads_heif() -> bool:
    """Whether pillow-heif is installed. If it is, Pillow reads HEIF from the first call on."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


def is_heif(start: bytes) -> bool:
    """Whether the first 12 bytes of a file are those of a HEIF image (ISO/IEC 23008-12), whatever its name is."""
    return start[4:8] == b"ftyp" and start[8:12] in _BRANDS
