from __future__ import annotations

import hashlib
import itertools
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from encoded_text.common.errors import InputError
from single_net.data.dataset import SPLITS
from single_net.data.scenes import IMAGES, SceneImages, load_scenes, scenes, source_digest
from single_net.data.scenes.captions.nouns import NOUNS, plural
from single_net.data.scenes.captions.surroundings import BACKDROPS, MOODS
from single_net.data.scenes.captions.verbs import present_participle, third_person
from single_net.data.scenes.composition.casting import sample_scene
from single_net.data.scenes.composition.dice import Dice
from single_net.data.scenes.composition.kinds import KINDS
from single_net.data.scenes.composition.theme import FOLDER, NAMES, THEMES
from single_net.data.scenes.composition.uses import USES
from single_net.data.scenes.drawing.backdrops import PAINTERS
from single_net.data.scenes.drawing.pen import PALETTE
from single_net.data.scenes.drawing.scene import draw_scene
from single_net.data.scenes.drawing.things import SPRITES


@pytest.fixture(scope="module")
def data():
    return {split: load_scenes(split) for split in SPLITS}


def words_of(caption: str) -> list[str]:
    return re.findall(r"[a-z-]+", caption)


def digest(split: str, count: int) -> str:
    """SHA-256 of some captions and images; also called in a second process."""
    chosen = load_scenes(split)
    sums = hashlib.sha256(json.dumps(chosen.captions[:200]).encode())
    for i in range(count):
        sums.update(chosen.images[i * 37].tobytes())
    return sums.hexdigest()


@pytest.mark.slow
def test_splits_have_their_sizes_and_five_different_captions(data):
    for split, chosen in data.items():
        assert len(chosen) == len(chosen.images) == len(chosen.captions) == IMAGES[split]
        assert len(set(chosen.ids)) == len(chosen)
        assert all(len(set(captions)) == 5 for captions in chosen.captions)
    assert data["test"].ids[12] == "scenes-test-0012"


def test_captions_are_sentences(data):
    for caption in data["train"].flat_captions:
        assert re.fullmatch(r"[a-z-]+(,? [a-z-]+)+\.", caption), caption
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|\b(\w+) \1\b", caption), caption
        assert len(words_of(caption)) >= 4


def test_vocabulary_themes_and_kinds(data):
    train = Counter(word for caption in data["train"].flat_captions for word in words_of(caption))
    test = Counter(word for caption in data["test"].flat_captions for word in words_of(caption))
    assert len(train) >= 300
    unknown = sum(count for word, count in test.items() if word not in train)
    assert unknown < 0.001 * test.total()
    drawn = Counter(thing.kind for scene in scenes("train") for thing in scene.things)
    assert len(drawn) >= 80
    assert len(THEMES) >= 8
    themes = Counter(scene.theme.name for scene in scenes("test"))
    assert set(themes) == {theme.name for theme in THEMES} and min(themes.values()) >= 40


def test_no_two_scenes_are_alike(data):
    keys = [scene.key for split in SPLITS for scene in scenes(split)]
    assert len(set(keys)) == len(keys) == sum(IMAGES.values())
    sample = [data[split].images[i].tobytes() for split in SPLITS for i in range(60)]
    assert len({hashlib.sha256(pixels).digest() for pixels in sample}) == len(sample)


@pytest.mark.slow
def test_another_process_makes_the_same_scenes():
    code = "import sys; sys.path.insert(0, sys.argv[1]); from test_scenes import digest; print(digest('test', 5))"
    folder = __file__.rpartition("/")[0]
    other = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77"},
    )
    assert other.stdout.strip() == digest("test", 5)


def test_captions_do_not_change(data):
    """Run records identify the data by these captions: a change on purpose needs a new checksum here."""
    text = json.dumps([data[split].captions for split in SPLITS])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "449af98207119fc2"


def test_images_are_small_rgb_arrays_and_not_blank(data):
    for i in range(0, 1000, 50):
        image = data["test"].images[i]
        assert image.dtype == np.uint8 and image.shape == (192, 192, 3)
        assert image.std() > 10
        assert np.array_equal(image, data["test"].images[i])


def test_images_are_lazy_picklable_and_have_a_version(data):
    images = data["test"].images
    again = pickle.loads(pickle.dumps(images))
    assert np.array_equal(again[7], images[7])
    assert len(pickle.dumps(images)) < 1000
    assert again.version == images.version != SceneImages("train").version
    with pytest.raises(IndexError):
        images[1000]


def test_the_version_covers_every_file_that_makes_the_scenes(tmp_path):
    folder = tmp_path / "scenes"
    shutil.copytree(Path(sys.modules[load_scenes.__module__].__file__).parent, folder)
    sources = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {"theme.py", "beach.toml", "waters.py"} <= {path.name for path in sources}
    before = source_digest(folder)
    for path in sources:
        text = path.read_bytes()
        path.write_bytes(text + b"\n")
        assert source_digest(folder) != before, path
        path.write_bytes(text)
    assert source_digest(folder) == before
    assert before[:16] in SceneImages("test").version


