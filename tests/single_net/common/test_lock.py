"""Locks between processes: refused or waited for, and never without end."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from encoded_text import InputError
from single_net.common.lock import is_locked, locked, locked_or_refused


def test_a_lock_is_seen_and_refused_while_it_is_held(tmp_path):
    path = tmp_path / "folder" / ".lock"
    assert not is_locked(path)
    with locked(path, "works", "no"):
        assert is_locked(path)
        with pytest.raises(InputError, match=r"^taken$"), locked_or_refused(path, "taken", "no"):
            pass
        assert is_locked(path), "asking does not let it go"
    assert not is_locked(path)
    with locked_or_refused(path, "taken", "no"):
        assert is_locked(path)
    assert not is_locked(path)


def test_an_error_of_the_block_is_left_as_it_is(tmp_path):
    with pytest.raises(OSError, match="mine") as error, locked(tmp_path / ".lock", "works", "no"):
        raise OSError(errno.EIO, "mine")
    assert type(error.value) is OSError and not is_locked(tmp_path / ".lock")


@pytest.mark.parametrize("lock", [locked, locked_or_refused])
def test_a_file_system_without_locks_is_one_line(tmp_path, monkeypatch, lock):
    def no_locks(file, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (
        pytest.raises(InputError, match="no file locks there: mend"),
        lock(tmp_path / ".lock", "", "mend"),
    ):
        pass
    assert not is_locked(tmp_path / ".lock")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="of Linux")
def test_a_folder_that_takes_no_file_is_refused_at_once():
    with pytest.raises((OSError, InputError)), locked(Path("/proc/.lock"), "works", "use another"):
        pass
