"""Collective operations, in one process and in two."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from in_turn import free_ports

from encoded_text.common.errors import InputError
from single_net.common import distributed

# What torchrun sets, in two processes of which one imports torch; with torchrun, see test_distributed_training.py.
PROCESS = """
import os, sys
import torch
from encoded_text.common.errors import InputError
from single_net.common import distributed

other = os.fork()
number = "0" if other else "1"
os.environ |= {"RANK": number, "LOCAL_RANK": number, "WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "test"}
os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": sys.argv[1]}

def refuse():
    raise InputError("no such folder")

with distributed.process_group(torch.device("cpu")):
    rank = distributed.rank()
    assert distributed.world_size() == 2 and distributed.local_rank() == rank
    assert distributed.on_rank_zero(lambda: f"from {rank}") == "from 0"
    assert distributed.all_reduce_max([rank, -rank]) == [1, 0]
    assert distributed.all_reduce_mean([float(rank), 2.0]) == [0.5, 2.0]
    distributed.require_same([7, 8], "data")
    whole = torch.arange(15.0).view(5, 3)
    own = whole[distributed.shard(5)].clone().requires_grad_()
    assert len(own) == 3 - rank
    gathered = distributed.gather_rows(own, 5)
    assert torch.equal(gathered, whole)
    (gathered * whole).sum().backward()
    assert torch.equal(own.grad, whole[distributed.shard(5)]), "its own rows, not summed over the processes"
    for call in (lambda: distributed.on_rank_zero(refuse), lambda: distributed.require_same([rank], "data")):
        try:
            call()
        except InputError as error:
            print(f"{rank}: {error}\\n", end="", flush=True)  # one write a line: two processes share the pipe
if other:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))
"""


@pytest.mark.parametrize(("rank", "told"), [(0, "one line\n"), (1, "")])
def test_of_several_processes_one_tells(rank, told, monkeypatch, capsys):
    monkeypatch.setattr(distributed, "rank", lambda: rank)
    distributed.tell("one line")
    assert capsys.readouterr() == ("", told)


def test_alone_everything_is_the_process_s_own():
    def refuse():
        raise InputError("no such folder")

    with distributed.process_group(torch.device("cpu")):
        assert (distributed.rank(), distributed.world_size(), distributed.local_rank()) == (0, 1, 0)
        assert distributed.on_rank_zero(lambda: 3) == 3
        assert distributed.all_reduce_max([2, 1]) == [2, 1] and distributed.all_reduce_mean([0.5]) == [0.5]
        distributed.require_same([1, 2], "data")
        rows = torch.ones(3, 2)
        assert distributed.gather_rows(rows, 3) is rows and list(range(3))[distributed.shard(3)] == [0, 1, 2]
        with pytest.raises(InputError, match="no such folder"):
            distributed.on_rank_zero(refuse)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_two_processes_agree():
    call = [sys.executable, "-c", PROCESS, str(free_ports(1)[0])]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = "the processes see different data: give all of them the same folders"
    assert sorted(done.stdout.splitlines()) == [
        *("0: no such folder", f"0: {said}"),
        *("1: no such folder", f"1: {said}"),
    ]
