"""Files of published word vectors: word2vec text, word2vec binary, and GloVe text, plain or gzip."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Collection, Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.given_vectors import Vectors, given_entries, name_of
from encoded_text.tokenizer import tokenize

_LONGEST_WORD = 1000  # bytes; a file with a longer "word" does not hold word vectors
_LONGEST_LINE = 1_000_000  # bytes; a line without an end would fill the memory
_LARGEST = 1e9  # of a value; four bytes read from the wrong place are often beyond it


def read_vectors(source: Vectors, only: Collection[str] | None = None, others: int = 0) -> tuple[list[str], np.ndarray]:
    """Read published word vectors. The format of a file is recognized by its content.

    Entries are matched to the words that `tokenize` makes. An entry that differs only in case or in its apostrophe is
    used for a word that has no exact entry ("Paris" for "paris"). Punctuation, phrases and words that are not UTF-8 are
    left out.

    Args:
        source: a file, which is word2vec text or binary, or GloVe text (which has no header line), plain or gzip; or
            gensim's KeyedVectors, or a mapping of words to vectors.
        only: the words to keep; None keeps all (a file may hold millions).
        others: how many words beside `only` are kept, the first of the source.

    Returns:
        The words, in an order that depends only on the source, and their vectors, float32 (words, dimensions).

    Raises:
        InputError: the source is missing, damaged or of another kind, or holds no word of `only`.
    """
    exact: dict[str, np.ndarray] = {}
    similar: dict[str, np.ndarray] = {}
    also: set[str] = set()
    for word, vector in _file_entries(Path(source)) if isinstance(source, str | PathLike) else given_entries(source):
        tokens = tokenize(word)
        if len(tokens) != 1 or "\ufffd" in word:  # what could not be decoded is no end of a word
            continue
        if only is not None and (token := tokens[0]) not in only and token not in also:
            if len(also) == others:
                continue
            also.add(token)
        (exact if tokens[0] == word else similar).setdefault(tokens[0], vector)
    found = exact | {word: vector for word, vector in similar.items() if word not in exact}
    if len(found) == len(also):
        where = source if isinstance(source, str | PathLike) else name_of(source)
        raise InputError(f"{where}: none of its entries is a word that is looked for")
    return list(found), np.stack(list(found.values()))


def _file_entries(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    if not path.is_file():
        raise InputError(f"{path}: no such file of word vectors")
    try:
        with _open(path) as file:
            yield from _entries(file, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: the compressed file is damaged ({error}): download it again") from error


def _open(path: Path) -> io.BufferedReader:
    with open(path, "rb") as file:
        start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path}: UTF-16, not UTF-8: save the file as UTF-8")
    if start == b"PK":
        raise InputError(f"{path}: a zip archive: unpack it and give the file inside")
    if start[:1] == b"\x80":  # of a pickle
        raise InputError(f"{path}: gensim's own format: load it with gensim and save it with save_word2vec_format")
    return io.BufferedReader(gzip.open(path)) if start == b"\x1f\x8b" else open(path, "rb")


def _entries(file: io.BufferedReader, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Words and vectors, in any of the three formats."""
    head = _line(file, path, 1).removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        raise InputError(f"{path}: empty, or begins with an empty line: not a file of word vectors")
    header = head.split()
    if len(header) == 2 and all(part.isdigit() and len(part) < 19 for part in header):
        count, dimensions = map(int, header)
        if not (count > 0 and 0 < dimensions <= 100_000):
            raise InputError(f"{path}: line 1 announces {count} vectors of {dimensions} values: not word vectors")
        second = file.peek(1)[:_LONGEST_WORD]
        binary = _is_binary(second, dimensions)
        entries = _binary(file, path, dimensions) if binary else _text(file, path, dimensions)
        yield from _counted(entries, count, path)
        if binary and file.read(2).strip():
            raise _shift(path, count)
        while rest := b"" if binary else file.read(65_536):
            if rest.strip():
                mend = "write the true number there, or leave line 1 out"
                raise InputError(f"{path}: line 1 announces {count} vectors, but more lines follow: {mend}")
    else:
        dimensions = len(head.rstrip().split(b" ")) - 1
        if dimensions < 2:
            raise InputError(f"{path}: line 1 is not a word and its numbers: not a file of word vectors")
        yield _parse(head, path, 1, dimensions)
        yield from _text(file, path, dimensions)


