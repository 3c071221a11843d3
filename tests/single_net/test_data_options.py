"""The data set that the options of a command name, and the data of a run found again."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from shapes import write_shapes

from encoded_text.common.errors import CommandParser, InputError
from single_net.config import DataConfig, load_config
from single_net.data_options import add_data_options, chosen_data, data_changes, find_again, load_chosen


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with data and a run, as somebody may move it."""
    write_shapes(tmp_path / "old" / "data" / "shapes", {"train": 2, "val": 1, "test": 2})
    (tmp_path / "old" / "runs" / "mine").mkdir(parents=True)
    return tmp_path / "old"


def chosen(root: str, run: Path | None, *words: str):
    parser = argparse.ArgumentParser()
    add_data_options(parser)
    args = parser.parse_args(words)
    args.run, args.split = run, "test"
    return load_chosen(args, DataConfig(name="table", root=root))[0]


def test_the_data_of_a_run_where_they_were(place, recwarn):
    assert len(chosen(str(place / "data" / "shapes"), place / "runs" / "mine")) == 2 and not recwarn


@pytest.mark.parametrize("stored", ["data/shapes", "absolute"])
@pytest.mark.parametrize("run", ["runs/mine", "runs/mine/model.safetensors"])
def test_the_data_of_a_run_are_found_beside_it_where_both_were_moved(place, monkeypatch, stored, run):
    root = str(place / "data" / "shapes") if stored == "absolute" else stored
    new = place.rename(place.with_name("new"))
    (new / "elsewhere").mkdir()
    monkeypatch.chdir(new / "elsewhere")
    with pytest.warns(UserWarning, match=rf"{root} is not there: reading {new}/data/shapes, which lies beside .*{run}"):
        data = chosen(root, Path("..") / run)
    assert data.images[0] == new / "data" / "shapes" / "test0.png"


@pytest.mark.parametrize("run", ["mine", "mine/model.safetensors"])
def test_a_mere_name_is_not_looked_for_far_above_the_run(tmp_path, run):
    """A folder called data may be anybody's."""
    (tmp_path / "a" / "runs" / "mine").mkdir(parents=True)
    run = tmp_path / "a" / "runs" / run
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match=r"/gone/data, which is not there: .*--root"):
        find_again("/gone/data", run)
    (tmp_path / "a" / "data").mkdir()
    with pytest.warns(UserWarning, match="a/data, which lies beside"):
        assert find_again("/gone/data", run) == str(tmp_path / "a" / "data")


@pytest.mark.parametrize("run", [Path("runs/mine"), None])
def test_data_that_are_nowhere_name_the_run_and_the_option(tmp_path, run):
    with pytest.raises(
        InputError, match=r"(runs/mine|the run) was trained on gone/shapes, which is not there: .*--root"
    ):
        chosen("gone/shapes", run)


def test_given_data_come_first(place, tmp_path, monkeypatch):
    other = write_shapes(tmp_path / "other", {"test": 1})
    assert len(chosen(str(place / "data" / "shapes"), None, "--root", str(other))) == 1
    assert len(chosen("gone", None, "--root", str(other))) == 1
    assert len(chosen("gone", None, "--data", "scenes")) == 1000
    monkeypatch.setenv("TABLE_ROOT", str(other))
    assert len(chosen("", None)) == 1


def test_columns_and_image_folder(tmp_path):
    root = write_shapes(tmp_path / "shapes", {"test": 1})
    table = tmp_path / "mine.csv"
    table.write_text((root / "captions.csv").read_text().replace("image,caption,split", "bild,satz,teil"))
    words = ("--root", str(table), "--image-folder", str(root), "--columns", "image=bild,caption=satz,split=teil")
    assert chosen("", None, *words).images == [root / "test0.png"]
    with pytest.raises(InputError, match="--columns bild: write it as image=NAME"):
        chosen("", None, *words[:-1], "bild")


def test_nothing_stored_is_nothing_to_find():
    assert find_again("", None) is None


def test_a_run_remembers_columns_and_image_folder(tmp_path):
    root = write_shapes(tmp_path / "shapes", {"test": 1})
    (tmp_path / "mine.csv").write_text((root / "captions.csv").read_text().replace("caption", 'satz \N{CAT} "'))
    (tmp_path / "run.toml").write_text("")
    parser = argparse.ArgumentParser()
    add_data_options(parser)
    words = ("--data", "table", "--image-folder", str(root), "--columns", 'caption=satz \N{CAT} "', "--skip-bad")
    args = parser.parse_args(words)
    trained_on = load_config(tmp_path / "run.toml", data_changes(args), root=str(tmp_path / "mine.csv")).data
    assert trained_on.skip_bad and trained_on.load("test").images == [root / "test0.png"]
    args = parser.parse_args([])
    args.run, args.split = tmp_path / "run", "test"
    assert load_chosen(args, trained_on)[0].images == [root / "test0.png"]
    args.root = str(root)  # other data than the run's: neither its columns nor its folder of images
    assert load_chosen(args, DataConfig(name="table", columns={"caption": "satz"}))[0].images == [root / "test0.png"]


def test_the_message_of_moved_data_names_what_they_need(tmp_path):
    args = argparse.Namespace(data=None, root=None, split=None, run=tmp_path, image_folder=None, columns=None)
    own = DataConfig(name="table", root="gone", columns={"caption": "short text", "split": "fold"})
    with pytest.raises(InputError, match=r"with --root DIR --columns 'caption=short text,split=fold'$"):
        chosen_data(args, own)
    with pytest.raises(InputError, match=r"with --root DIR --image-folder DIR$"):
        chosen_data(args, DataConfig(name="table", root="gone", image_folder="gone/images"))


def test_columns_are_replaced_role_by_role(tmp_path):
    args = argparse.Namespace(data=None, root=None, split=None, run=tmp_path, image_folder=None, skip_bad=False)
    args.columns = "split=fold"
    own = DataConfig(name="table", columns={"caption": "short", "split": "part"})
    assert chosen_data(args, own).columns == {"caption": "short", "split": "fold"}


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1"])
def test_a_device_is_named_as_in_torch(name):
    parser = argparse.ArgumentParser()
    add_data_options(parser)
    assert parser.parse_args(["--device", name]).device == name


@pytest.mark.parametrize("name", ["mps", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cuda:٣"])
def test_another_device_is_refused_by_the_command_line(name, capsys):
    parser = CommandParser(description="")
    add_data_options(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(["--device", name])
    assert "choose cpu, cuda, or one GPU as cuda:1" in capsys.readouterr().err
