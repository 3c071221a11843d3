"""The tests marked gpu."""

from __future__ import annotations

import re
import signal
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from experiments.gpu_check import children

ROOT = Path(__file__).resolve().parents[2]
_MARK = re.compile(r"^\s*@pytest\.mark\.gpu|^\w+ = .*pytest\.mark\.gpu", re.MULTILINE)


def marked(root: Path = ROOT) -> list[Path]:
    """The test files with tests marked gpu. Others are not imported: they may need packages that are not there."""
    files = sorted((root / "tests").rglob("test_*.py"))
    return [path for path in files if _MARK.search(path.read_text(encoding="utf-8"))]


def run(seconds: float, report: Path, files: list[Path] | None = None) -> dict[str, Any]:
    """Run them.

    Args:
        seconds: after which they are stopped.
        report: JUnit XML file to write.
        files: of tests; those of this checkout by default.

    Returns:
        "status" of pytest, numbers of tests that "passed", "failed", were "skipped", and the "failures": name and first
        line of each.
    """
    report.unlink(missing_ok=True)
    paths = marked() if files is None else files
    options = ("-v", "-m", "gpu", "-p", "no:cacheprovider", f"--junitxml={report}")
    # Interrupted as by Ctrl-C, pytest still writes its report.
    status = children.run("pytest", *options, *paths, seconds=seconds, stop=signal.SIGINT) if paths else 5
    found: dict[str, Any] = {"status": status, "passed": 0, "failed": 0, "skipped": 0, "failures": []}
    if report.is_file():
        try:
            cases = ET.parse(report).iter("testcase")
        except ET.ParseError as error:  # killed while it was written
            return found | {"failures": [f"{report}: {error}"]}
        for case in cases:
            if not case.get("name"):  # it was interrupted
                continue
            bad = [child for child in case if child.tag in ("failure", "error")]
            skipped = any(child.tag == "skipped" for child in case)
            found["failed" if bad else "skipped" if skipped else "passed"] += 1
            first = (bad[0].get("message") or "").partition("\n")[0] if bad else ""
            found["failures"] += [f"{case.get('name')}: {first}"] if bad else []
    return found