def _is_binary(start: bytes, dimensions: int) -> bool:
    """Whether the entry at the start of these bytes ends in something else than numbers; a word may hold blanks."""
    line, feed, _ = start.partition(b"\n")
    parts = line.split(b" ")[1:]
    numbers = parts[-dimensions:] if feed else parts[-4:-1]  # the last part may be cut off
    if len(parts) < (dimensions if feed else min(2, dimensions)):
        return True
    try:
        np.array(numbers, np.float32)
    except ValueError:
        return True
    return False


def _counted(entries: Iterator[tuple[str, np.ndarray]], count: int, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The first `count` entries; InputError if there are fewer."""
    found = 0
    for found, entry in enumerate(entries, start=1):
        yield entry
        if found == count:
            return
    raise InputError(f"{path}: cut off: line 1 announces {count} vectors, the file holds {found}: download it again")


def _text(file: io.BufferedReader, path: Path, dimensions: int) -> Iterator[tuple[str, np.ndarray]]:
    """Entries of the lines after the first."""
    number = 2
    while line := _line(file, path, number, dimensions):
        if not line.isspace():
            yield _parse(line, path, number, dimensions)
        number += 1


def _line(file: io.BufferedReader, path: Path, number: int, dimensions: int = 0) -> bytes:
    """The next line, empty at the end of the file; InputError for one too long to hold a word and its numbers."""
    longest = max(_LONGEST_LINE, 40 * dimensions)
    line = file.readline(longest)
    if len(line) == longest and not line.endswith(b"\n"):
        raise InputError(f"{path}: line {number} is longer than {longest:,} bytes: damaged, or no word vectors")
    return line


def _parse(line: bytes, path: Path, number: int, dimensions: int) -> tuple[str, np.ndarray]:
    word, *values = line.rstrip().rsplit(b" ", dimensions)  # from the right: some GloVe words hold spaces
    try:
        vector = np.array(values, np.float32)
    except ValueError:
        vector = np.empty(0, np.float32)
    if len(vector) != dimensions or not np.isfinite(vector).all():
        raise InputError(f"{path}: line {number} is not a word and {dimensions} numbers: damaged, or no word vectors")
    return word.decode("utf-8", "replace"), vector


def _binary(file: io.BufferedReader, path: Path, dimensions: int) -> Iterator[tuple[str, np.ndarray]]:
    """Entries of a word, a space, and little-endian float32 values; some programs add a line feed.

    A word with a blank inside (gensim writes them) shifts all bytes up to the next word, and nothing in the format says
    so. The bytes in the wrong places give it away.
    """
    number, line_feeds = 0, False
    while True:
        number += 1
        word = bytearray()
        while (byte := file.read(1)) != b" ":
            if not byte and not word.strip():
                return
            word += byte
            if not byte or len(word) > _LONGEST_WORD:
                raise InputError(f"{path}: vector {number} has no word in front: damaged, or not word vectors")
        values = file.read(4 * dimensions)
        if len(values) < 4 * dimensions:
            raise InputError(f"{path}: cut off in the middle of vector {number}: download it again")
        vector = np.frombuffer(values, "<f4")
        if number == 2:
            line_feeds = word.startswith(b"\n")
        own = bytes(word.removeprefix(b"\n") if line_feeds and number > 1 else word)
        if (line_feeds and number > 1 and len(own) == len(word)) or _is_shifted(own, values, vector):
            raise _shift(path, number)
        yield own.decode("utf-8", "replace"), vector


def _is_shifted(word: bytes, values: bytes, vector: np.ndarray) -> bool:
    """Whether the bytes of an entry are those of its neighbors.

    Args:
        word: as read.
        values: the bytes of the vector.
        vector: float32 (dimensions,), the same.
    """
    if min(word, default=32) < 32 or not np.isfinite(vector).all() or np.abs(vector).max() > _LARGEST:
        return True
    # The rest of a word of which a multiple of four bytes is left reads as values around 1e-19, which end in a blank.
    text = values[: 4 * (values[3:64:4].find(b" ") + 1)]
    return bool(text) and min(text) >= 32


def _shift(path: Path, number: int) -> InputError:
    return InputError(
        f"{path}: a word near vector {number} has a blank inside, or the file is damaged: the binary format holds no "
        "blanks, so save the vectors as text (gensim: binary=False) or with _ for the blanks"
    )
