from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from encoded_text import InputError, Layout, TextImageEncoder
from encoded_text.vector_files import read_vectors

WORDS = [f"word{i}" for i in range(200)]
VECTORS = np.random.default_rng(0).normal(size=(200, 50)).astype(np.float32)
FORMATS = ("word2vec text", "word2vec binary", "glove", "gzip", "word2vec.c binary")


def _write(path: Path, kind: str, words=WORDS, vectors=VECTORS) -> Path:
    from gensim.models import KeyedVectors

    table = KeyedVectors(vectors.shape[1])
    table.add_vectors(words, vectors)
    table.save_word2vec_format(path, binary="binary" in kind, write_header=kind not in ("glove", "gzip"))
    if kind == "gzip":
        path.write_bytes(gzip.compress(path.read_bytes()))
    if kind == "word2vec.c binary":  # Mikolov's program ends each vector with a line feed
        head = f"{len(words)} {vectors.shape[1]}\n".encode()
        lines = (w.encode() + b" " + v.tobytes() + b"\n" for w, v in zip(words, vectors, strict=True))
        path.write_bytes(head + b"".join(lines))
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_published_formats_are_recognized_by_content(tmp_path, kind):
    words, vectors = read_vectors(_write(tmp_path / "vectors", kind))
    assert words == WORDS
    np.testing.assert_allclose(vectors, VECTORS, rtol=1e-6)


@pytest.mark.parametrize("first", [b"\n", b" ", b"1", b"\x00"])
def test_any_first_byte_of_a_binary_vector_is_read(tmp_path, first):
    vectors = VECTORS[:3].copy()
    vectors.view(np.uint8)[0, 0] = first[0]
    found = read_vectors(_write(tmp_path / "vectors.bin", "word2vec binary", WORDS[:3], vectors))[1]
    np.testing.assert_array_equal(found, vectors)


def test_a_binary_vector_without_a_byte_that_looks_like_a_blank_is_no_text(tmp_path):
    vectors = np.full((2, 300), 0.5, np.float32)
    found = read_vectors(_write(tmp_path / "vectors.bin", "word2vec binary", WORDS[:2], vectors))[1]
    np.testing.assert_array_equal(found, vectors)


@pytest.mark.parametrize("kind", FORMATS)
def test_published_vectors_are_reduced_and_drawn(tmp_path, kind):
    path = _write(tmp_path / "vectors", kind)
    encoder = TextImageEncoder.from_published(path, Layout.figure())
    assert encoder.colors.shape == (200, 36)
    assert encoder.parameters["pca"] is True
    assert encoder.parameters["source"] == "vectors"
    assert 0.5 < encoder.parameters["variance_kept"] < 1
    assert encoder.inverse_transform(encoder.transform(["word3 word7"])) == ["word3 word7"]


def test_fitting_with_published_vectors_begins_with_the_captions_words(tmp_path):
    path = _write(tmp_path / "vectors", "glove", vectors=VECTORS[:, :36])
    encoder = TextImageEncoder.fit(["word9 word3", "word3 unheard"], Layout.figure(), vectors=path)
    assert encoder.words == ["word3", "word9", *(word for word in WORDS if word not in ("word3", "word9"))]
    assert encoder.parameters["pca"] is False
    assert (encoder.parameters["captions"], encoder.parameters["tokens"]) == (2, 4)


