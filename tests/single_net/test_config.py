"""The configuration is strict: what is not understood is named, never ignored."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from encoded_text import InputError
from single_net.config import RunConfig, TeachingConfig, load_config

CONFIGS = sorted((Path(__file__).parents[2] / "experiments" / "configs").glob("*.toml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_the_defaults_are_the_papers():
    config = RunConfig()
    assert config.training.optimizer == "adam" and config.training.learning_rate == 1e-3
    assert config.batch.size == 45 and config.network.image_size == 256 and config.network.embedding_dim == 128
    assert config.loss.classes == "image" and config.network.captions == "shared"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_committed_configuration_loads_and_begins_with_its_promise(path):
    config = load_config(path)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    data, _, variant = path.stem.partition("_")
    assert (config.data.name, config.variant) == (data, variant.replace("_", "-"))
    text = path.read_text()
    for word in ("# Command:", "# Hardware:", "# Expected:"):
        assert word in text


def test_there_is_a_configuration_for_every_variant_of_every_table():
    variants = {
        f"{data}_{variant}"
        for data in ("scenes", "coco", "flickr30k", "flickr8k")
        for variant in ("config_standard", "config_2", "nested")
    }
    assert variants <= {path.stem for path in CONFIGS}


def test_changes_on_the_command_line(tmp_path):
    path = write(tmp_path, "[training]\nepochs = 3\n")
    config = load_config(
        path, ["training.epochs=1.5", "batch.order=mixed", "loss.granularities=[4, 9]"], root="a folder"
    )
    assert (config.training.epochs, config.batch.order, config.loss.granularities) == (1.5, "mixed", (4, 9))
    assert config.data.root == os.path.abspath("a folder")
    assert load_config(path).training.epochs == 3.0


@pytest.mark.parametrize(
    "text, named",
    [
        ("learning_rate = 1", "learning_rate"),
        ("[training]\nepoch = 3", "epoch"),
        ('[training]\nepochs = "many"', "epochs"),
        ("[training]\nepochs = 0", "epochs"),
        ("[training]\nseed = true", "seed"),
        ('[loss]\ncenters = "none"', "centers"),
        ("[loss]\ngranularities = [1.5]", "granularities"),
        ("[loss]\nsoftmax_weight = 0\ncenter_weight = 0", "weights"),
        ("[network]\nimage_size = 64", "image_size"),
        ('[augmentation]\nkind = "pair"\nmin_crop = 0.0', "min_crop"),
        ("[augmentation]\ncolor = 0.3", "kind pair"),
        ('[augmentation]\nkind = "views"', "need each other"),
        ('[teaching]\nfile = "t.safetensors"', "need each other"),
        ('[augmentation]\nkind = "views"\nmin_crop = 0.5', "leave min_crop out"),
        ("[teaching]\ntemperature = 0.02", r"\[teaching\] has no effect without teaching.file"),
        ('variant = ""', "variant"),
        ('variant = "../x"', "variant"),
        ('variant = "a\\u0000b"', "variant"),
        (
            """batch = { order = "mixed" }
