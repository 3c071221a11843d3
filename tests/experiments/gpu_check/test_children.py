"""Commands with a time limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from waiting import wait_until

from encoded_text.common.errors import Interrupted
from experiments.gpu_check import children, marked_tests
from experiments.gpu_check.children import Deadline
from experiments.processes import call


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that can be run by its name."""

    def write(code):
        (tmp_path / "made_up_command.py").write_text(code)
        return "made_up_command"

    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return write


def test_the_status_of_a_command(module, capfd):
    name = module("import os, sys; print(os.environ['WORD'], sys.argv[1]); sys.exit(3)")
    assert children.run(name, "a b", seconds=30, variables={"WORD": "hello"}) == 3
    assert capfd.readouterr().out == f"$ python -m {name} 'a b'\nhello a b\n"


def test_a_command_can_be_interrupted_even_where_this_process_ignores_it(module):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a shell
    try:
        name = module("import signal, sys; sys.exit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)")
        assert children.run(name, seconds=30) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_report_of_tests_that_was_cut_off_is_a_failure_that_is_told(tmp_path, monkeypatch):
    report = tmp_path / "tests.xml"
    monkeypatch.setattr(children, "run", lambda *_, **__: report.write_text("<testsuites><testsuite") and -9)
    found = marked_tests.run(1.0, report, [tmp_path / "test_any.py"])
    assert found["status"] == -9 and found["passed"] == 0
    assert "tests.xml: unclosed token" in found["failures"][0]


@pytest.mark.slow
def test_a_command_that_takes_too_long_is_asked_to_end_and_then_ended(module, monkeypatch, tmp_path):
    said = tmp_path / "said"
    code = f"""
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (open({str(said)!r}, "w").write("saved"), sys.exit(143)))
time.sleep(60)
"""
    assert children.run(module(code), seconds=3) == children.STOPPED
    assert said.read_text() == "saved"
    monkeypatch.setattr(children, "_GRACE", 0.3)
    began = time.monotonic()
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)"
    assert children.run(module(code), seconds=1) == children.STOPPED and time.monotonic() - began < 10


@pytest.mark.slow
def test_sigterm_to_the_check_ends_its_command_as_well(module, tmp_path):
    said = tmp_path / "said"
    code = f"""
import os, pathlib, sys, time
pathlib.Path({str(said)!r}).write_text(str(os.getpid()))
time.sleep(60)
"""
    check = "from encoded_text.common.errors import run_command\nfrom experiments.gpu_check import children\n"
    check += f"run_command(lambda: children.run({module(code)!r}, seconds=60))"
    path = os.pathsep.join([str(Path.cwd()), str(tmp_path)])
    parent = subprocess.Popen([sys.executable, "-c", check], env=os.environ | {"PYTHONPATH": path})
    wait_until(lambda: said.exists() and said.read_text())
    parent.terminate()
    assert parent.wait(30) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)


def test_a_command_that_a_signal_ended(module):
    name = module("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert children.run(name, seconds=30) == children.STOPPED - 9


def test_a_deadline_counts_down_to_zero():
    assert 9 < Deadline(10).left() <= 10 and 4 < Deadline(10).left(5) <= 5
    assert Deadline(0).left() == 0 and Deadline(1).left(5) == 0


@pytest.mark.slow
def test_tests_marked_gpu_are_run_and_counted(tmp_path):
    file = tmp_path / "test_made_up.py"
    file.write_text(
        "import pytest\n\n"
        "@pytest.mark.gpu\ndef test_good(): pass\n\n"
        "@pytest.mark.gpu\ndef test_bad(): assert 1 == 2, 'they differ'\n\n"
        "@pytest.mark.gpu\n@pytest.mark.skip\ndef test_left_out(): pass\n\n"
        "def test_other(): assert False\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = gpu: needs a GPU\n")
    found = marked_tests.run(60, tmp_path / "report.xml", [file])
    assert (found["passed"], found["failed"], found["skipped"], found["status"]) == (1, 1, 1, 1)
    assert len(found["failures"]) == 1 and found["failures"][0].startswith("test_bad: AssertionError: they differ")


@pytest.mark.slow
def test_what_was_tested_before_an_interruption_is_counted(tmp_path, monkeypatch):
    file, signals = tmp_path / "test_made_up.py", []
    mark, endless = "@pytest.mark.gpu\n", "(os.kill(os.getpid(), signal.SIGINT), time.sleep(600))"
    file.write_text(
        "import os, pytest, signal, time\n\n"
        f"{mark}def test_good(): pass\n\n{mark}def test_endless(): {endless}\n\n{mark}def test_last(): pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = gpu: needs a GPU\n")
    run = children.run
    monkeypatch.setattr(children, "run", lambda *words, **call: signals.append(call["stop"]) or run(*words, **call))
    found = marked_tests.run(60, tmp_path / "report.xml", [file])
    assert (found["passed"], found["failed"], found["skipped"], found["status"]) == (1, 0, 0, 2)
    assert signals == [signal.SIGINT]


def test_only_files_with_tests_marked_gpu_are_imported(tmp_path):
    tests = tmp_path / "tests" / "inside"
    tests.mkdir(parents=True)
    (tests / "test_a.py").write_text("import pytest\n@pytest.mark.gpu\ndef test(): pass\n")
    (tests / "test_b.py").write_text("import hypothesis\n")
    assert marked_tests.marked(tmp_path) == [tests / "test_a.py"]
    assert Path(__file__) not in marked_tests.marked() != []


STUBBORN = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1, 60])  # the first signal comes while it is being ended, or runs
def test_two_signals_leave_no_stubborn_command_behind(module, monkeypatch, tmp_path, seconds):
    said = tmp_path / "said"
    monkeypatch.setattr(children, "_GRACE", 4.0)
    before = signal.getsignal(signal.SIGTERM)

    def send() -> None:
        wait_until(lambda: said.exists() and said.read_text())
        for _ in range(2):
            time.sleep(1.5)
            os.kill(os.getpid(), signal.SIGTERM)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(Interrupted) as stopped:
        children.run(module(STUBBORN), said, seconds=seconds)
    sender.join()
    assert stopped.value.number == signal.SIGTERM and signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)


def test_after_a_command_that_cannot_be_started_signals_do_what_they_did(monkeypatch):
    handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in handled]
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    for start in (lambda: children.run("any", seconds=1), lambda: call("any")):
        with pytest.raises(FileNotFoundError):
            start()
        assert [signal.getsignal(number) for number in handled] == before


def test_what_this_process_ignores_it_goes_on_to_ignore(module):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as of nohup
    try:
        name = module("import os, signal, time; time.sleep(0.5); os.kill(os.getppid(), signal.SIGHUP)")
        assert children.run(name, seconds=30) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
