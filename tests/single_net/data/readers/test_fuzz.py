"""Files of any content end in a data set or in one InputError, never in another exception."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encoded_text.common.errors import InputError
from single_net.data.load import load_dataset

FEW = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
HUGE = "a number of more digits than Python reads"
LONG = "x" * 300
USUAL = ["a.jpg", "b/a.jpg", "c.jpg", "train/a.jpg"]
ODD = ["./a.jpg", "../a.jpg", "/a.jpg", "", " ", "a\0.jpg", LONG, f"{LONG}/a.jpg", "\ud800", "é"]
any_text = st.text(st.characters(exclude_categories=()), max_size=8)
texts = st.sampled_from(USUAL) | st.sampled_from(ODD) | any_text
captions = st.sampled_from(["A kite.", "", "\n", '"', "A | B", "A, B; C\tD", "\ud800"]) | texts
splits = st.sampled_from(["train", "val", "test"]) | st.sampled_from(["Test", "dev", "restval", "other", "", None, 5])
names = st.sampled_from(
    ["image", "Image", "file_name", "caption", "text", "comment", "split", "Split", "subset", "", "x"]
)
anything = st.recursive(
    st.none() | st.just(HUGE) | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
garbage = st.binary(max_size=40)


def as_json(value):
    return json.dumps(value).replace(json.dumps(HUGE), "9" * 5000)


def cell(text):
    return json.dumps(text) if isinstance(text, str) else str(text)


@st.composite
def delimited(draw):
    delimiter, quote = draw(st.sampled_from(",\t;|")), draw(st.booleans())
    header = draw(st.lists(names, max_size=5) | st.just(["image", "caption", "split"]))
    rows = draw(st.lists(st.tuples(texts, captions, splits) | st.lists(captions, max_size=4).map(tuple), max_size=6))
    lines = [delimiter.join(cell(value) if quote else str(value) for value in row) for row in (header, *rows)]
    return draw(line_ends).join(lines).encode(errors="surrogatepass")


@st.composite
def json_lines(draw):
    row = st.fixed_dictionaries(
        {"image": texts, "caption": captions | st.lists(captions, max_size=3)}, optional={"split": splits}
    )
    rows = draw(st.lists(row | st.dictionaries(names, anything, max_size=4) | anything, max_size=6))
    return draw(line_ends).join(map(as_json, rows)).encode()


@st.composite
def karpathy(draw):
    sentence = st.fixed_dictionaries({"raw": captions}, optional={"sentid": anything})
    image = st.fixed_dictionaries(
        {"filename": texts, "split": splits, "sentences": st.lists(sentence, max_size=3)},
        optional={"filepath": texts | anything, "cocoid": anything},
    )
    images = draw(st.lists(image | anything, max_size=5))
    return as_json(draw(st.just({"images": images}) | anything)).encode()


@st.composite
def tokens(draw):
    line = st.builds(
        "{}#{}{}{}".format, texts, st.integers(0, 3) | st.just("9" * 5000) | texts, st.sampled_from("\t "), captions
    )
    return draw(line_ends).join(draw(st.lists(line, max_size=6))).encode(errors="surrogatepass")


@st.composite
def official(draw):
    image = st.fixed_dictionaries({"id": st.integers(0, 3), "file_name": texts}) | anything
    annotation = (
        st.fixed_dictionaries({"id": st.integers(), "image_id": st.integers(0, 3), "caption": captions}) | anything
    )
    document = {"images": draw(st.lists(image, max_size=4)), "annotations": draw(st.lists(annotation, max_size=6))}
    return as_json(document).encode()


def attempt(name, files):
    """Load all splits, with and without skip_bad, of a folder with the given files and a few images."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = Path(folder) / "root"
        for image in ("a.jpg", "b/a.jpg", "train/a.jpg", "Images/c.jpg"):
            (root / image).parent.mkdir(parents=True, exist_ok=True)
            (root / image).write_bytes(b"")
        for file, content in files.items():
            (root / file).write_bytes(content)
        for split in ("train", "val", "test"):
            for skip_bad in (False, True):
                try:
                    data = load_dataset(name, root, split, skip_bad=skip_bad)
                except InputError as error:
                    assert str(error)
                else:
                    assert len(data) == len(data.images) == len(data.captions) == len(set(data.ids)) > 0
                    assert data.checksums() and all(caption.strip() for caption in data.flat_captions)
                    assert all(path.is_file() for path in data.images)


@FEW
@given(delimited() | garbage)
def test_tables(content):
    attempt("table", {"captions.csv": content})


@FEW
@given(json_lines() | garbage)
def test_tables_as_json_lines(content):
    attempt("table", {"captions.jsonl": content})


@FEW
@given(karpathy() | garbage)
def test_karpathys_files(content):
    attempt("karpathy", {"dataset_x.json": content})


@FEW
@given(tokens() | garbage, st.lists(texts, max_size=4), st.sampled_from(["Flickr8k.token.txt", "captions.txt"]))
def test_flickrs_files(content, listed, name):
    lists = {
        f"Flickr_8k.{part}Images.txt": "\n".join(listed[i:]).encode(errors="surrogatepass")
        for i, part in enumerate(("train", "dev", "test"))
    }
    attempt("flickr8k", {name: content} | lists)


@FEW
@given(official() | garbage)
def test_cocos_files(content):
    attempt("coco", {"captions_val2017.json": content})


@pytest.mark.parametrize("name", ["captions.csv", "captions.jsonl"])
@settings(FEW, max_examples=40)
@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"image,caption,split\n", b'{"image": "a.jpg", ']),
)
def test_any_bytes(name, content, start):
    attempt("table", {name: start + content})
