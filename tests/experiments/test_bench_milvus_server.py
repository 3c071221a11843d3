"""The end of a server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from experiments.bench.milvus_server import end

SLOW = """import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep({}), sys.exit(3)))
print("up", flush=True)
while True:
    time.sleep(0.1)
"""


@pytest.mark.parametrize(("seconds", "patience", "status"), [(1.5, 60, 3), (600, 0.2, -9)])
def test_a_slow_process_may_end_in_its_own_time_and_a_stuck_one_is_killed(seconds, patience, status):
    process = subprocess.Popen([sys.executable, "-c", SLOW.format(seconds)], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    end(process, patience)
    assert process.returncode == status
    process.stdout.close()
