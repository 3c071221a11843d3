"""A data set in one file: what is read from it is what was packed."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from commands import outcome, refusal
from PIL import EpsImagePlugin, Image

from encoded_text.common.errors import InputError
from single_net.data.dataset import Packing
from single_net.data.image import read_image
from single_net.data.image_cache import prepare_images
from single_net.data.load import load_dataset
from single_net.data.pack import main, pack
from single_net.data.readers.packed import DESCRIPTION
from single_net.data.readers.problems import MissingSplit
from single_net.evaluation.judgement_files import CROWD, EXPERTS, read_judgements

PACKING = Packing(90, "WebP", 90)
SPLITS = ("train", "val", "test")


@pytest.fixture
def packed(shapes, tmp_path):
    path = tmp_path / "shapes.zip"
    pack([load_dataset("table", shapes, split) for split in SPLITS], path, PACKING)
    return path


def test_a_packed_file_is_read_like_its_folder(shapes, packed, monkeypatch):
    monkeypatch.setenv("TABLE_ROOT", str(packed))
    for split in SPLITS:
        before, after = load_dataset("table", shapes, split), load_dataset("table", None, split)
        assert (after.name, after.split, list(after.ids), list(after.captions)) == (
            *(before.name, before.split, list(before.ids)),
            list(before.captions),
        )
        assert after.checksums() == before.checksums() and after.numbers is None and after.skipped == {}
        for of_file, of_packed in zip(before.images, after.images, strict=True):
            apart = np.abs(read_image(of_file, 90).astype(int) - of_packed)
            assert (
                of_packed.shape == (90, 90, 3) and apart.mean() < 9
            )  # much of it is noise, which WebP blurs; of another image 14


def test_the_description_says_that_packed_images_were_used(shapes, packed):
    assert load_dataset("table", packed, "test").describe()["packing"] == {"size": 90, "format": "WebP", "quality": 90}
    assert load_dataset("table", packed, "test").first(2).packing == PACKING
    assert "packing" not in load_dataset("table", shapes, "test").describe()


def test_equal_data_give_equal_files(shapes, packed, tmp_path):
    again = tmp_path / "again.zip"
    pack([load_dataset("table", shapes, split) for split in SPLITS], again, PACKING)
    assert again.read_bytes() == packed.read_bytes()


def test_the_cache_knows_packed_images_by_their_contents_wherever_the_file_is(shapes, packed, tmp_path):
    cache = tmp_path / "cache"
    data, images = prepare_images(load_dataset("table", packed, "test"), 80, cache=cache)
    assert np.array_equal(images[1], read_image(data.images[1], 80))
    [array] = cache.glob("*.npy")
    moved = shutil.move(packed, tmp_path / "moved.zip")
    prepare_images(load_dataset("table", moved, "test"), 80, cache=cache)
    assert list(cache.glob("*.npy")) == [array]
    pack([load_dataset("table", shapes, "test")], packed, replace(PACKING, quality=50))
    prepare_images(load_dataset("table", packed, "test"), 80, cache=cache)
    assert len(list(cache.glob("*.npy"))) == 2


def test_larger_images_than_were_packed_are_refused(packed):
    with pytest.raises(InputError, match="packed at 90 px, too few for 96 px"):
        prepare_images(load_dataset("table", packed, "test"), 96)


def test_numbers_and_judgements_survive(shapes, tmp_path):
    judged, path = tmp_path / "judged", tmp_path / "judged.zip"
    judged.mkdir()
    (judged / EXPERTS).write_text("test0.png\ttest1.png#0\t1\t2\t4\n")
    (judged / CROWD).write_text("test0.png\ttest1.png#2\t0.3\t1\t2\n")
    data = load_dataset("table", shapes, "test")
    numbers = [(i, list(range(5 * i, 5 * i + 5))) for i in range(len(data))]
    pack([replace(data, judgements_folder=judged, numbers=numbers)], path, PACKING)
    found = load_dataset("table", path, "test")
    assert found.numbers == numbers and found.first(1, 2).numbers == [(0, [0, 1])]
    assert read_judgements(found.judgements_folder) == read_judgements(judged)


def test_captions_alone_are_enough_to_learn_words_from(shapes, tmp_path):
    path = tmp_path / "captions.zip"
    data = load_dataset("table", shapes, "train", captions_only=True)
    pack([data], path, None)
    found = load_dataset("table", path, "train", captions_only=True)
    assert list(found.captions) == list(data.captions) and list(found.ids) == list(data.ids)
    with pytest.raises(InputError, match="captions alone: to have images, pack table without --captions-only"):
        load_dataset("table", path, "train")
    with pytest.raises(InputError, match="has no val split, only train: pack it with --splits"):
        load_dataset("table", path, "val", captions_only=True)


def test_unreadable_images_stop_the_packing_or_are_counted(shapes, tmp_path):
    (shapes / "test1.png").write_bytes(b"no image")
    data, path = load_dataset("table", shapes, "test"), tmp_path / "some.zip"
    with pytest.raises(InputError, match=r"test1.png: not a readable image.*in all unreadable image: 1"):
        pack([data], path, PACKING)
    assert not path.exists()
    pack([data], path, PACKING, skip_bad=True)
    found = load_dataset("table", path, "test")
    assert list(found.ids) == [id for id in data.ids if id != "test1.png"] and found.skipped == {"unreadable image": 1}
    assert np.abs(found.images[1].astype(int) - read_image(shapes / "test2.png", 90)).mean() < 9


def rewritten(path, change):
    """The file with its parts changed by `change`, from and to {name: bytes}."""
    with zipfile.ZipFile(path) as archive:
        parts = change({name: archive.read(name) for name in archive.namelist()})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def described(parts, **changes):
    return parts | {DESCRIPTION: json.dumps(json.loads(parts[DESCRIPTION]) | changes).encode()}


def of_split(parts, **changes):
    splits = json.loads(parts[DESCRIPTION])["splits"]
    return described(parts, splits=splits | {"test": splits["test"] | changes})


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda parts: {"a": b""}, "no packed data set, .* one .dataset.json is not in it.: .*unpack another archive"),
        (lambda parts: described(parts, format="other"), "its format is 'other', not"),
        (lambda parts: described(parts, splits={"test": {}}), "damaged one .no ids"),
        (lambda parts: described(parts, splits=[1]), "damaged one"),
        (lambda parts: described(parts, packing={"side": 3}), "damaged one"),
        (lambda parts: described(parts, packing={"size": "160", "format": "WebP", "quality": 80}), "of '160' px"),
        *[
            (lambda parts, name=name: described(parts, name=name), "its name is")
            for name in ("/tmp/x", "..", "a\x00b", "a\\b", "", 3, 300 * "a", 61 * "\u20ac", "\ud800")
        ],
        *[
            (lambda parts, change=change: of_split(parts, **change), message)
            for change, message in (
                ({"ids": []}, r"test: 0 ids"),
                ({"ids": [], "captions": []}, "test: no images"),
                ({"ids": [*"aabcde"]}, "test: an id that is no text, or there twice"),
                ({"ids": [*range(6)]}, "test: an id that is no text"),
                ({"ids": [*"abcde", "\ud800"]}, "test: an id that is no text"),
                ({"captions": [["x"]] * 5 + [[]]}, "has no captions, or one that is empty or no text"),
                ({"captions": [["x"]] * 5 + [[" "]]}, "has no captions, or one"),
                ({"captions": [["x"]] * 5 + [[None]]}, "has no captions, or one"),
                ({"captions": [["x"]] * 5 + ["x"]}, "has no captions, or one"),
                ({"captions": [["x"]] * 5 + [["\udc00"]]}, "has no captions, or one"),
            )
        ],
        (lambda parts: parts | {DESCRIPTION: b"{"}, "damaged one"),
        (lambda parts: parts | {DESCRIPTION: b"[" * 100_000}, "damaged one"),
        (lambda parts: parts | {DESCRIPTION: b'{"format": ' + b"1" * 5000 + b"}"}, "damaged one"),
        (lambda parts: described(parts, name="coco"), "holds coco, not table: use --data coco"),
    ],
)
def test_another_zip_file_is_refused_in_one_line(packed, change, message):
    rewritten(packed, change)
    with pytest.raises(InputError, match=message) as caught:
        load_dataset("table", packed, "test")
    assert str(packed) in str(caught.value) and "\n" not in str(caught.value)


def test_a_damaged_image_is_named(packed):
    data = packed.read_bytes()
    start = data.index(b"test/0.webp") + len("test/0.webp")
    packed.write_bytes(data[: start + 40] + bytes([255 - data[start + 40]]) + data[start + 41 :])
    with pytest.raises(InputError, match=r"shapes\.zip: test/0\.webp is missing or damaged \(Bad CRC-32"):
        load_dataset("table", packed, "test").images[0]
    with pytest.raises(InputError, match=r"test/0\.webp is missing or damaged"):
        prepare_images(load_dataset("table", packed, "test"), 80)
    assert len(prepare_images(load_dataset("table", packed, "test"), 80, skip_bad=True)[0]) == 5


def test_an_image_of_too_many_pixels_is_named(packed, monkeypatch):
    monkeypatch.setattr("single_net.data.image.MAX_PIXELS", 90 * 90 - 1)
    with pytest.raises(InputError, match=r"shapes\.zip: test/0\.webp: 90 x 90 pixels are more than .*: pack .* anew"):
        load_dataset("table", packed, "test").images[0]
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(InputError, match=r"shapes\.zip: test/0\.webp: not a readable image"):
        load_dataset("table", packed, "test").images[0]


def test_a_part_of_too_many_bytes_is_not_read(packed, monkeypatch):
    monkeypatch.setattr("single_net.data.readers.packed._MAX_IMAGE", 20)
    with pytest.raises(InputError, match=r"test/0\.webp is missing or damaged \(test/0\.webp has .* more than 20"):
        load_dataset("table", packed, "test").images[0]
    monkeypatch.setattr("single_net.data.readers.packed._MAX_DESCRIPTION", 20)
    with pytest.raises(InputError, match=r"damaged one \(dataset\.json has .* bytes, more than 20"):
        load_dataset("table", packed, "test")


def test_what_is_packed_is_not_packed_again(packed, tmp_path):
    again = [load_dataset("table", packed, "test")]
    with pytest.raises(InputError, match="packed already, at 90 px and quality 90"):
        pack(again, tmp_path / "again.zip", Packing(160, "WebP", 95))
    pack(again, tmp_path / "captions.zip", None)


def command(*arguments):
    words = [sys.executable, "-m", "single_net.data.pack", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True)


def test_the_command(shapes, tmp_path):
    out = tmp_path / "out.zip"
    done = command("table", "--root", shapes, "--size", "80", "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{out}: table, 22 images, images of 80 px, WebP quality 80, 0.")
    assert load_dataset("table", out, "val").packing == Packing(80, "WebP", 80)
    for wrong, message in {
        (): "give either --size PX for images, or --captions-only",
        ("--size", "80", "--captions-only"): "give either --size PX",
        ("--captions-only", "--quality", "80"): "leave --quality out",
        ("--size", "0"): "'0' is no whole number from 16 to 4096",
        ("--size", "9" * 5000): "9' is no whole number from 16 to 4096",
    }.items():
        done = command("table", "--root", shapes, "-o", out, *wrong)
        assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1


def test_a_packed_file_is_not_packed_over_itself(packed, tmp_path):
    path = tmp_path / "own.zip"
    path.write_bytes(packed.read_bytes())
    assert "this command reads it" in refusal(main, "table", "--root", path, "--size", "32", "-o", path)
    assert path.read_bytes() == packed.read_bytes()


def test_a_table_may_name_images_in_folders(tmp_path):
    (tmp_path / "a").mkdir()
    Image.new("RGB", (20, 20), "red").save(tmp_path / "a" / "1.png")
    with open(tmp_path / "captions.csv", "w", newline="") as file:
        csv.writer(file).writerows(
            [("image", "caption", "split"), *[("a/1.png", f"red {i}", "test") for i in range(5)]]
        )
    pack([load_dataset("table", tmp_path, "test")], tmp_path / "p.zip", Packing(20, "WebP", 80))
    found = load_dataset("table", tmp_path / "p.zip", "test")
    assert list(found.ids) == ["a/1.png"] and found.images[0].shape == (20, 20, 3)


def test_a_split_that_was_not_packed_is_missing_and_karpathys_files_keep_their_name(tmp_path):
    Image.new("RGB", (20, 20), "red").save(tmp_path / "1.png")
    image = {"filename": "1.png", "split": "test", "sentences": [{"raw": f"red {i}"} for i in range(5)]}
    (tmp_path / "dataset_mine.json").write_text(json.dumps({"images": [image]}))
    pack([load_dataset("karpathy", tmp_path, "test")], tmp_path / "p.zip", Packing(20, "WebP", 80))
    assert load_dataset("karpathy", tmp_path / "p.zip", "test").name == "mine"
    with pytest.raises(MissingSplit, match=r"p.zip: has no val split"):
        load_dataset("karpathy", tmp_path / "p.zip", "val")


def test_a_table_with_columns_of_its_own_and_images_elsewhere(shapes, tmp_path):
    table = tmp_path / "elsewhere" / "captions.csv"
    table.parent.mkdir()
    text = (shapes / "captions.csv").read_text().replace("image,caption,split", "picture,words,part", 1)
    table.write_text(text)
    call = ["table", "--root", table, "--captions-only", "-o", tmp_path / "a.zip", "--image-folder", shapes]
    assert "--columns image=NAME" in refusal(main, *call)
    assert outcome(main, *call, "--columns", "image=picture,caption=words,split=part").status == 0
    packed = load_dataset("table", tmp_path / "a.zip", "test", captions_only=True)
    assert packed.checksums() == load_dataset("table", shapes, "test").checksums()


@pytest.mark.parametrize(
    "offset, value, reason",
    [(6, 1, "encrypted"), (8, 99, "not supported")],  # in the header of a part: flags, and kind of compression
)
@pytest.mark.parametrize("part", [DESCRIPTION, "test/0.webp"])
def test_what_zipfile_cannot_read_is_refused_in_one_line(packed, offset, value, reason, part):
    data, name = bytearray(packed.read_bytes()), part.encode()
    own = data.index(name) - 30  # the name follows the header; another one is in the list at the end
    listed = data.index(name, own + 30 + len(name)) - 46
    assert data[own : own + 4] == b"PK\3\4" and data[listed : listed + 4] == b"PK\1\2"
    data[own + offset] = data[listed + offset + 2] = value
    packed.write_bytes(data)
    with pytest.raises(InputError, match=reason) as caught:
        load_dataset("table", packed, "test").images[0]
    assert "\n" not in str(caught.value)


def test_what_pillow_would_read_by_another_program_is_damage(packed, tmp_path, monkeypatch):
    eps = io.BytesIO()
    Image.new("RGB", (90, 90)).save(eps, "EPS")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(packed) as before, zipfile.ZipFile(other, "w") as after:
        for name in before.namelist():
            after.writestr(name, eps.getvalue() if name == "test/0.webp" else before.read(name))
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was called"))
    with pytest.raises(InputError, match=r"other\.zip: test/0\.webp: not a readable image \(.*: pack .* anew"):
        load_dataset("table", other, "test").images[0]


def test_options_that_a_packed_file_has_no_use_for_are_refused(packed, tmp_path):
    for options in ({"image_folder": tmp_path}, {"columns": {"image": "file"}}):
        with pytest.raises(InputError, match="is packed, with its own images"):
            load_dataset("table", packed, "test", **options)
