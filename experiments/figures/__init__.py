"""Figures of trained runs, drawn to runs/figures/."""

from pathlib import Path

DRAWN = Path("runs/figures")
