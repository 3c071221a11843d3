"""Provenance of results: git commit, command, versions of packages, machine."""

from __future__ import annotations

import contextlib
import platform
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import torch

PACKAGES = ("torch", "facenet-pytorch", "gensim", "numpy", "pillow", "scikit-learn")
_DESCRIBED = re.compile(r"([0-9a-f]{40})(-dirty)?")


def git_state() -> dict[str, object]:
    """The commit of the checkout this package is imported from, and whether its code has uncommitted changes.

    Files that are generated from records (results/, README.md, the header lines of configurations) do not count as
    changes, and neither do configurations: a record holds its configuration itself.

    Where git does not know the checkout, a file COMMIT in its root is believed, which `make gpu-commit` writes before
    the code is copied to a machine without git. A change after the copying is not seen then.

    Returns:
        "commit": the hash, "dirty": bool. Both are None outside a git checkout and without that file.
    """
    here = Path(__file__).resolve().parents[2]
    code = ["encoded_text", "encoded_sound", "single_net", "experiments/*.py", "pyproject.toml"]
    if _git(here, "ls-files", "--error-unmatch", "single_net/common/provenance.py") is None:
        return _copied_state(here / "COMMIT")  # a copy, or installed, perhaps inside a checkout of something else
    commit = _git(here, "rev-parse", "HEAD")
    changed = _git(here, "status", "--porcelain", "--", *code)
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _copied_state(path: Path) -> dict[str, object]:
    try:
        found = _DESCRIBED.fullmatch(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        found = None
    return {"commit": found and found[1], "dirty": None if found is None else found[2] is not None}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=30)
    except (FileNotFoundError, subprocess.TimeoutExpired):  # no git on this machine, or none that answers
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that results depend on, by name; without those not installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):  # gensim, where the encoder was fitted elsewhere
            found[name] = metadata.version(name)
    return found


def command() -> str:
    """The command line as typed, quoted for a shell, with the name of the module instead of its path."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    program = f"python -m {spec.name.removesuffix('.__main__')}" if spec else Path(sys.argv[0]).name
    return shlex.join([*program.split(), *sys.argv[1:]])


def describe_device(device: torch.device) -> str:
    """The name of the GPU, or of the CPU with the number of threads: "cpu: AMD EPYC, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"cpu: {_cpu_name()}, {threads} thread{'s' if threads > 1 else ''}"


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