def test_other_spellings_stand_in_where_the_exact_word_is_missing(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("Dog 1 1\nParis 2 2\ndog 3 3\n. 4 4\nnew_york 5 5\n. . . 6 6\ndog 7 7\n", encoding="utf-8")
    words, vectors = read_vectors(path)
    assert dict(zip(words, vectors[:, 0].tolist(), strict=True)) == {"dog": 3, "paris": 2}
    assert read_vectors(path, only={"paris"})[0] == ["paris"]
    assert read_vectors(path, only={"paris"}, others=1)[0] == ["dog", "paris"]


def test_broken_files_are_refused_in_one_line(tmp_path):
    binary = _write(tmp_path / "b", "word2vec binary").read_bytes()
    text = _write(tmp_path / "t", "word2vec text").read_bytes()
    glove = _write(tmp_path / "g", "glove").read_bytes()
    zipped = gzip.compress(glove)
    broken = {
        "empty": b"",
        "blank": b"\n\n",
        "prose": b"A dog runs on the beach.\nTwo dogs.\n",
        "one word": b"dog\n",
        "noise": np.random.default_rng(0).bytes(3000),
        "header alone": b"200 50\n",
        "zero vectors": b"0 50\n",
        "binary cut": binary[:-5],
        "binary half": binary[: len(binary) // 2],
        "text cut": text[: len(text) // 2],
        "text short": text[: text.rindex(b"\nword")],
        "glove cut": glove[: glove.rindex(b" ")],
        "glove nan": glove + b"nan" + b" nan" * 50 + b"\n",
        "gzip cut": zipped[: len(zipped) // 2],
        "gzip broken": zipped[:50] + b"\0" * 50 + zipped[100:],
        "utf-16": glove.decode().encode("utf-16"),
        "zip": b"PK\x03\x04" + glove,
        "nothing looked for": b". 1 2\n, 3 4\n",
        "a header of thousands of digits": b"9" * 5000 + b" " + b"9" * 5000 + b"\ndog 1 2\n",
    }
    for name, content in broken.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_vectors(path)
        assert str(path) in str(caught.value), name
        assert "\n" not in str(caught.value), name


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            read_vectors(path)


@pytest.mark.parametrize("kind", ["word2vec binary", "word2vec.c binary"])
@pytest.mark.parametrize("tail", range(1, 10))
@pytest.mark.parametrize("place", [0, 100, 199])
def test_binary_words_with_a_blank_inside_are_refused(tmp_path, kind, tail, place):
    """gensim writes them, and then reads garbage for the word and loses the next."""
    words = [*WORDS[:place], "new " + "y" * (tail - 1), *WORDS[place + 1 :]]
    for part in (words, [*words[:place], "a  b", *words[place + 1 :]]):
        with pytest.raises(InputError, match=r"blank inside, or the file is damaged.*binary=False"):
            read_vectors(_write(tmp_path / "vectors.bin", kind, part))


@pytest.mark.parametrize(("kind", "place"), [("word2vec text", 0), ("word2vec text", 7), ("glove", 7)])
def test_blanks_in_words_of_text_formats_are_read(tmp_path, kind, place):
    phrase = [*WORDS[:place], "new york", *WORDS[place + 1 :]]
    words, vectors = read_vectors(_write(tmp_path / "vectors", kind, phrase))
    assert words == WORDS[:place] + WORDS[place + 1 :]  # a phrase is no word of a caption
    np.testing.assert_allclose(vectors, np.delete(VECTORS, place, axis=0), rtol=1e-6)


@pytest.mark.parametrize("head", [b"", b"dog 1 2\n", b"2 2\ndog 1 2\n"])
def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path, head):
    path = tmp_path / "vectors.gz"
    path.write_bytes(gzip.compress(head + b"1" * 3_000_000))
    with pytest.raises(InputError, match=r"is longer than 1,000,000 bytes"):
        read_vectors(path)


def test_more_lines_than_the_header_announces_are_not_lost(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"2 2\ndog 1 1\ncat 2 2\n \n\n")
    assert read_vectors(path)[0] == ["dog", "cat"]
    path.write_bytes(b"2 2\ndog 1 1\ncat 2 2\n\ncow 3 3\n")
    with pytest.raises(InputError, match="announces 2 vectors, but more lines follow"):
        read_vectors(path)


@pytest.mark.parametrize("head", [b"", b"2 2\n"])
def test_a_byte_order_mark_is_no_letter(tmp_path, head):
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"\xef\xbb\xbf" + head + b"Dog 1 1\ndog 2 2\n")
    assert read_vectors(path)[1].tolist() == [[2, 2]]
    path.write_bytes(b"\xef\xbb\xbf" + head + b"dog 1 1\ndog 2 2\n")
    assert read_vectors(path)[1].tolist() == [[1, 1]]


def test_words_that_are_not_utf8_are_left_out(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_bytes("café 1 1\ndog 2 2\n".encode("latin-1"))
    assert read_vectors(path)[0] == ["dog"]
    binary = _write(tmp_path / "b", "word2vec binary", ["cafe", *WORDS[1:]]).read_bytes()
    path.write_bytes(binary.replace(b"cafe", b"caf\xe9"))
    assert read_vectors(path)[0] == WORDS[1:]
