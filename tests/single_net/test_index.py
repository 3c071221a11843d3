"""python -m single_net.index: an index from the shell, and searches in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import outcome, refusal
from PIL import Image
from shapes import write_shapes

from single_net import index as command
from single_net.inference.model import Model
from single_net.search import __main__ as search_command
from single_net.search.indexes import open_index


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = write_shapes(tmp_path / "photos", {"test": 8})
    (folder / "captions.csv").unlink()
    return folder


@pytest.mark.slow
def test_a_folder_is_indexed_searched_and_brought_up_to_date(untrained_run, photos, tmp_path):
    place = tmp_path / "photos.index"
    (photos / "broken.png").write_bytes(b"no image")
    status, out, err = outcome(command.main, untrained_run, photos, "--to", place)
    assert status == 0, err
    lines = out.splitlines()
    assert "left out" in lines[0] and "broken.png: not a readable image" in lines[0]
    assert "8 images (8 embedded)" in lines[-1]

    status, out, err = outcome(search_command.main, place, "a red zebra", "-k", 3)
    assert status == 0, err
    lines = out.splitlines()
    assert lines[0].endswith(": zebra") and lines[1] == "a red zebra" and len(lines) == 5
    first = lines[2].split()[1]
    status, out, err = outcome(search_command.main, place, photos / first, "--json", "-k", 2)
    answer = json.loads(out)
    assert answer["query_is_image"] and answer["found"] == "images" and len(answer["results"]) == 2
    assert answer["results"][0] == {
        "distance": pytest.approx(0, abs=1e-3),
        "image": first,
        "file": str(photos / first),
        "caption": None,
        "images": 1,
    }

    (photos / first).unlink()  # and is still in the index
    sheet = tmp_path / "sheet.png"
    status, out, err = outcome(
        search_command.main, place, "a red square", "-k", 8, "-o", sheet
    )  # with one that is gone
    assert status == 0 and first in out and sheet.is_file(), err
    status, out, err = outcome(command.main, untrained_run, photos, "--to", place)
    assert "7 images (1 removed)" in out.splitlines()[-1], err
    status, out, err = outcome(search_command.main, place, "a red square", "-k", 8)
    assert status == 0 and first not in out


@pytest.mark.slow
def test_a_name_cannot_write_to_the_terminal(untrained_run, photos, tmp_path):
    (photos / "bad\n\x1b[31m.png").write_bytes(b"no image")
    (photos / "test0.png").rename(photos / "good\r\x1b[2J\u202e.png")
    status, out, err = outcome(command.main, untrained_run, photos, "--to", tmp_path / "photos.index")
    assert status == 0 and "bad\\n\\x1b[31m.png" in out, err
    found = outcome(search_command.main, tmp_path / "photos.index", "a red bar", "-k", 8).out
    assert "good\\r\\x1b[2J\\u202e.png" in found
    missing = outcome(search_command.main, tmp_path / "photos.index", tmp_path / "\x1b[1m\n.png").err
    for text in (out, found, missing):
        assert not set("\x1b\r\u202e") & set(text)
    assert len(out.splitlines()) == 2 and len(missing.splitlines()) == 1


@pytest.mark.slow
def test_a_data_set_is_indexed_with_its_captions(untrained_run, tmp_path):
    root = Path(Model.load(untrained_run).config.data.root)
    place = tmp_path / "shapes.index"
    status, out, err = outcome(command.main, untrained_run, "table", "--root", root, "--to", place)
    assert status == 0 and "12 images and" in out, err
    status, out, err = outcome(
        search_command.main, place, root / "test3.png", "a red square", "--find", "captions", "--json", "-k", 100
    )
    assert status == 0, err
    to_image, to_sentence = map(json.loads, out.splitlines())
    assert to_image["found"] == to_sentence["found"] == "captions" and to_sentence["words"] == ["a", "red", "square"]
    captions = [result["caption"] for result in to_sentence["results"]]
    assert captions[0] == "a red square" and to_sentence["results"][0]["distance"] < 1e-3
    assert len(captions) == len(set(captions))
    same = next(result for result in to_image["results"] if result["caption"] == "one square that is red")
    assert same["images"] == 1 and same["file"] == str(root / same["image"])
    status, out, _ = outcome(search_command.main, place, root / "test3.png", "--json")
    assert json.loads(out)["found"] == "captions", "by default an image is looked for among captions"
    status, out, _ = outcome(search_command.main, place, "a red square", "--json")
    assert json.loads(out)["found"] == "images"


def test_captions_without_a_known_word_are_told(untrained_run, tmp_path):
    root = shutil.copytree(Model.load(untrained_run).config.data.root, tmp_path / "shapes")
    with open(root / "captions.csv", "a", encoding="utf-8") as file:
        file.write("test0.png,qwertz uiop,test\n")
    call = (untrained_run, "table", "--root", root, "--to", tmp_path / "shapes.index")
    status, _, err = outcome(command.main, *call)
    assert status == 0 and "no known word" in err, err
    assert "no known word" not in outcome(command.main, *call).err  # none of them is new


def test_a_folder_without_a_readable_image_is_an_error(untrained_run, photos, tmp_path):
    for path in photos.iterdir():
        path.write_bytes(b"no image")
    status, out, err = outcome(command.main, untrained_run, photos, "--to", tmp_path / "photos.index")
    assert status == 2 and "none of the images can be read" in err and err.count("\n") == 1
    assert out.count("left out: ") == 8


def test_wrong_calls_are_one_line(untrained_run, photos, tmp_path):
    place = tmp_path / "photos.index"
    assert "no such folder" in refusal(command.main, untrained_run, tmp_path / "nothing", "--to", place)
    assert "no such model" in refusal(command.main, tmp_path / "nothing", photos, "--to", place)
    for option in (("--root", "x"), ("--split", "val"), ("--skip-bad",)):
        assert f"leave {option[0]} out" in refusal(command.main, untrained_run, photos, *option, "--to", place)
    assert "holds other files" in refusal(command.main, untrained_run, photos, "--to", photos)
    assert all(path.suffix == ".png" for path in photos.iterdir()), "nothing was left there"
    assert "is exact" in refusal(command.main, untrained_run, photos, "--to", place, "--approximate")
    (tmp_path / "file").write_text("")
    assert "is a file" in refusal(command.main, untrained_run, photos, "--to", tmp_path / "file")
    assert "leave --folder out" in _searched(untrained_run, photos, place, "--folder", photos)
    assert "leave --split out" in refusal(search_command.main, place, "a red bar", "--split", "val")
    assert "leave --data out" in refusal(search_command.main, untrained_run, "a", "--folder", photos, "--data", "coco")
    assert "is a run and no index" in refusal(search_command.main, untrained_run, "a", "--run", untrained_run)
    assert "none of its words" in refusal(search_command.main, place, "zebra giraffe")
    assert "no such image" in refusal(search_command.main, place, "missing.png")
    assert "no captions" in refusal(search_command.main, place, "a red bar", "--find", "captions")
    (place / "catalog.sqlite").write_bytes(b"no database" * 100)
    assert "damaged" in refusal(search_command.main, place, "a red bar")
    assert "damaged" in refusal(command.main, untrained_run, photos, "--to", place)


def _searched(run, photos, place, *options) -> str:
    assert outcome(command.main, run, photos, "--to", place).status == 0
    return refusal(search_command.main, place, "a red bar", *options)


@pytest.mark.slow
def test_the_model_of_an_index_that_has_moved(untrained_run, photos, tmp_path):
    run, place = tmp_path / "run", tmp_path / "photos.index"
    shutil.copytree(untrained_run, run)
    assert outcome(command.main, run, photos, "--to", place).status == 0
    run.rename(tmp_path / "moved")
    assert "--run" in refusal(search_command.main, place, "a red bar")
    assert outcome(search_command.main, place, "a red bar", "--run", tmp_path / "moved").status == 0
    model = Model.load(tmp_path / "moved")
    model.encoder = model.encoder.compact(model.encoder.ids(["a red bar"]))[0]
    model.save(tmp_path / "other.safetensors")
    asked = [place, "a red bar", "--run", tmp_path / "other.safetensors"]
    assert "made by another model" in refusal(search_command.main, *asked)
    assert "made by another model" in refusal(command.main, tmp_path / "other.safetensors", photos, "--to", place)


@pytest.mark.slow
def test_a_second_call_on_an_unchanged_folder_imports_no_torch(untrained_run, photos, tmp_path):
    assert outcome(command.main, untrained_run, photos, "--to", tmp_path / "index").status == 0
    code = "import sys; sys.modules['torch'] = None; from single_net.index import main; main()"
    call = [sys.executable, "-c", code, untrained_run, photos, "--to", tmp_path / "index"]
    done = subprocess.run([*map(str, call)], capture_output=True, text=True)
    assert done.returncode == 0 and "8 images (nothing was new)" in done.stdout, done.stderr


KILLED = """
import sys, time
from pathlib import Path
from color_model import ColorModel
from single_net.search import indexing
from single_net.search.source import folder_source

