"""What every index does, in a folder, in Milvus Lite and on a Milvus server."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from index_items import DIMENSION, header, items, unit_vectors

from encoded_text import InputError
from single_net.search.indexes import Item, Source, exists, open_index, open_or_create
from single_net.search.indexes.address import is_milvus
from single_net.search.indexes.item import shortened

HOSTILE = [
    '"',
    "'",
    "\\",
    "a\\",
    "quote\" and 'quote",
    "two\nlines",
    "tab\t",
    "100 %",
    "{}",
    "' or 1 == 1",
    "<img src=x onerror=alert(1)>.jpg",
    "été 🐕.jpg",
    "cafe\u0301.jpg",
    "caf\u00e9.jpg",
    r"caf\xe9.jpg",
    "d/e e/p.jpg",
    "x" * 1000,
    "",
]


def expected(queries, stored, k):
    """Ids and distances by NumPy in float64."""
    kept = list(stored)
    vectors = np.array([stored[item] for item in kept], np.float64)
    found = np.sqrt(((queries[:, None].astype(np.float64) - vectors) ** 2).sum(axis=2))
    order = np.argsort(found, axis=1, kind="stable")[:, :k]
    return [[kept[i] for i in of] for of in order], np.take_along_axis(found, order, axis=1)


def test_what_was_added_is_found_and_it_and_the_header_come_back_unchanged(place, opened, monkeypatch):
    assert exists(place) == is_milvus(place)  # of Milvus it is not known before it is opened
    index = opened()
    assert index.header == header()
    stored = dict(zip(items(200), unit_vectors(200), strict=True))
    index.add("images", list(stored)[:150], np.array(list(stored.values()))[:150])
    index.add("images", list(stored)[150:], np.array(list(stored.values()))[150:])
    for _ in range(2):  # the second time newly opened
        assert exists(place) and index.count("images") == 200 and index.count("captions") == 0
        assert set(index.items("images")) == set(stored) and not list(index.items("captions"))
        asked = list(stored)[::-7]
        assert np.array_equal(index.vectors("images", asked), np.array([stored[item] for item in asked]))
        queries = unit_vectors(5, seed=1)
        wanted, distances = expected(queries, stored, 10)
        hits = index.nearest("images", queries, 10)
        assert [[hit.item for hit in of] for of in hits] == wanted
        np.testing.assert_allclose([[hit.distance for hit in of] for of in hits], distances, atol=1e-5)
        index = opened()
    changed = header(source=Source("table", "/elsewhere \udcff", "test", columns={"image": "file"}), run="runs/x")
    for _ in range(2):
        index.set_header(changed)
        index = opened()
        assert index.header == changed
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: 1)  # the clock was set back, or is another machine's
        index.set_header(header())
    assert opened().header == header()


def test_names_and_texts_of_any_kind(opened):
    index = opened()
    hostile = [Item(text, "0" * 64, text, count) for count, text in enumerate(HOSTILE, 1)]
    hostile.append(Item("long", "1" * 64, shortened("é" * 5000)))
    vectors = unit_vectors(len(hostile))
    index.add("captions", hostile, vectors)
    assert set(index.items("captions")) == set(hostile)
    for item, [hit] in zip(hostile, index.nearest("captions", vectors, 1), strict=True):
        assert hit.item == item and hit.distance < 1e-3
    half = len(hostile) // 2
    for item in hostile[:half]:
        index.remove("captions", [item])
    assert set(index.items("captions")) == set(hostile[half:])
    index.remove("captions", hostile[half:])
    assert index.count("captions") == 0


def test_what_was_removed_is_found_neither_by_its_id_nor_by_its_vector(opened):
    index = opened()
    some, vectors = items(50), unit_vectors(50)
    index.add("images", some, vectors)
    assert [index.find("images", item.id) for item in some[:5]] == some[:5]
    assert index.find("captions", some[0].id) is None
    assert [index.find("images", number) for number in (0, 1, 2**63 - 1)] == [None] * 3
    index.remove("images", some[::2])
    assert index.find("images", some[0].id) is None and index.find("images", some[1].id) == some[1]
    for of in index.nearest("images", vectors, 25):
        assert {hit.item for hit in of} == set(some[1::2])
    with pytest.raises(InputError, match="removed meanwhile"):
        index.vectors("images", some[:2])


def test_few_items_none_and_vectors_that_are_none(opened):
    index = opened()
    query = unit_vectors(2)
    assert index.nearest("images", query, 5) == [[], []] and not list(index.items("images"))
    index.add("images", [], np.empty((0, DIMENSION), np.float32))
    vectors = unit_vectors(3)
    with_nan, longer = vectors.copy(), vectors.copy()
    with_nan[1, 2] = np.nan
    longer[2] *= 1.5
    for bad in (with_nan, longer, vectors[:, :-1], vectors[:2]):
        with pytest.raises(InputError, match="vectors"):
            index.add("images", items(3), bad)
    assert index.count("images") == 0
    with pytest.raises(InputError, match="16 dimensions"):
        index.nearest("images", unit_vectors(2, dimension=8), 1)
    index.add("images", items(1), query[:1])
    assert [len(of) for of in index.nearest("images", query, 5)] == [1, 1]
    assert index.nearest("images", query[:0], 5) == []


def test_other_kinds_and_numbers_of_results_are_one_line(opened):
    index = opened()
    for use in (
        lambda: index.count("image"),
        lambda: index.nearest("image", unit_vectors(1), 1),
        lambda: index.add("image", items(1), unit_vectors(1)),
        lambda: index.items("image"),
        lambda: index.find("image", 1),
        lambda: index.vectors("image", items(1)),
        lambda: index.remove("image", items(1)),
    ):
        with pytest.raises(InputError, match="kind is 'image': choose one of images, captions"):
            use()
    for k in (0, -1, "3", None, 1.5):
        with pytest.raises(InputError, match="whole number of results"):
            index.nearest("images", unit_vectors(1), k)
    assert index.nearest("images", unit_vectors(1), np.int64(1)) == [[]]


def test_an_item_that_is_repeated_is_added_once_with_its_first_vector(opened):
    index, vectors = opened(), unit_vectors(5)
    one, two, three = items(3)
    index.add("images", [two, one, two, three, one], vectors)
    assert index.count("images") == 3 and set(index.items("images")) == {one, two, three}
    assert np.array_equal(index.vectors("images", [one, two, three]), vectors[[1, 0, 3]])


def test_lists_of_numbers_are_vectors_and_other_things_one_line(opened):
    index, [vector] = opened(), unit_vectors(1).tolist()
    index.add("images", items(1), [vector])
    [[hit]] = index.nearest("images", [vector], 2)
    assert hit.item == items(1)[0] and hit.distance < 1e-3
    for wrong in ([vector, vector[1:]], [["a"] * DIMENSION], None, 3, vector):
        with pytest.raises(InputError, match="vectors"):
            index.nearest("images", wrong, 2)
        with pytest.raises(InputError, match="vectors"):
            index.add("images", items(1), wrong)


def test_what_is_no_id_of_an_item(opened):
    index = opened()
    index.add("images", items(1), unit_vectors(1))
    assert index.find("images", np.int64(items(1)[0].id)) == items(1)[0]
    assert index.find("images", 2**63) is index.find("images", 2**70) is None
    for wrong in (-1, "1", None, 1.5):
        with pytest.raises(InputError, match=r"id is .*: give a whole number"):
            index.find("images", wrong)


def test_adding_and_removing_twice_changes_nothing(opened):
    index = opened()
    some, vectors = items(20), unit_vectors(20)
    for _ in range(2):
        index.add("images", some, vectors)
        assert index.count("images") == len(list(index.items("images"))) == 20
    index.remove("images", items(5, start=100))
    for _ in range(2):
        index.remove("images", some[:5])
        assert set(index.items("images")) == set(some[5:])
    index.add("images", some[:10], vectors[:10])
    assert set(index.items("images")) == set(some)
    for hits, item in zip(index.nearest("images", vectors, 1), some, strict=True):
        assert hits[0].item == item


def test_any_order_of_adding_and_removing_against_a_plain_dictionary(opened):
    index = opened()
    chance = np.random.default_rng(3)
    everything = dict(zip(items(300), unit_vectors(300), strict=True))
    stored: dict = {}
    for step in range(6):
        chosen = [list(everything)[i] for i in chance.choice(300, size=int(chance.integers(1, 120)), replace=False)]
        if step % 3 == 2:
            index.remove("images", chosen)
            stored = {item: vector for item, vector in stored.items() if item not in chosen}
        else:
            index.add("images", chosen, np.array([everything[item] for item in chosen]))
            stored |= {item: everything[item] for item in chosen}
        assert index.count("images") == len(stored) and set(index.items("images")) == set(stored)
    index = opened()
    queries = unit_vectors(4, seed=step)
    wanted, _ = expected(queries, stored, 7)
    assert [[hit.item for hit in of] for of in index.nearest("images", queries, 7)] == wanted


def test_many_items_are_listed_once_each(opened):
    index = opened()
    many = items(5_000)  # more than a page of Milvus
    index.add("captions", many, unit_vectors(5_000))
    listed = list(index.items("captions"))
    assert len(listed) == 5_000 and set(listed) == set(many)


def test_a_thousand_queries_and_a_thousand_results(opened):
    index = opened()
    some, vectors = items(1500), unit_vectors(1500)
    index.add("images", some, vectors)
    hits = index.nearest("images", vectors[:1100], 1)
    assert [of[0].item for of in hits] == some[:1100]
    [hits] = index.nearest("images", vectors[:1], 1000)
    stored = dict(zip(some, vectors, strict=True))
    _, distances = expected(vectors[:1], stored, 1000)
    assert len({hit.item for hit in hits}) == 1000
    np.testing.assert_allclose([hit.distance for hit in hits], distances[0], atol=1e-3)  # nearly equal ones may swap
    own = np.linalg.norm(np.array([stored[hit.item] for hit in hits]) - vectors[0], axis=1)
    np.testing.assert_allclose(own, distances[0], atol=1e-3)


@pytest.mark.slow
def test_it_can_be_searched_by_another_process(place, opened):
    index = opened()
    index.add("images", items(30), unit_vectors(30))
    index.close()
    code = """