teaching = { file = "t" }
augmentation = { kind = "views" }""",
            "batch.order is to be grouped",
        ),
        ("[loss]\ncontrastive_ramp = 2.0", "contrastive_ramp"),
        ("[loss]\nprototype_temperature = 0", "prototype_temperature is 0: should be greater than or equal to 0.0001"),
        ("[loss]\nprototype_weight = -1", "prototype_weight is -1: should be greater than or equal to 0"),
        ("[network]\ndropout = 0.5", "unknown key 'network.dropout': known here are image_size"),
        ("loss = 3", "loss"),
        ("[training]\nepochs = 1e300", "epochs is 1e\\+300: should be less than or equal to 1000000"),
        ("[network]\nimage_size = 100000", "image_size is 100000: should be less than or equal to 2048"),
        (f"[batch]\nsize = {'9' * 5000}", "not a TOML file"),
        (f"a = {'[' * 5000}", "not a TOML file"),
        ("[training]\nepochs = inf", "epochs"),
        ("[training]\nweight_decay = -0.1", "weight_decay"),
        ("[training]\nseed = -1", "seed"),
        ("not toml at all", "TOML"),
    ],
)
def test_mistakes_are_named_with_their_file(tmp_path, text, named):
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=named) as error:
        load_config(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("change", ["training.epochs", "training.epochs.x=1", "nothing.here=1", "training.epochs=soon"])
def test_wrong_changes_are_refused(tmp_path, change):
    with pytest.raises(InputError):
        load_config(write(tmp_path, "[training]\nepochs = 3\n"), [change])


def test_a_root_for_a_section_that_is_none(tmp_path):
    with pytest.raises(InputError, match="data"):
        load_config(write(tmp_path, "data = 3"), root="/somewhere")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such"):
        load_config(tmp_path / "none.toml")
    with pytest.raises(InputError, match="folder"):
        load_config(tmp_path)


def test_a_file_states_what_differs_from_its_bases(tmp_path):
    (tmp_path / "a.toml").write_text('variant = "a"\n[training]\nepochs = 3\nseed = 7\n')
    (tmp_path / "b.toml").write_text("[training]\nepochs = 4\n[batch]\nsize = 8\n")
    path = write(tmp_path, 'base = ["a.toml", "b.toml"]\n[batch]\nsize = 9\n')
    config = load_config(path)
    assert (config.variant, config.training.epochs, config.training.seed, config.batch.size) == ("a", 4.0, 7, 9)
    assert config.changed() == {"variant": "a", "training": {"epochs": 4.0, "seed": 7}, "batch": {"size": 9}}


@pytest.mark.parametrize(
    "base, named", [('["none.toml"]', "none.toml"), ('["config.toml"]', "its own base"), ('"a.toml"', "list of files")]
)
def test_bases_that_cannot_be_used(tmp_path, base, named):
    with pytest.raises(InputError, match=named):
        load_config(write(tmp_path, f"base = {base}\n"))


def test_paths_of_the_data_are_absolute_whoever_gives_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, 'data = { root = "here", image_folder = "there/../images" }')
    config = load_config(file)
    assert (config.data.root, config.data.image_folder) == (f"{tmp_path}/here", f"{tmp_path}/images")
    assert load_config(file, ["data.root=other"]).data.root == f"{tmp_path}/other"
    assert load_config(file, root="~/mine").data.root == os.path.expanduser("~/mine")
    assert load_config(write(tmp_path, "")).data.root == ""


def test_files_that_the_encoder_or_the_first_weights_come_from_are_absolute_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(write(tmp_path, ""), ["encoder.file=a", "encoder.vectors=b", "training.init_from=runs/c"])
    found = (config.encoder.file, config.encoder.vectors, config.training.init_from)
    assert found == (f"{tmp_path}/a", f"{tmp_path}/b", f"{tmp_path}/runs/c")


def test_a_teaching_file_stays_as_it_was_written_and_its_path_knows_the_home_folder(tmp_path, monkeypatch):
    """Records hold it, so it names no folder of a machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    wanted = ["augmentation.kind=views", "teaching.file=~/t.safetensors"]
    teaching = load_config(write(tmp_path, ""), wanted).teaching
    assert (teaching.file, teaching.path) == ("~/t.safetensors", tmp_path / "t.safetensors")
    assert TeachingConfig(file="~nobody-of-this-name/t").path == Path("~nobody-of-this-name/t")


def test_records_hold_no_paths_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changes = [f"encoder.file={tmp_path}/runs/e.safetensors", "encoder.vectors=/elsewhere/vectors.bin"]
    changes += ["data.image_folder=images", "training.init_from=runs/first"]
    changes += ["teaching.file=/elsewhere/t.safetensors", "augmentation.kind=views"]
    config = load_config(write(tmp_path, ""), changes, root="/elsewhere/data")
    portable = config.portable()
    assert (portable.data.root, portable.data.image_folder) == ("data", "images")
    assert (portable.encoder.file, portable.encoder.vectors) == ("runs/e.safetensors", "vectors.bin")
    assert (portable.training.init_from, portable.teaching.file) == ("first", "t.safetensors")
    assert config.data.root == "/elsewhere/data" and config.teaching.file == "/elsewhere/t.safetensors"


def test_utf_16_and_pipes_are_one_line(tmp_path):
    (tmp_path / "wide.toml").write_bytes('variant = "mine"'.encode("utf-16"))
    os.mkfifo(tmp_path / "pipe.toml")
    based = write(tmp_path, 'base = ["pipe.toml"]')
    for path, why in (
        (tmp_path / "wide.toml", "UTF-16, not UTF-8: save the file as UTF-8"),
        (tmp_path / "pipe.toml", "no ordinary file"),
        (based, r"pipe\.toml: no ordinary file"),
    ):
        with pytest.raises(InputError, match=why):
            load_config(path)


def test_a_byte_order_mark_is_read_over(tmp_path):
    (tmp_path / "bom.toml").write_bytes(b'\xef\xbb\xbfvariant = "mine"')
    assert load_config(tmp_path / "bom.toml").variant == "mine"


def test_a_contrastive_term_alone_has_to_count_from_the_first_step():
    alone = {"softmax_weight": 0.0, "center_weight": 0.0, "contrastive_weight": 1.0}
    with pytest.raises(InputError, match="the contrastive term is alone"):
        RunConfig.from_dict({"loss": alone})
    with pytest.raises(InputError, match="the contrastive term is alone"):
        RunConfig.from_dict({"loss": alone | {"contrastive_start": 0.0, "contrastive_ramp": 0.1}})
    RunConfig.from_dict({"loss": alone | {"contrastive_start": 0.0, "contrastive_ramp": 0.0}})
