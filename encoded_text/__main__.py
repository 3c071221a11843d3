"""python -m encoded_text: encode a caption as an image, read one back, or make an encoder from captions."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from encoded_text import storage
from encoded_text.colors import NORMALIZATIONS
from encoded_text.common.errors import CommandParser, InputError, run_command
from encoded_text.common.files import check_output, replacing, require_suffix
from encoded_text.common.text import read_utf8
from encoded_text.encoder import TextImageEncoder
from encoded_text.layout import FILLS, PRESETS, Layout
from encoded_text.tokenizer import TOKENIZERS

EXAMPLES = """\
examples:
  make an encoder from a file of captions, one a line (Word2Vec is trained on them):
    python -m encoded_text --fit captions.txt -o encoder.safetensors
  encode a caption as an image:
    python -m encoded_text "two dogs run on the beach" --vectors encoder.safetensors -o caption.png
  read the words back (with the same vectors, --layout and --size):
    python -m encoded_text --decode caption.png --vectors encoder.safetensors
  encode with published vectors, reduced to the layout's features:
    python -m encoded_text "two dogs run on the beach" --vectors glove.6B.300d.txt -o caption.png
"""


def main() -> None:
    """Run the command and exit with its status, see `encoded_text.common.errors.run_command`."""
    run_command(_main)


def _main() -> None:
    arguments = _arguments()
    if arguments.output:
        check_output(arguments.output, filter(None, (arguments.fit, arguments.vectors)))
    if arguments.fit:
        _fit(arguments)
    elif arguments.decode:
        _decode(arguments)
    else:
        _encode(arguments)


def _arguments() -> argparse.Namespace:
    parser = CommandParser(
        prog="python -m encoded_text",
        description="Captions as images: every word is a block of colored superpixels.",
        epilog=EXAMPLES,
    )
    parser.add_argument("caption", type=str, nargs="?", help="the caption to encode")
    parser.add_argument("--decode", metavar="PNG", help="print the words of an encoded caption instead")
    parser.add_argument("--fit", metavar="TXT", help="make an encoder from captions instead, one a line, UTF-8")
    parser.add_argument(
        "--vectors",
        metavar="FILE",
        help="an encoder (.safetensors), or published vectors: word2vec text or binary, GloVe text, plain or .gz",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write the PNG, or with --fit the encoder")
    parser.add_argument("--layout", choices=PRESETS, help="default: the encoder's own, or paper")
    parser.add_argument("--size", type=int, metavar="PX", help="scale the layout to this image size")
    parser.add_argument("--fill", choices=FILLS, help="what follows the last word (default: the encoder's, or blank)")
    parser.add_argument(
        "--normalization",
        choices=NORMALIZATIONS,
        help="how vectors become colors, with --fit or published vectors (default: zscore)",
    )
    parser.add_argument(
        "--tokenizer",
        choices=TOKENIZERS,
        help="how captions are split into words, with --fit or published vectors (default: spaces; icu knows the words "
        "of scripts without spaces)",
    )
    parser.add_argument("--seed", type=int, help="seed of Word2Vec, with --fit (default: 0)")
    arguments = parser.parse_args()
    if sum(bool(what) for what in (arguments.caption is not None, arguments.decode, arguments.fit)) != 1:
        parser.error("give either a caption to encode, or --decode PNG, or --fit TXT")
    if not arguments.fit and not arguments.vectors:
        parser.error("--vectors FILE is missing: an encoder (make one with --fit) or published word vectors")
    if not arguments.decode and not arguments.output:
        parser.error("-o FILE is missing: where to write")
    if arguments.decode and arguments.output:
        parser.error("--decode prints the words: leave -o out")
    if arguments.seed is not None and (not arguments.fit or arguments.vectors):
        parser.error("--seed is for --fit without --vectors: nothing else is random")
    return arguments


def _fit(arguments: argparse.Namespace) -> None:
    if arguments.vectors and storage.is_safetensors(arguments.vectors):
        raise InputError(f"{arguments.vectors}: already an encoder: with --fit give published vectors or none")
    require_suffix(arguments.output, ".safetensors", "an encoder")
    storage.check_replaced(arguments.output)
    layout = _adjusted(PRESETS[arguments.layout or "paper"](), arguments)
    encoder = TextImageEncoder.fit(
        _captions(Path(arguments.fit)),
        layout,
        seed=arguments.seed or 0,
        normalization=arguments.normalization or "zscore",
        vectors=arguments.vectors,
        tokenizer=arguments.tokenizer or "spaces",
    )
    encoder.save(arguments.output)
    captions = encoder.parameters["captions"]
    print(f"{arguments.output}: {len(encoder.words)} words from {captions} captions")


def _encode(arguments: argparse.Namespace) -> None:
    if Path(arguments.output).suffix.lower() != ".png":
        raise InputError(f"{arguments.output}: captions are written as .png: other formats may change their colors")
    encoder = _encoder(arguments)
    words = encoder.tokenize(arguments.caption)
    image = encoder.transform([arguments.caption])[0]
    _write_png(image, Path(arguments.output))
    unknown = sorted({word for word in words if word not in encoder.vocabulary})
    encoded = min(sum(word in encoder.vocabulary for word in words), encoder.layout.capacity)
    size = encoder.layout.image_size
    print(f"{arguments.output}: {size}x{size} px, {encoded} of {len(words)} words encoded")
    if unknown:
        print(f"unknown words, left out: {', '.join(unknown)}", file=sys.stderr)


def _decode(arguments: argparse.Namespace) -> None:
    encoder = _encoder(arguments)
    path = Path(arguments.decode)
    image = _read_png(path, encoder.layout.image_size)
    try:
        print(encoder.inverse_transform(image[None])[0])
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _encoder(arguments: argparse.Namespace) -> TextImageEncoder:
    """The encoder of --vectors, saved or made from published vectors, in the layout that the options ask for."""
    path = Path(arguments.vectors)
    if not path.is_file():
        raise InputError(f"{path}: no such file: give an encoder (make one with --fit) or published word vectors")
    if not storage.is_safetensors(path):
        layout = _adjusted(PRESETS[arguments.layout or "paper"](), arguments)
        how = {"normalization": arguments.normalization or "zscore", "tokenizer": arguments.tokenizer or "spaces"}
        return TextImageEncoder.from_published(path, layout, **how)
    encoder = TextImageEncoder.load(path)
    if arguments.tokenizer not in (None, encoder.tokenizer):
        raise InputError(f"{path}: its tokenizer is {encoder.tokenizer}: fit another encoder for another tokenizer")
    if arguments.normalization not in (None, encoder.normalization):
        raise InputError(
            f"{path}: its colors are {encoder.normalization}: fit another encoder for another normalization"
        )
    layout = PRESETS[arguments.layout]() if arguments.layout else encoder.layout
    return encoder.with_layout(_adjusted(layout, arguments))


def _adjusted(layout: Layout, arguments: argparse.Namespace) -> Layout:
    """The layout with --size and --fill applied."""
    if arguments.size is not None:
        layout = layout.scaled_to(arguments.size)
    return replace(layout, fill=arguments.fill) if arguments.fill else layout


def _captions(path: Path) -> list[str]:
    """The lines of a UTF-8 file, without the blank ones."""
    captions = [line for line in read_utf8(path).split("\n") if line.strip()]
    if not captions:
        raise InputError(f"{path}: no captions in it: give one a line")
    return captions


def _write_png(image: np.ndarray, path: Path) -> None:
    from PIL import Image

    with replacing(path) as temporary:
        Image.fromarray(image).save(temporary, format="PNG")


def _read_png(path: Path, size: int) -> np.ndarray:
    """An image of `size` x `size` px as uint8 (size, size, 3), RGB; InputError for any other."""
    from PIL import Image

    if not path.is_file():
        raise InputError(f"{path}: no such image")
    try:
        with Image.open(path, formats=["PNG"]) as opened:  # not EPS, which would start Ghostscript
            if opened.size != (size, size):
                width, height = opened.size
                raise InputError(
                    f"{path}: {width}x{height} px, but the encoder's layout is {size}x{size} px: give the --size and "
                    "--layout it was made with"
                )
            return np.array(opened.convert("RGB"))
    except InputError:
        raise
    except Exception as error:  # decoders raise almost anything on damaged files
        raise InputError(f"{path}: not an image that can be read ({error})") from error


if __name__ == "__main__":
    main()