import sys, numpy as np
from single_net.search.indexes import open_index
index = open_index(sys.argv[1])
query = np.frombuffer(bytes.fromhex(sys.argv[2]), np.float32)[None]
print(index.nearest("images", query, 1)[0][0].item.name, index.count("images"))
index.close()
"""
    query = unit_vectors(30)[17].tobytes().hex()
    done = subprocess.run([sys.executable, "-c", code, place, query], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["17.jpg", "30"], done.stderr


def test_an_index_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    open_or_create("~/photos.index", header).close()
    assert exists("~/photos.index") and open_index("~/photos.index").count("images") == 0
    assert (tmp_path / "photos.index").is_dir() and not exists("~/others.index")


def test_where_there_is_no_index(place):
    with pytest.raises(InputError, match="no index: make one"):
        open_index(place)
    if not place.startswith("http"):
        with pytest.raises(InputError, match="approximate"):
            open_or_create(place, lambda: header(approximate=True))


@pytest.mark.slow
def test_an_approximate_index_on_a_server(milvus_server):
    place = f"{milvus_server}/approximate"
    with open_or_create(place, lambda: header(approximate=True)) as index:
        some, vectors = items(3000), unit_vectors(3000)
        index.add("images", some, vectors)
        queries = unit_vectors(20, seed=5)
        wanted, _ = expected(queries, dict(zip(some, vectors, strict=True)), 10)
        hits = index.nearest("images", queries, 10)
        found = [len({hit.item for hit in of} & set(right)) for of, right in zip(hits, wanted, strict=True)]
        assert np.mean(found) > 9
    with open_index(place) as index:
        assert index.header.approximate and index.count("images") == 3000
