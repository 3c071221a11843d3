"""Layout: where the superpixels of a drawn caption go. Every position and count is derived from it, nowhere else."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from encoded_text.common.errors import InputError

FILLS = ("blank", "repeat")
OVERFLOWS = ("truncate", "error")
LARGEST_SIZE = 8192  # px; a typing error should not ask for gigabytes


@dataclass(frozen=True)
class Layout:
    """The geometry of a drawn caption: a square picture holding a grid of word blocks, each made of superpixels.

    image_size    px, width and height of the picture
    features      values of a word vector; three of them colour one superpixel (R, G, B)
    word_width    superpixels across a word block
    word_height   superpixels down a word block
    superpixel    px, side of one square of equal colour
    separator     px between neighbouring words, in both directions
    margin        px above the first row and left of the first column; the last word may touch the picture's edge
    background    RGB between the words
    blank         RGB of word places without a word, and of superpixels that a word leaves unused
    fill          what comes behind the last word: "blank" (the paper), or "repeat": the caption again and again until
                  the picture is full. ONE BLANK PLACE follows each copy, so that the words can be read back exactly:
                  they end at the first blank place. Without it "dog dog" and "dog" would be the same picture.
    overflow      a caption of more words than places: "truncate" (counted and reported) or "error"

    Words run left to right, then top to bottom. Raises InputError for values that cannot be drawn.
    """

    image_size: int = 256
    features: int = 128
    word_width: int = 7
    word_height: int = 7
    superpixel: int = 4
    separator: int = 4
    margin: int = 4
    background: tuple[int, int, int] = (0, 0, 0)
    blank: tuple[int, int, int] = (0, 0, 0)
    fill: str = "blank"
    overflow: str = "truncate"

    def __post_init__(self) -> None:
        for name in ("image_size", "features", "word_width", "word_height", "superpixel"):
            self._whole_number(name, at_least=1)
        for name in ("separator", "margin"):
            self._whole_number(name, at_least=0)
        for name in ("background", "blank"):
            self._colour(name)
        _one_of("fill", self.fill, FILLS)
        _one_of("overflow", self.overflow, OVERFLOWS)
        if self.image_size > LARGEST_SIZE:
            raise InputError(f"image_size is {self.image_size} px: at most {LARGEST_SIZE} px can be drawn")
        places = self.word_width * self.word_height
        if self.superpixels > places:
            raise InputError(
                f"{self.features} features need {self.superpixels} superpixels, but a word block of "
                f"{self.word_width}x{self.word_height} has {places}: make the block larger or use fewer features"
            )
        if self.columns < 1 or self.rows < 1:
            raise InputError(
                f"no word of {self.block_width}x{self.block_height} px fits a picture of {self.image_size} px with a "
                f"margin of {self.margin} px: make the picture larger or the superpixels smaller"
            )

    @classmethod
    def paper(cls) -> Layout:
        """The paper's 128 features in 7x7 superpixels of 4 px on black: 8x8 words of 28 px in 256x256 px."""
        return cls()

    @classmethod
    def figure(cls) -> Layout:
        """As measured on the figure of the authors' later work (arXiv 1909.01976): 36 features in 4x3 superpixels of
        4 px on white, 12 words a row, 16 rows."""
        white = (255, 255, 255)
        return cls(features=36, word_width=4, word_height=3, background=white, blank=white)

    @property
    def superpixels(self) -> int:
        """Superpixels of a word that carry features: one for three of them."""
        return -(-self.features // 3)

    @property
    def block_width(self) -> int:
        """Width of a word in px."""
        return self.word_width * self.superpixel

    @property
    def block_height(self) -> int:
        """Height of a word in px."""
        return self.word_height * self.superpixel

    @property
    def pitch_x(self) -> int:
        """px from the left edge of a word to that of the next."""
        return self.block_width + self.separator

    @property
    def pitch_y(self) -> int:
        """px from the top edge of a word to that of the word below."""
        return self.block_height + self.separator

    @property
    def columns(self) -> int:
        """Words in a row."""
        return (self.image_size - self.margin + self.separator) // self.pitch_x

    @property
    def rows(self) -> int:
        """Rows of words."""
        return (self.image_size - self.margin + self.separator) // self.pitch_y

    @property
    def capacity(self) -> int:
        """Words that a picture holds."""
        return self.rows * self.columns

    def position(self, place: int) -> tuple[int, int]:
        """(top, left) in px of a word place, counted from 0 in reading order."""
        if not 0 <= place < self.capacity:
            raise IndexError(f"place {place} of a picture with {self.capacity} places")
        row, column = divmod(place, self.columns)
        return self.margin + row * self.pitch_y, self.margin + column * self.pitch_x

    def scaled_to(self, size: int) -> Layout:
        """The same drawing at `size` px: superpixel, separator and margin scaled and rounded down to whole px (but a
        separator or margin never vanishes). It holds at least as many words, often more because of the rounding.

        Raises InputError where a superpixel would be smaller than one px, or words would no longer fit.
        """
        size = _whole("size", size, at_least=1)
        superpixel = self.superpixel * size // self.image_size
        if superpixel < 1:
            smallest = -(-self.image_size // self.superpixel)
            raise InputError(
                f"at {size} px a superpixel would be smaller than one pixel: the smallest size of this layout is "
                f"{smallest} px"
            )
        scaled = replace(
            self,
            image_size=size,
            superpixel=superpixel,
            separator=_at_least_one(self.separator, size, self.image_size),
            margin=_at_least_one(self.margin, size, self.image_size),
        )
        if scaled.capacity < self.capacity:
            raise InputError(
                f"at {size} px only {scaled.capacity} words would fit instead of {self.capacity}: choose a larger size"
            )
        return scaled

    def to_dict(self) -> dict:
        """All fields as JSON-able values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping) -> Layout:
        """The inverse of `to_dict`. Raises InputError where a field is missing, unknown or out of range."""
        if not isinstance(values, Mapping):
            raise InputError(f"a layout is a table of values, not {type(values).__name__}")
        names = {field.name for field in fields(cls)}
        if wrong := names ^ set(values):
            missing = ", ".join(sorted(map(str, names & wrong))) or "none"
            unknown = ", ".join(sorted(map(str, wrong - names))) or "none"
            raise InputError(f"not the values of a layout: missing {missing}; unknown {unknown}")
        return cls(**values)

    def _whole_number(self, name: str, at_least: int) -> None:
        object.__setattr__(self, name, _whole(name, getattr(self, name), at_least))

    def _colour(self, name: str) -> None:
        value = getattr(self, name)
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise InputError(f"{name} is {value!r}: give three numbers from 0 to 255 (red, green, blue)")
        colour = tuple(_whole(name, part, at_least=0) for part in value)
        if max(colour) > 255:
            raise InputError(f"{name} is {value!r}: give three numbers from 0 to 255 (red, green, blue)")
        object.__setattr__(self, name, colour)


PRESETS = {"paper": Layout.paper, "figure": Layout.figure}


def _whole(name: str, value: object, at_least: int) -> int:
    """`value` as a plain int (NumPy integers too), or InputError."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < at_least:
        raise InputError(f"{name} is {value!r}: give a whole number of at least {at_least}")
    return number


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}: choose {' or '.join(choices)}")


def _at_least_one(pixels: int, size: int, original_size: int) -> int:
    return min(pixels, 1) if pixels * size < original_size else pixels * size // original_size