class Slow(ColorModel):
    def encode_image(self, images):
        print("batch", flush=True)
        time.sleep(0.02)
        return super().encode_image(images)

indexing.BATCH = 2
report = indexing.update_index(sys.argv[1], Slow(), folder_source(sys.argv[2]))
print(report.embedded, report.images)
"""


IMAGES = 120  # more than a second of work, whose end no killed process reaches


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_two_at_once_lose_nothing(tmp_path):
    photos, place = tmp_path / "photos", tmp_path / "index"
    photos.mkdir()
    for number in range(IMAGES):
        Image.new("RGB", (20, 20), (number, 255 - number, 100)).save(photos / f"{number}.png")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    call = [sys.executable, "-c", KILLED, str(place), str(photos)]

    def start():
        return subprocess.Popen(
            call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )

    counts = []
    for batches, pause in ((1, 0.0), (3, 0.01), (4, 0.03)):
        process = start()
        for _ in range(batches):
            assert process.stdout.readline() == "batch\n", process.communicate()[1]
        time.sleep(pause)
        process.kill()
        process.communicate()
        with open_index(place) as index:
            counts.append(index.count("images"))
            assert len(list(index.items("images"))) == counts[-1]
    assert counts == sorted(counts) and 0 < counts[-1] < IMAGES
    both = [start(), start()]
    outs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], outs
    embedded = sorted(int(out.split()[-2]) for out, _ in outs)
    assert embedded[0] == 0 and counts[-1] + embedded[1] == IMAGES, "one worked and the other waited"
    with open_index(place) as index:
        assert {item.name for item in index.items("images")} == {f"{number}.png" for number in range(IMAGES)}
