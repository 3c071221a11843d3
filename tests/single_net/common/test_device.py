"""The device that computes."""

from __future__ import annotations

import pytest
import torch

import single_net as sn
from encoded_text import InputError
from single_net.common.device import choose_device, memory_in_use
from single_net.config import RunConfig
from single_net.training import loop


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)


@pytest.mark.parametrize("name", ["cuda", "cuda:1", torch.device("cuda:1"), 0, 1, None])
def test_float32_means_float32_on_whichever_gpu(two_gpus, name):
    chosen = choose_device(name)
    assert chosen == torch.device("cuda", 1 if "1" in str(name) else 0)
    assert not torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize("use", ["load", "train"])
def test_it_does_so_for_a_device_that_is_given_from_python(two_gpus, untrained_run, tmp_path, monkeypatch, use):
    class Reached(Exception):
        pass

    def stop(*_, **__):
        raise Reached

    monkeypatch.setattr(loop, "Trainer", stop)
    monkeypatch.setattr(torch.nn.Module, "to", stop)
    device = torch.device("cuda")
    with pytest.raises(Reached):
        if use == "load":
            sn.load(untrained_run, device)
        else:
            loop.train(RunConfig(), tmp_path / "run", device=device)
    assert not torch.backends.cudnn.allow_tf32


def test_the_first_gpu_by_number_is_not_taken_for_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA device"):
        choose_device(0)


def test_a_gpu_that_is_not_there_is_refused(two_gpus):
    with pytest.raises(InputError, match="only 2 CUDA devices"):
        choose_device("cuda:2")
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_model_is_not_loaded_onto_a_device_that_is_none(untrained_run):
    for name in ("gpu", "cuda:1"):
        with pytest.raises(InputError, match=r"no device|no CUDA device"):
            sn.load(untrained_run, name)
    assert sn.load(untrained_run, torch.device("cpu")).device == choose_device() == torch.device("cpu")


def test_the_memory_of_a_gpu_is_what_is_reserved(monkeypatch):
    """A CUDA graph's memory counts as allocated only while it is captured."""
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 1 << 30)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda _: 3 << 30)
    assert memory_in_use(torch.device("cuda")) == 3 << 30
