"""How threads wait, as torch's OpenMP understands it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from blas_threads import blas_threads
from threadpoolctl import threadpool_limits

from encoded_text.common.threads import one_blas_thread

COMMAND = "from encoded_text.common.errors import run_command\nrun_command(lambda: __import__('torch'))"
# Of torch only its OpenMP, which reads its settings as it is loaded: all of torch takes seconds.
OPENMP = (
    "import ctypes, importlib.util, pathlib\n"
    "from encoded_text.common.errors import run_command\n"
    "folder = pathlib.Path(importlib.util.find_spec('torch').origin).parent / 'lib'\n"
    "run_command(lambda: [ctypes.CDLL(str(path)) for path in folder.glob('libgomp*')])"
)
EXPERIMENT = "import sys, experiments\nassert 'torch' not in sys.modules\nimport torch"
SPIN_BRIEFLY = ("PASSIVE", "5000")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' OpenMP does not show its settings in this form")
@pytest.mark.parametrize(
    ("program", "given", "used"),
    [
        (COMMAND, {}, SPIN_BRIEFLY),
        (EXPERIMENT, {}, SPIN_BRIEFLY),
        (OPENMP, {"OMP_WAIT_POLICY": "passive"}, ("PASSIVE", "0")),
        (OPENMP, {"OMP_WAIT_POLICY": "active"}, ("ACTIVE", "30000000000")),
        (OPENMP, {"GOMP_SPINCOUNT": "7"}, ("PASSIVE", "7")),
        (OPENMP, dict(zip(("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"), SPIN_BRIEFLY, strict=True)), SPIN_BRIEFLY),
    ],
)
def test_waiting_threads_spin_briefly_unless_the_user_says_otherwise(program, given, used):
    kept = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    environment = kept | {"OMP_DISPLAY_ENV": "verbose", **given}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    shown = dict(re.findall(r"(OMP_WAIT_POLICY|GOMP_SPINCOUNT) = '(\w+)'", done.stderr))
    assert (shown["OMP_WAIT_POLICY"], shown["GOMP_SPINCOUNT"]) == used


def test_numpy_takes_one_thread_from_then_on():
    with threadpool_limits(2, user_api="blas"):  # restores what was before
        assert blas_threads() == {2}
        one_blas_thread()
        assert blas_threads() == {1}