def test_every_caption_names_something_of_its_scene(data):
    people = {"person", "child", "kid", "guy", "lady"}
    for scene, captions in zip(scenes("test"), data["test"].captions, strict=True):
        names = set(people) if {"man", "woman", "boy", "girl"} & {t.kind for t in scene.things} else set()
        jobs = {"farmer", "cook", "chef", "skier", "hiker", "diver", "surfer", "cyclist", "sailor", "rider"}
        names |= {*jobs, *(plural(job) for job in jobs)} if names else set()
        for thing in scene.things:
            names |= {word for noun in NOUNS[thing.kind] for word in (noun.split()[-1], plural(noun).split()[-1])}
        for caption in captions:
            assert names & set(words_of(caption)), (caption, names)


def test_captions_say_no_color_and_no_side_that_is_not_there(data):
    for scene, captions in zip(scenes("test"), data["test"].captions, strict=True):
        colors = {thing.color for thing in scene.things}
        setting = " ".join(BACKDROPS.get((scene.theme.name, scene.backdrop), ()))
        setting += " ".join(MOODS.get((scene.theme.name, scene.mood), ()) + MOODS.get(("", scene.mood), ()))
        setting += " ".join(phrase for phrase in (*scene.theme.at, *scene.theme.along, *scene.theme.title))
        for caption in captions:
            said = set(words_of(caption)) & set(PALETTE)
            assert said <= colors | set(words_of(setting)) | {"white"}, caption
            if "on the left and" in caption:
                left = caption.partition(" on the left")[0].split(" in ")[0].split(" wearing ")[0].split()[-1]
                right = caption.partition(" on the left and ")[2]
                kinds = [
                    t
                    for t in scene.things
                    if any(left in (n.split()[-1], plural(n).split()[-1]) for n in NOUNS[t.kind])
                ]
                others = [
                    t
                    for t in scene.things
                    if any(n.split()[-1] in right or plural(n).split()[-1] in right for n in NOUNS[t.kind])
                ]
                if kinds and others:
                    assert min(t.x for t in kinds) < max(t.x for t in others), caption


def test_relations_hold_in_the_image():
    seen = Counter()
    for scene in scenes("train"):
        if scene.theme.name == "kitchen":
            continue
        a, b = scene.things[:2] if len(scene.things) > 1 else (scene.things[0], None)
        if scene.relation == "on":
            assert abs(a.x - b.x) < b.width / 2 and a.rise > 0
        elif scene.relation == "in front of":
            assert a.y < b.y
        elif scene.relation == "behind":
            assert a.y > b.y and a.height > b.height * 0.8
        elif scene.relation == "under":
            assert abs(a.x - b.x) < b.width * 0.7
        elif scene.relation == "next to":
            assert abs(a.x - b.x) > 0.3 * (a.width + b.width) / 2
        seen[scene.relation] += 1
    assert min(seen[r] for r in ("on", "in front of", "behind", "under", "next to", "use")) >= 10, seen


def test_nothing_leaves_the_image():
    for scene in scenes("test"):
        for thing in scene.things:
            assert 0 <= thing.x <= 192 and 0 <= thing.y <= 192, (thing, scene.key)


def test_every_theme_file_is_a_theme():
    assert sorted(NAMES) == sorted(path.stem for path in FOLDER.glob("*.toml"))
    assert [theme.name for theme in THEMES] == [name.replace("_", " ") for name in NAMES]


def test_every_kind_can_be_drawn_and_named():
    for theme in THEMES:
        assert theme.name in PAINTERS
        for roles in (theme.actors, theme.props, theme.toys, theme.fliers):
            for kind, role in roles.items():
                assert kind in KINDS and kind in NOUNS
                assert {color.partition(" ")[0] for color in role.colors} <= set(PALETTE)
        assert all(toy in USES for toy in theme.toys if theme.name != "kitchen")
    assert set(SPRITES) <= set(KINDS)
    for i in range(40):
        draw_scene(sample_scene(Dice((3, i))))


def test_colors_go_with_different_things(data):
    """Word2Vec tells two colors apart only if they go with different things."""
    things = sorted({noun for nouns in NOUNS.values() for noun in nouns if " " not in noun})
    counts = {color: np.zeros(len(things)) for color in PALETTE}
    for caption in data["train"].flat_captions:
        words = words_of(caption)
        for color, noun in itertools.pairwise(words):
            if color in counts and noun in things:
                counts[color][things.index(noun)] += 1
    table = np.array([row / np.linalg.norm(row) for row in counts.values() if row.sum() >= 30])
    similarity = table @ table.T - np.eye(len(table))
    assert len(table) >= 10
    assert similarity.max() < 0.95 and similarity.mean() < 0.35


def test_verbs_and_plurals():
    assert [present_participle(v) for v in ("run", "ride", "lie", "swim", "fly", "play")] == [
        "running",
        "riding",
        "lying",
        "swimming",
        "flying",
        "playing",
    ]
    assert [third_person(v) for v in ("fly", "play", "go", "watch", "run")] == [
        "flies",
        "plays",
        "goes",
        "watches",
        "runs",
    ]
    assert [plural(n) for n in ("man", "sheep", "fox", "pine tree")] == ["men", "sheep", "foxes", "pine trees"]


def test_an_unknown_split_is_refused():
    with pytest.raises(InputError, match="train, val, test"):
        load_scenes("dev")
