"""Word vectors: trained with gensim's Word2Vec, or read from published files; reduced to a layout's features."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Collection, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np

from encoded_text.common.errors import InputError
from encoded_text.common.progress import progress
from encoded_text.tokenizer import tokenise

_LONGEST_WORD = 1000  # bytes; what is longer is not a file of word vectors


def fit_word2vec(
    sentences: Sequence[Sequence[str]],
    features: int,
    seed: int,
    *,
    epochs: int = 10,
    window: int = 5,
    negative: int = 5,
    min_count: int = 1,
    sample: float = 1e-3,
    skip_gram: bool = True,
) -> tuple[list[str], np.ndarray, dict]:
    """Train Word2Vec on tokenised captions: (words, most frequent first; vectors float32 (words, features); settings).

    epochs, window, negative, min_count, sample and skip_gram are gensim's; `sample` passes over very frequent words
    now and then (0: never). One worker and a hash that does not depend on the process, so that a seed always gives the
    same vectors.
    Raises InputError where no word occurs `min_count` times or a setting is out of range.
    """
    for name, value in {"epochs": epochs, "window": window, "negative": negative, "min_count": min_count}.items():
        if value < 1:
            raise InputError(f"Word2Vec's {name} is {value}: give at least 1")
    if not 0 <= sample < 1:
        raise InputError(f"Word2Vec's sample is {sample}: give a share from 0 to below 1")
    if not 0 <= seed < 2**32:
        raise InputError(f"the seed is {seed}: give a number from 0 to {2**32 - 1}")
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    settings = {"epochs": epochs, "window": window, "negative": negative, "min_count": min_count, "sample": sample}
    model = Word2Vec(
        vector_size=features,
        seed=seed,
        window=window,
        negative=negative,
        min_count=min_count,
        sample=sample,
        sg=int(skip_gram),
        workers=1,
        hashfxn=_hash,
    )
    model.build_vocab(sentences)
    if not len(model.wv):
        raise InputError(f"no word occurs {min_count} times in the captions: lower min_count or give more captions")
    with progress(what="Word2Vec", total=epochs, unit="epoch") as bar:

        class Advance(CallbackAny2Vec):
            def on_epoch_end(self, model: Word2Vec) -> None:
                bar.update()

        model.train(sentences, total_examples=model.corpus_count, epochs=epochs, callbacks=[Advance()])
    settings |= {"skip_gram": skip_gram, "seed": seed}
    return list(model.wv.index_to_key), model.wv.vectors, {"source": "word2vec", "word2vec": settings}


def read_vectors(path: str | PathLike, only: Collection[str] | None = None) -> tuple[list[str], np.ndarray]:
    """Read published vectors: (words, vectors float32 (words, dimensions)), in an order that the file alone decides.

    path   word2vec text, word2vec binary, or GloVe text (no header), plain or gzip; recognised by its content
    only   keep these words only (the file may hold millions)

    Words are those that the tokeniser makes: an entry that only differs in case or in its apostrophe stands for that
    word if the file has no exact entry ("Paris" for "paris"); punctuation and phrases are left out.
    Raises InputError for a missing, damaged or other file, and where no word is left.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file of word vectors")
    exact: dict[str, np.ndarray] = {}
    similar: dict[str, np.ndarray] = {}
    try:
        with _open(path) as file:
            for word, vector in _entries(file, path):
                tokens = tokenise(word)
                if len(tokens) == 1 and (only is None or tokens[0] in only):
                    (exact if tokens[0] == word else similar).setdefault(tokens[0], vector)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: the compressed file is damaged ({error}): fetch it again") from error
    found = exact | {word: vector for word, vector in similar.items() if word not in exact}
    if not found:
        raise InputError(f"{path}: none of its entries is a word that is looked for")
    return list(found), np.stack(list(found.values()))


