"""Layout: the geometry of an encoded caption. Every position and count is derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from encoded_text.common.arguments import require_choice, whole_number
from encoded_text.common.errors import InputError

FILLS = ("blank", "repeat")
LARGEST_SIZE = 8192  # px; a typing error should not ask for gigabytes


@dataclass(frozen=True)
class Layout:
    """A square image that holds a grid of word slots, each a block of superpixels.

    Words run from left to right, then from top to bottom.

    Attributes:
        image_size: width and height of the image in px.
        features: values of a word vector; three of them are the R, G and B of one superpixel.
        word_width: superpixels across a word block.
        word_height: superpixels down a word block.
        superpixel: side of a superpixel, a square of one color, in px.
        separator: px between neighboring words, in both directions; at most image_size.
        margin: px above the first row and left of the first column; the last word may touch the image's edge.
        background: RGB between the words.
        blank: RGB of slots without a word, and of superpixels that a word does not use.
        fill: what follows the last word (the paper does not say): "blank", nothing, or "repeat", the caption again and
            again until the image is full. One blank slot follows each copy. It marks the end of the caption: without
            it "dog" and "dog dog" would be the same image.

    Raises:
        InputError: the values do not make an image.
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

    def __post_init__(self) -> None:
        for name in ("image_size", "features", "word_width", "word_height", "superpixel"):
            self._whole_number(name, at_least=1)
        for name in ("separator", "margin"):
            self._whole_number(name, at_least=0)
        for name in ("background", "blank"):
            self._color(name)
        require_choice("fill", self.fill, FILLS)
        if self.image_size > LARGEST_SIZE:
            raise InputError(f"image_size is {self.image_size} px: give at most {LARGEST_SIZE} px")
        if self.separator > self.image_size:
            raise InputError(f"separator is {self.separator} px: give at most the image's {self.image_size} px")
        available = self.word_width * self.word_height
        if self.superpixels > available:
            raise InputError(
                f"{self.features} features need {self.superpixels} superpixels, but a word block of "
                f"{self.word_width}x{self.word_height} has {available}: make the block larger or use fewer features"
            )
        if self.columns < 1 or self.rows < 1:
            raise InputError(
                f"no word of {self.block_width}x{self.block_height} px fits an image of {self.image_size} px with a "
                f"margin of {self.margin} px: make the image larger or the superpixels smaller"
            )

    @classmethod
    def paper(cls) -> Layout:
        """The default: 128 features a word (paper, section 5) in 256x256 px (section 4.2).

        The paper gives no geometry. This project's: 7x7 superpixels of 4 px on black, so 8x8 words of 28 px.
        """
        return cls()

    @classmethod
    def figure(cls) -> Layout:
        """The layout measured on a figure of the authors' later work (arXiv 1909.01976).

        36 features: 4x3 superpixels of 4 px on white, so 12x16 words of 16x12 px in 256x256 px.
        """
        white = (255, 255, 255)
        return cls(features=36, word_width=4, word_height=3, background=white, blank=white)

    @property
    def superpixels(self) -> int:
        """Superpixels that a word uses: one for three features, rounded up."""
        return -(-self.features // 3)

    @property
    def block_width(self) -> int:
        """Width of a word block in px."""
        return self.word_width * self.superpixel

    @property
    def block_height(self) -> int:
        """Height of a word block in px."""
        return self.word_height * self.superpixel

    @property
    def pitch_x(self) -> int:
        """Distance in px from the left edge of a word to that of the next."""
        return self.block_width + self.separator

    @property
    def pitch_y(self) -> int:
        """Distance in px from the top edge of a word to that of the word below."""
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
        """Word slots of an image."""
        return self.rows * self.columns

    def position(self, slot: int) -> tuple[int, int]:
        """The upper left corner of a word slot.

        Args:
            slot: its number, from 0 in reading order.

        Returns:
            (top, left) in px.

        Raises:
            IndexError: the image has no such slot.
        """
        if not 0 <= slot < self.capacity:
            raise IndexError(f"slot {slot} of an image with {self.capacity} slots")
        row, column = divmod(slot, self.columns)
        return self.margin + row * self.pitch_y, self.margin + column * self.pitch_x

    def scaled_to(self, size: int) -> Layout:
        """The same layout at another image size.

        Superpixel, separator and margin are scaled and rounded down to whole px; a separator or margin stays at least
        1 px wide. The image holds at least as many words as before, often more because of the rounding.

        Args:
            size: width and height of the image in px.

        Returns:
            The scaled layout.

        Raises:
            InputError: a superpixel would be smaller than one px, or fewer words would fit.
        """
        size = whole_number("size", size, at_least=1)
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

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON-able values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Layout:
        """The inverse of `to_dict`.

        Args:
            values: every field of a layout by its name.

        Returns:
            The layout.

        Raises:
            InputError: a field is missing, unknown or out of range.
        """
        if not isinstance(values, Mapping):
            raise InputError(f"a layout is a table of values, not {type(values).__name__}")
        values = {name: value for name, value in values.items() if name != "overflow"}  # in files of earlier versions
        names = {field.name for field in fields(cls)}
        if wrong := names ^ set(values):
            missing = ", ".join(sorted(map(str, names & wrong))) or "none"
            unknown = ", ".join(sorted(map(str, wrong - names))) or "none"
            raise InputError(f"not the values of a layout: missing {missing}; unknown {unknown}")
        return cls(**values)

    def _whole_number(self, name: str, at_least: int) -> None:
        object.__setattr__(self, name, whole_number(name, getattr(self, name), at_least))

    def _color(self, name: str) -> None:
        value = getattr(self, name)
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise InputError(f"{name} is {value!r}: give three numbers from 0 to 255 (red, green, blue)")
        color = tuple(whole_number(name, part, at_least=0) for part in value)
        if max(color) > 255:
            raise InputError(f"{name} is {value!r}: give three numbers from 0 to 255 (red, green, blue)")
        object.__setattr__(self, name, color)


PRESETS = {"paper": Layout.paper, "figure": Layout.figure}


def checked_layout(layout: Layout | None) -> Layout:
    """The layout, `Layout.paper()` where none is given. Raises InputError for something else."""
    if layout is None:
        return Layout.paper()
    if not isinstance(layout, Layout):
        raise InputError(f"the layout is {layout!r}: give a Layout, such as Layout.paper() or Layout.figure()")
    return layout


def _at_least_one(pixels: int, size: int, original_size: int) -> int:
    return min(pixels, 1) if pixels * size < original_size else pixels * size // original_size
