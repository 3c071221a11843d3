"""A Python that has only some of the installed packages, as a machine may have on which nothing can be installed."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

# On a machine where only a GPU build of torch and what is usual beside it are installed.
THERE = [
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "scikit-learn",
    "safetensors",
    "matplotlib",
    "tqdm",
    "pytest",
    "pillow",
]
GPU_CHECK_WHEELS = Path(__file__).resolve().parents[1] / "experiments" / "gpu_check" / "wheels.txt"
WHEELS = re.findall(r"^[\w-]+", GPU_CHECK_WHEELS.read_text(), re.MULTILINE)  # brought along

_HOOK = """import sys

class Visible:
    def __init__(self, finders):
        self.finders = finders

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            return None
        return next((spec for f in self.finders if (spec := f.find_spec(name, path, target))), None)

    def invalidate_caches(self):
        for finder in self.finders:
            getattr(finder, "invalidate_caches", int)()

    def find_distributions(self, *arguments, **named):
        for finder in self.finders:
            if hasattr(finder, "find_distributions"):
                for found in finder.find_distributions(*arguments, **named):
                    if found.metadata["Name"].lower().replace("_", "-").replace(".", "-") not in {hidden!r}:
                        yield found

sys.meta_path[:] = [Visible(list(sys.meta_path))]
"""


def closure(names: list[str]) -> set[str]:
    """Distributions and all that they require, by their normalized names."""
    found: set[str] = set()
    waiting = [_normal(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system or Python
        waiting += [_normal(re.split(r"[^\w.-]", line)[0]) for line in required if "extra ==" not in line]
    return found


def hook(folder: Path, names: list[str]) -> dict[str, str]:
    """Write a hook that hides every package but `names` and what they require.

    Returns:
        The environment variables under which Python, and what it starts, has the hook.
    """
    allowed = closure([*names, "pip", "setuptools"])
    of_module = metadata.packages_distributions()
    blocked = {module for module, owners in of_module.items() if not allowed & set(map(_normal, owners))}
    own = {"encoded_text", "encoded_sound", "single_net", "experiments", "tests"}
    installed = {_normal(found.name) for found in metadata.distributions()}
    hidden = installed - allowed - {"single-net"}
    (folder / "sitecustomize.py").write_text(_HOOK.format(blocked=blocked - own, hidden=hidden))
    return {"PYTHONPATH": str(folder)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