def reduce(vectors: np.ndarray, features: int, name: str) -> tuple[np.ndarray, dict]:
    """Bring published vectors (words, dimensions) to `features` by principal components: (vectors, what was done).

    Vectors of just as many dimensions stay as they are. Raises InputError where there are fewer dimensions than
    features, or fewer words than features to find the components from.
    """
    words, dimensions = vectors.shape
    source = {"source": name, "words_found": words, "dimensions": dimensions, "pca": dimensions > features}
    if dimensions < features:
        raise InputError(
            f"{name}: the vectors have {dimensions} values, the layout draws {features} features a word: "
            "use longer vectors or a layout of fewer features"
        )
    if dimensions == features:
        return vectors, source
    if words < features:
        raise InputError(
            f"{name}: {words} words are too few to find {features} principal components: use more captions, "
            f"or vectors of exactly {features} values"
        )
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order: the same numbers in every process
        pca = PCA(features, svd_solver="full").fit(vectors.astype(np.float64))
        reduced = pca.transform(vectors.astype(np.float64))
    return reduced, {**source, "variance_kept": float(pca.explained_variance_ratio_.sum())}


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


def _open(path: Path) -> BinaryIO:
    with open(path, "rb") as file:
        start = file.read(2)
    if start == b"PK":
        raise InputError(f"{path}: a zip archive: unpack it and give the file inside")
    return io.BufferedReader(gzip.open(path)) if start == b"\x1f\x8b" else open(path, "rb")


def _entries(file: BinaryIO, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """(word, vector) by vector, whichever of the three formats the file has."""
    head = file.readline(1_000_000)
    if not head.strip():
        raise InputError(f"{path}: empty, or begins with an empty line: not a file of word vectors")
    header = head.split()
    if len(header) == 2 and all(part.isdigit() for part in header):
        count, dimensions = map(int, header)
        if not (count > 0 and 0 < dimensions <= 100_000):
            raise InputError(f"{path}: line 1 announces {count} vectors of {dimensions} values: not word vectors")
        second = file.peek(1)[:_LONGEST_WORD]
        entries = _binary(file, path, dimensions) if _is_binary(second, dimensions) else _text(file, path, dimensions)
        yield from _counted(entries, count, path)
    else:
        dimensions = len(head.rstrip().split(b" ")) - 1
        if dimensions < 2:
            raise InputError(f"{path}: line 1 is not a word and its numbers: not a file of word vectors")
        yield _parse(head, path, 1, dimensions)
        yield from _text(file, path, dimensions)


def _is_binary(start: bytes, dimensions: int) -> bool:
    """Text continues after the word with readable numbers only; four bytes a value hardly ever do."""
    readable = b"0123456789+-.eEnaif "
    shortest_text = 2 * dimensions - 1  # a digit and a space a value: as far as the line surely goes
    return any(byte not in readable for byte in start.split(b" ", 1)[-1][:shortest_text])


def _counted(entries: Iterator, count: int, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    found = 0
    for found, entry in enumerate(entries, start=1):
        yield entry
        if found == count:
            return
    raise InputError(f"{path}: cut off: line 1 announces {count} vectors, the file holds {found}: fetch it again")


def _text(file: BinaryIO, path: Path, dimensions: int) -> Iterator[tuple[str, np.ndarray]]:
    """Entries of the lines behind the first."""
    for number, line in enumerate(file, start=2):
        if not line.isspace():
            yield _parse(line, path, number, dimensions)


def _parse(line: bytes, path: Path, number: int, dimensions: int) -> tuple[str, np.ndarray]:
    word, *values = line.rstrip().rsplit(b" ", dimensions)  # from the right: some GloVe words hold spaces
    try:
        vector = np.array(values, np.float32)
    except ValueError:
        vector = np.empty(0, np.float32)
    if len(vector) != dimensions or not np.isfinite(vector).all():
        raise InputError(f"{path}: line {number} is not a word and {dimensions} numbers: damaged, or no word vectors")
    return word.decode("utf-8", "replace"), vector


def _binary(file: BinaryIO, path: Path, dimensions: int) -> Iterator[tuple[str, np.ndarray]]:
    """Entries of a word, a space, and float32 values (little-endian); some writers end each with a line feed."""
    number = 0
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
            raise InputError(f"{path}: cut off in the middle of vector {number}: fetch it again")
        vector = np.frombuffer(values, "<f4")
        if not np.isfinite(vector).all():
            raise InputError(f"{path}: vector {number} holds values that are not finite: damaged, or not word vectors")
        yield word.decode("utf-8", "replace").lstrip("\n"), vector
